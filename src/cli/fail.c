/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "cli/output.h"

static json_t *lines_of(const char *text)
{
	json_t *lines = json_array();

	while (text != NULL) {
		const char *end = strchr(text, '\n');

		json_array_append_new(
			lines,
			json_stringn(text, end == NULL ? strlen(text) : (size_t)(end - text)));
		text = end == NULL ? NULL : end + 1;
	}
	return lines;
}

int cli_fail(const struct cli_options *options, int status, const char *format, ...)
{
	char *made = NULL;
	const char *text;
	va_list args;
	int n;

	if (options->is_silent)
		return status;
	va_start(args, format);
	n = vasprintf(&made, format, args);
	va_end(args);
	text = n >= 0 ? made : "out of memory";
	cli_error("%s", text);
	if (options->is_json) {
		json_t *answer = json_pack("{s:b, s:s, s:o}", "ok", 0, "error", text, "errors",
					   lines_of(text));

		cli_output_result(options, answer);
		json_decref(answer);
	}
	if (n >= 0)
		free(made);
	return status;
}
