/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/judge.h - which hop lies, by comparing what all have answered.
 *
 * Answers in, findings out: it asks nobody and reads no clock. One thread. */
#pragma once

#include <stddef.h>

#include "doctor/finding.h"
#include "doctor/hop.h"

/* Returns the registry that the others are compared with: of those that answer with authority, the
 * one with the newest serial; or NULL. */
const struct doctor_hop *doctor_judge_reference(const struct doctor_hop *registries, size_t n);

/* Judges a registry. `reference` may be itself, or NULL. */
void doctor_judge_registry(struct doctor_findings *f, const struct doctor_subject *s,
			   const struct doctor_hop *h, const struct doctor_hop *reference);

/* Judges a resolver; without a reference only whether it answers. */
void doctor_judge_resolver(struct doctor_findings *f, const struct doctor_subject *s,
			   const struct doctor_hop *h, const struct doctor_hop *reference);
