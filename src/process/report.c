/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "process/report.h"

#include <stdio.h>
#include <string.h>

enum { WHY_MAX = 2 * BASE_ERROR_TEXT_MAX }; /* a sentence, with its quotes escaped */

void process_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	char why[WHY_MAX], line[16] = "";

	(void)arg;
	if (error->at.line > 0)
		snprintf(line, sizeof(line), ":%u", error->at.line);
	base_log(level, "config", "file-%s at=%s%s why=%s", base_log_level_to_text(level),
		 error->at.file, line, base_log_quote(why, sizeof(why), error->text));
}

int process_report_failure(const char *what, int ret)
{
	base_log(BASE_LOG_ERROR, "start", "start-failed what=\"%s\" error=\"%s\"", what,
		 strerror(-ret));
	return -1;
}

int process_report_error(const struct base_error *error)
{
	char why[WHY_MAX];

	base_log(BASE_LOG_ERROR, "start", "start-failed%s%s why=%s",
		 error->at.file != NULL ? " at=" : "", error->at.file != NULL ? error->at.file : "",
		 base_log_quote(why, sizeof(why), error->text));
	return -1;
}
