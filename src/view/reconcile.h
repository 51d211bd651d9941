/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/reconcile.h - the service view of a whole zone: at start, when its rule has changed, when a
 * reverse zone was loaded, when the zone goes.
 *
 * Only the registrar thread may call these functions. */
#pragma once

#include "view/pass.h"

struct zone_cursor;
struct zone_snapshot;

/* A reconciliation in steps, each of which may be in a batch of its own. */
struct view_reconciling {
	struct view_rule rule;
	uint32_t ttl_before_s;
	const struct zone_snapshot *snapshot;
	enum {
		VIEW_RECONCILE_BEGIN,
		VIEW_RECONCILE_SUBTYPES,
		VIEW_RECONCILE_INSTANCES,
		VIEW_RECONCILE_TYPES,
		VIEW_RECONCILE_END,
	} stage;
	struct zone_cursor *cursor;
	uint8_t last[DNS_NAME_MAX]; /* owner that the walk has seen last */
	struct undo_names types;    /* with SRVs of their own; pruned up to this offset: */
	size_t types_at;
};

/* Begins the pass, reads the whole of `snapshot`, fills the tables that are not on disk, and makes
 * the records derived from its instances agree. A PTR to an instance that does not exist may be a
 * client's and stays; view_check_run reports it. `draft` begins from that snapshot; `ttl_before_s`
 * is the TTL of the rule that made the records so far. Returns 0, or a negative errno, after which
 * the batch is to be undone. */
int view_reconcile(struct view_pass *p, const struct view_rule *rule, uint32_t ttl_before_s,
		   const struct zone_snapshot *snapshot, struct zone_draft *draft);

/* Begins to do what view_reconcile does in steps. `snapshot` must be readable until
 * view_reconcile_end. */
void view_reconcile_begin(struct view_reconciling *w, const struct view_rule *rule,
			  uint32_t ttl_before_s, const struct zone_snapshot *snapshot);

/* Does one step, of at most `nrecords` of the zone, in `draft`, which begins from `snapshot` or
 * from what earlier steps have made of it: nobody else may change the zone or its view before the
 * last step. Returns 1 if there are more steps, 0 after the last one, or a negative errno, after
 * which the batch is to be undone and the reconciliation ended. */
int view_reconcile_step(struct view_reconciling *w, struct view_pass *p, struct zone_draft *draft,
			size_t nrecords);

/* Frees what the steps need. */
void view_reconcile_end(struct view_reconciling *w);

/* Begins the pass and makes the reverse PTRs of all live instances of the draft's zone agree, after
 * a reverse zone has changed. Returns 0, or a negative errno, after which the batch is to be
 * undone. */
int view_reconcile_reverse(struct view_pass *p, const struct view_rule *rule,
			   struct zone_draft *draft);

/* Forgets all of a zone. Returns 0 or -ENOMEM; the change belongs to the batch. */
int view_reconcile_forget(struct view *v, const uint8_t *zone);
