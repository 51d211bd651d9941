/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/hold.h - a large change of one zone that another thread prepares.
 *
 * 1. The registrar begins a draft of the zone: registry_hold_begin.
 * 2. The preparer, a thread of its own, changes the draft, seals it (registry_hold_seal) and lets
 *    go of it. Meanwhile the registrar works on all other zones, and sets aside the updates of this
 *    one (registry/round.h).
 * 3. The registrar takes the draft into a batch of its own (registry_batch_adopt), or drops it.
 *
 * What cannot be set aside and needs the zone, an operator's drain for one, takes the zone back: it
 * waits until the preparer has let go, which is asked to hurry, and the prepared draft is lost. At
 * most one zone is held at a time. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zone/changeset.h"

struct zone;
struct zone_draft;

struct registry_hold {
	/* registrar only */
	const struct zone *zone;    /* NULL: no zone is held */
	const struct zone *derived; /* is set aside, too, while its view is reconciled in steps */
	uint64_t nended;	    /* how often a zone has ceased to be set aside */

	/* the preparer's until it lets go, then the registrar's */
	struct zone_draft *draft;
	struct zone_changeset changes; /* once sealed; valid if is_changed */
	bool is_sealed, is_changed;

	/* any thread, atomic */
	_Atomic bool is_wanted_back; /* the registrar waits until the preparer lets go */

	/* under lock */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_busy; /* the preparer has the draft */
};

/* Makes a hold without a zone. */
void registry_hold_init(struct registry_hold *h);

/* Frees what the hold has; no zone may be held. */
void registry_hold_fini(struct registry_hold *h);

/* Begins a draft of `zone`, which is the preparer's from now on. Returns 0, -EBUSY if a zone is
 * held already, or -ENOMEM. Registrar's thread, between batches. */
int registry_hold_begin(struct registry_hold *h, struct zone *zone);

/* Seals the draft (zone_draft_seal). Returns 0, or -ENOMEM, after which the draft must be dropped.
 * The preparer. */
int registry_hold_seal(struct registry_hold *h);

/* Hands the draft back, for registry_hold_take or registry_hold_take_back. The preparer. */
void registry_hold_let_go(struct registry_hold *h);

/* Ends the hold, whose preparer has let go. Returns the draft, which is the caller's, or NULL if it
 * was taken back. Registrar's thread. */
struct zone_draft *registry_hold_take(struct registry_hold *h);

/* If `zone` is held, waits until the preparer has let go, drops the draft and ends the hold.
 * Registrar's thread. */
void registry_hold_take_back(struct registry_hold *h, const struct zone *zone);

/* Returns whether updates of `zone` are set aside. Registrar's thread. */
static inline bool registry_hold_has(const struct registry_hold *h, const struct zone *zone)
{
	return zone != NULL && (zone == h->zone || zone == h->derived);
}
