/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fleet/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "cli/output.h"

int fleet_fail(const struct cli_options *options, int status, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int n;

	if (options->is_silent)
		return status;
	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	cli_error("%s", n >= 0 ? text : "out of memory");
	if (options->is_json && n >= 0) {
		json_t *answer =
			json_pack("{s:b, s:s, s:[s]}", "ok", 0, "error", text, "errors", text);

		cli_output_result(options, answer);
		json_decref(answer);
	}
	if (n >= 0)
		free(text);
	return status;
}
