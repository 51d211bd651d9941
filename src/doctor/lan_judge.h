/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/lan_judge.h - how what the local link answers differs from the registry.
 *
 * Answers in, findings out. A service on the link need not be one of the domain: only an instance
 * with the same `id=` is known to be the same, and can be a fault. One thread. */
#pragma once

#include "doctor/finding.h"
#include "doctor/lan.h"
#include "doctor/target.h"

/* The name of this hop. */
extern const char doctor_lan_label[];

/* Compares with the reference, which may be NULL, and the addresses of its targets. */
void doctor_lan_judge(struct doctor_findings *f, const struct doctor_lan *l,
		      const struct doctor_subject *s, const struct doctor_hop *reference,
		      const struct doctor_target *targets, size_t ntargets);
