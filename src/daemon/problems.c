/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "daemon/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/report.h"

/* Adds a text that is from malloc. */
static void add(struct daemon_problems *p, char *take)
{
	size_t n = strlen(take);
	char *lines = realloc(p->lines, p->nbytes + n + 2);

	if (lines != NULL) {
		p->lines = lines;
		if (p->nbytes > 0)
			lines[p->nbytes++] = '\n';
		memcpy(lines + p->nbytes, take, n + 1);
		p->nbytes += n;
	}
	free(take);
}

void daemon_problems_line(struct daemon_problems *p, const char *format, ...)
{
	va_list args;
	char *text;
	int ret;

	va_start(args, format);
	ret = vasprintf(&text, format, args);
	va_end(args);
	if (ret >= 0)
		add(p, text);
}

void daemon_problems_add(void *problems, enum base_log_level level, const struct base_error *error)
{
	const char *what = level == BASE_LOG_ERROR ? "" : "warning: ";

	daemon_report(NULL, level, error);
	if (error->at.line > 0)
		daemon_problems_line(problems, "%s:%u: %s%s", error->at.file, error->at.line, what,
				     error->text);
	else
		daemon_problems_line(problems, "%s: %s%s", error->at.file, what, error->text);
}

void daemon_problems_fini(struct daemon_problems *p)
{
	free(p->lines);
	*p = (struct daemon_problems){.nbytes = 0};
}
