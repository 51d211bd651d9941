/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agentd/report.h"

#include <stdio.h>

void agentd_report_plain(void *arg, enum base_log_level level, const struct base_error *error)
{
	char line[16] = "";

	(void)arg;
	if (error->at.line > 0)
		snprintf(line, sizeof(line), "%u:", error->at.line);
	fprintf(stderr, "%s:%s %s%s\n", error->at.file, line,
		level == BASE_LOG_WARNING ? "warning: " : "", error->text);
}
