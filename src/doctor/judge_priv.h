/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/judge_priv.h - what the files that judge a server share: judge.c the server as a whole,
 * judge_question.c its answer to one question about the name. One thread. */
#pragma once

#include <stddef.h>

#include "doctor/finding.h"
#include "doctor/hop.h"

/* One server that is judged. */
struct doctor_judged {
	struct doctor_findings *f;
	const struct doctor_subject *s;
	const struct doctor_hop *h, *reference; /* `reference` may be NULL */
};

/* Judges a rcode that is neither NOERROR nor NXDOMAIN. */
void doctor_judge_rcode(const struct doctor_judged *j, const struct doctor_view *v);

/* Judges the answer to question `i` of the subject, by the one of the reference. */
void doctor_judge_question(const struct doctor_judged *j, size_t i);
