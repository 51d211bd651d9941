/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <stdio.h>
#include <string.h>

void kit_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct kit_reports *reports = arg;
	size_t used = strlen(reports->text);

	(void)level;
	reports->count++;
	snprintf(reports->text + used, sizeof(reports->text) - used, "%s: %s\n", error->at.file,
		 error->text);
}
