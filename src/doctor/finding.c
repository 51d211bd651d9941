/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct doctor_finding *doctor_finding_add(struct doctor_findings *f, enum doctor_severity severity,
					  const char *code, const char *where, const char *format,
					  ...)
{
	struct doctor_finding new = {.severity = severity, .code = code};
	va_list args;

	snprintf(new.where, sizeof(new.where), "%s", where);
	va_start(args, format);
	vsnprintf(new.text, sizeof(new.text), format, args);
	va_end(args);
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->all[i].code, code) == 0 && strcmp(f->all[i].where, new.where) == 0 &&
		    strcmp(f->all[i].text, new.text) == 0)
			return &f->all[i];
	if (f->n == DOCTOR_FINDINGS_MAX)
		return &f->all[f->n - 1];
	f->all[f->n] = new;
	return &f->all[f->n++];
}

void doctor_finding_mend(struct doctor_finding *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(f->mend, sizeof(f->mend), format, args);
	va_end(args);
}

bool doctor_finding_has(const struct doctor_findings *f, const char *where, const char *code)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->all[i].where, where) == 0 && strcmp(f->all[i].code, code) == 0)
			return true;
	return false;
}

bool doctor_finding_is_fault(const struct doctor_findings *f, const char *where)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->all[i].severity == DOCTOR_FAULT &&
		    (where == NULL || strcmp(f->all[i].where, where) == 0))
			return true;
	return false;
}
