/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/waiting.h - live instances that a type or subtype has no room for, and types that the list
 * of types has no room for.
 *
 * Only the pair (owner of the PTRs, waiting name) is stored. The names are found by scanning the
 * live instances: a type with more instances than fit an answer is rare, and the others need not
 * pay memory for it. Only the registrar thread may touch it. */
#pragma once

#include "view/view.h"

/* Returns whether `name` waits for room at `owner`. */
bool view_waiting_has(const struct view *v, const uint8_t *owner, const uint8_t *name);

/* Returns how many names wait for room at `owner`. */
uint32_t view_waiting_count(const struct view *v, const uint8_t *owner);

/* Makes `name` wait for room at `owner`. Returns 0 or -ENOMEM. */
int view_waiting_add(struct view *v, const uint8_t *owner, const uint8_t *name);

/* Ends the waiting of `name` if it waits. Returns 0 or -ENOMEM. */
int view_waiting_remove(struct view *v, const uint8_t *owner, const uint8_t *name);

/* Calls `each` with the live instances of `zone` that wait at `owner`, until it returns something
 * other than 0. Returns that, or 0. */
int view_waiting_each(const struct view *v, const uint8_t *zone, const uint8_t *owner,
		      int (*each)(void *arg, const uint8_t *instance), void *arg);

/* Finds one instance that waits at `owner` and writes its name to `out`. Returns 1, 0 if there is
 * none, or -ENOMEM. */
int view_waiting_next(struct view *v, const uint8_t *zone, const uint8_t *owner,
		      uint8_t out[static DNS_NAME_MAX]);
