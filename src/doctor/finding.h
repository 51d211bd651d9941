/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/finding.h - what was found: which hop is at fault, how, and how to mend it. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum doctor_severity {
	DOCTOR_NOTE,  /* worth to know; nobody gets a wrong answer */
	DOCTOR_FAULT, /* the hop lies or fails */
};

struct doctor_finding {
	enum doctor_severity severity;
	const char *code; /* one word for programs, a constant */
	char where[96];	  /* the hop, "resolver 127.0.0.53@53" */
	char text[640];	  /* what it does, after its name: "answers 3 of 5 SRV records" */
	char mend[320];	  /* what to do; "": nothing */
};

enum { DOCTOR_FINDINGS_MAX = 64 }; /* others are not recorded */

struct doctor_findings {
	struct doctor_finding all[DOCTOR_FINDINGS_MAX];
	size_t n;
};

/* Adds a finding with this text, unless there is one with the same code and text about the same
 * hop. Returns the finding; of more than DOCTOR_FINDINGS_MAX, the last. */
struct doctor_finding *doctor_finding_add(struct doctor_findings *f, enum doctor_severity severity,
					  const char *code, const char *where, const char *format,
					  ...) __attribute__((format(printf, 5, 6)));

/* Sets how to mend it. */
void doctor_finding_mend(struct doctor_finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Returns whether a finding with this code is about the hop. */
bool doctor_finding_has(const struct doctor_findings *f, const char *where, const char *code);

/* Returns whether a fault is about the hop; NULL: about any. */
bool doctor_finding_is_fault(const struct doctor_findings *f, const char *where);
