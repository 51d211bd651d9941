/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/check.h - compares the service view of a zone with what its instances imply: `weft zone
 * check`.
 *
 * 1. registry_check_take, in the registrar's thread between batches, takes what only that may read:
 *    marks, subtypes and owners of the zone. The versions of the zone and of the reverse zones are
 *    pinned.
 * 2. registry_check_run derives the view anew (view/check.h) in another thread, from copies of
 *    these versions, and compares.
 *
 * So a check of a large zone holds the registrar for the first step only. */
#pragma once

#include "view/check.h"

struct registry_check;
struct registry_registrar;
struct zone;

/* Takes what a check of `zone` needs; `rule` is that of its view. Returns NULL if memory is short
 * or the zone has no version; otherwise the caller ends the check with registry_check_free.
 * Registrar's thread, or before that is started. The zone and the reverse zones must outlive the
 * check. */
struct registry_check *registry_check_take(struct registry_registrar *r, struct zone *zone,
					   const struct view_rule *rule);

/* Returns the version of the zone that is checked, readable as long as the check. */
const struct zone_snapshot *registry_check_snapshot(const struct registry_check *c);

/* Calls `on_difference` for each wrong record of the zone and of reverse zones. Returns 0 or a
 * negative errno. Any thread, registered with RCU or not; once. */
int registry_check_run(struct registry_check *c, view_difference_fn on_difference, void *arg);

/* Calls `each` for every instance that is not live for want of an address, after
 * registry_check_run. The same thread. */
void registry_check_unaddressed(const struct registry_check *c, view_unaddressed_fn each,
				void *arg);

/* Ends the check. NULL is fine. Any thread that is offline (base/rcu.h). */
void registry_check_free(struct registry_check *c);
