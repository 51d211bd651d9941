/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/apply.h - the update section is applied to the draft, in order (RFC 2136 section 3.4.2).
 * Records that are removed leave their leases, and the view learns of them. */
#pragma once

struct update;

/* Applies the records and counts in each, and in the result, what it changed. Only a lack of memory
 * stops it: returns 0, or -ENOMEM with the draft in between. */
int update_apply(struct update *u);
