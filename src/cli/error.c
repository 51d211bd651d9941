/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/error.h"

#include <stdarg.h>
#include <stdio.h>

static bool is_keeping;
static json_t *kept;

void cli_error_keep(bool is_kept)
{
	is_keeping = is_kept;
}

json_t *cli_error_kept(void)
{
	return kept;
}

static void keep(const char *format, va_list args)
{
	json_t *text;

	if (kept == NULL)
		kept = json_array();
	text = json_vsprintf(format, args);
	json_array_append_new(kept, text != NULL ? text : json_string("a text that is not UTF-8"));
}

void cli_error(const char *format, ...)
{
	va_list args;

	if (is_keeping) {
		va_start(args, format);
		keep(format, args);
		va_end(args);
	}
	fputs("weft: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void cli_error_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	if (level == BASE_LOG_ERROR && error->at.line > 0)
		cli_error("%s:%u: %s", error->at.file, error->at.line, error->text);
	else if (level == BASE_LOG_ERROR)
		cli_error("%s: %s", error->at.file, error->text);
}

void cli_error_ignore(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	(void)level;
	(void)error;
}
