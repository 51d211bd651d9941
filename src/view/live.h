/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/live.h - whether an instance is live, and all records that depend on it.
 *
 * Works on the draft of the pass. Only the registrar thread may call these functions. */
#pragma once

#include "view/pass.h"

/* Returns whether an instance is registered, not drained, and has no state other than up: it lacks
 * nothing but, perhaps, an address. */
bool view_live_is_ready(const struct view_pass *p, const uint8_t *instance);

/* Returns whether an instance is ready and has an SRV whose target has an address: it is live
 * unless it is withdrawn as suspect. */
bool view_live_is_up(const struct view_pass *p, const uint8_t *instance);

/* Adds all records derived from an instance, or, unless `is_live`, removes them: its PTRs at type
 * and subtypes, its SRVs at the type, its references to nodes. Returns 0 or a negative errno. */
int view_live_set(struct view_pass *p, const uint8_t *instance, bool is_live);

/* Returns how many records are derived from an instance beside the PTR at its type, at most: at its
 * subtypes, and of its SRVs. */
unsigned view_live_derived(const struct view_pass *p, const uint8_t *instance);

/* Returns the looks (base/budget.h) that view_live_set takes for an instance that changes. */
uint64_t view_live_looks(const struct view_pass *p, const uint8_t *instance);

/* Adds the PTR at one subtype, if the instance has that subtype and is live; else removes it.
 * Returns 0 or a negative errno. */
int view_live_point(struct view_pass *p, const uint8_t *owner, const uint8_t *instance);
