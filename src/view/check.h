/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/check.h - compares the service view of a zone with what its instances imply: `weft zone
 * check`.
 *
 * Makes the view again from a version in a view of its own, so that the tables in use are compared
 * too. */
#pragma once

#include "view/view.h"

struct zone_snapshot;

/* Is called with a derived record that is missing from the zone, or that nothing implies. */
typedef void (*view_difference_fn)(void *arg, bool is_missing, const struct dns_record *record);

/* Makes a view `fresh` with the marks, subtypes and drained nodes of a zone, which are not found in
 * a version. Returns 0, or -ENOMEM; view_fini is due in either case. Only the registrar thread may
 * call it. */
int view_check_copy(struct view *fresh, const struct view *v, const uint8_t *zone);

/* Calls `on_difference` for each wrong record of the zone and of reverse zones, those of `fresh`.
 * The caller has set the functions of `fresh`, which is good only for view_fini afterwards. `draft`
 * begins from `snapshot`; it and the drafts of reverse zones can only be aborted afterwards.
 * Returns 0 or a negative errno. The writer of the drafts. */
int view_check_run(struct view *fresh, const struct view_rule *rule,
		   const struct zone_snapshot *snapshot, struct zone_draft *draft,
		   view_difference_fn on_difference, void *arg);

/* Is called with an instance that is not live because no target of its SRVs has an address, and one
 * of these targets. */
typedef void (*view_unaddressed_fn)(void *arg, const uint8_t *instance, const uint8_t *target);

/* Calls `each` for every such instance of a zone, after view_check_run. Any thread. */
void view_check_unaddressed(const struct view *fresh, const uint8_t *zone, view_unaddressed_fn each,
			    void *arg);
