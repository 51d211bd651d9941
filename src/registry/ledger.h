/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/ledger.h - what the registrar keeps beside the zones' records: who owns which name,
 * which leases run, and the lease clock.
 *
 * All of it becomes durable as notes of the store, in the same commit as the records that it
 * belongs to; only the time of a lease that was refreshed and nothing else follows a tick later,
 * many with one sync. Only the registrar thread may touch it, and main before that runs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/lease.h"
#include "undo/table.h"
#include "view/view.h"

struct store_item;
struct zone;
struct zone_draft;

enum { REGISTRY_TICK_MS = 100 }; /* leases end, and refreshes become durable, at this pace */

/* The service view of a zone. */
struct registry_ledger_view {
	struct zone *zone;
	struct view_rule rule;
};

struct registry_ledger {
	struct undo_table owners; /* content: the wire name of the key */
	struct ledger_leases leases;
	struct view services;
	uint64_t clock_ms;	 /* the lease clock when it was started */
	uint64_t started_ms;	 /* the steady clock then */
	uint64_t clock_noted_ms; /* the lease clock as it is on disk */
	struct registry_ledger_view
		*views; /* of the zones that have a service view, in order of the pointers */
	size_t nviews;
	struct store_item *notes; /* of the commit in hand */
	size_t nnotes, notes_room;
	uint8_t *bytes;
	size_t nbytes, bytes_room;
	size_t nflushed; /* of the dirty leases, how many are in it */
};

int registry_ledger_init(struct registry_ledger *g, uint64_t seed);
void registry_ledger_fini(struct registry_ledger *g);

/* Lease clock for a time of the steady clock. */
uint64_t registry_ledger_now(const struct registry_ledger *g, uint64_t steady_ms);

/* The key that owns a name, NULL if none does. Good until the name's next change. */
const uint8_t *registry_ledger_owner(const struct registry_ledger *g, const uint8_t *zone,
				     const uint8_t *name);

/* Makes `key` the owner; NULL: nobody. 0 or -ENOMEM. */
int registry_ledger_own(struct registry_ledger *g, const uint8_t *zone, const uint8_t *name,
			const uint8_t *key);

/* The name has lost records in `draft`: it is free again when none is left and no key lease keeps
 * it. 0 or -ENOMEM. */
int registry_ledger_release_if_empty(struct registry_ledger *g, struct zone_draft *draft,
				     const uint8_t *name);

/* Ends a lease, with what it owns. Returns how many records went from `draft`, or -ENOMEM. */
int registry_ledger_expire(struct registry_ledger *g, struct ledger_lease *lease,
			   struct zone_draft *draft);

/* All notes that the batch makes, with `is_tick` those of refreshed leases and of the clock, and
 * `more`, a note of somebody else's (or NULL). They are good until the next call; 0 or -ENOMEM. */
int registry_ledger_items(struct registry_ledger *g, uint64_t now_ms, bool is_tick,
			  const struct store_item *more, const struct store_item **notes,
			  size_t *count);

/* Ends the batch, whose notes are durable, or which never was. */
void registry_ledger_commit(struct registry_ledger *g, uint64_t now_ms);
void registry_ledger_undo(struct registry_ledger *g);

/* When the next tick has something to do: lease clock; UINT64_MAX if nothing waits. */
uint64_t registry_ledger_next(const struct registry_ledger *g);

/* ---- after a restart ---- */

/* Takes a note of the store; those of other kinds are passed over. 0, -ENOMEM, or -EBADMSG. */
int registry_ledger_read(struct registry_ledger *g, const struct store_item *note);

/* Starts the clock where it stood, when all notes have been read. */
void registry_ledger_start(struct registry_ledger *g, uint64_t steady_ms);

/* Says which zone has that name, and its rule. False if none is hosted now. */
typedef bool (*registry_ledger_zone_fn)(void *arg, const uint8_t *name, struct zone **zone,
					const struct ledger_lease_rule **rule);

/* Leases of zones that are hosted now run, those of zones that were not before with what they had
 * left and the rule's grace; those of parked zones stand still. At the start, and when zones came
 * or went. 0 or -ENOMEM. */
int registry_ledger_reconcile(struct registry_ledger *g, registry_ledger_zone_fn find, void *arg,
			      uint64_t now_ms);

/* Takes `views`, malloc'd, in the place of the ones before. */
void registry_ledger_set_views(struct registry_ledger *g, struct registry_ledger_view *views,
			       size_t count);

/* The rule of a hosted zone's service view, NULL if it has none. */
const struct view_rule *registry_ledger_services(const struct registry_ledger *g,
						 const struct zone *zone);

/* Forgets all about a zone. 0 or -ENOMEM; belongs to the batch. */
int registry_ledger_forget(struct registry_ledger *g, const uint8_t *zone);
