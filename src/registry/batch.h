/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/batch.h - changes of any number of zones that become durable and visible together.
 *
 * 1. registry_batch_begin, then registry_batch_draft for each zone to be changed; drafts, ledger
 *    and view are changed.
 * 2. registry_batch_commit seals the drafts, which yields the changesets, and makes them durable
 *    with all items of the state by one call of the store. Committing is the last step that can
 *    fail.
 * 3. registry_batch_publish makes the changes visible and calls the listeners.
 *
 * registry_batch_abort undoes everything until step 3. A batch knows no requests and no thread of
 * its own; only the registrar's thread may touch it, and main before that runs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "ledger/leases.h"
#include "registry/audit.h"
#include "registry/hold.h"
#include "registry/intake.h"
#include "registry/wide.h"
#include "update/bound.h"
#include "view/reconcile.h"
#include "view/view.h"
#include "zone/changeset.h"

struct registry_state;
struct store;
struct store_change;
struct store_item;
struct zone;
struct zone_draft;

/* Is called with each changeset as soon as it is visible, in the registrar's thread. What
 * the arguments point to is valid during the call. */
typedef void (*registry_changed_fn)(void *arg, struct zone *zone,
				    const struct zone_changeset *changes);

/* Returns whether a key (wire name) has been revoked. Is called in the registrar's thread, in an
 * RCU read section, when the turn of a request that it signed has come. */
typedef bool (*registry_revoked_fn)(void *arg, const uint8_t *key);

struct registry_settings {
	struct store *store;
	struct registry_state *state;	      /* the registrar's while it runs; outlives it */
	struct registry_intake_limits limits; /* of requests that wait */
	void (*on_replied)(void *arg);	      /* after the replies of a batch; may be NULL */
	registry_changed_fn on_changed;	      /* may be NULL */
	void (*on_batch)(void *arg);	      /* after each batch; may be NULL */
	registry_revoked_fn is_revoked;	      /* may be NULL */
	void *arg;			      /* of all four */
};

/* What the registrar has done, and what it keeps now. Consists of uint64_t only: base/counter.h. */
struct registry_stats {
	uint64_t updates, batches, failed_batches;
	uint64_t unanswered;		   /* updates: nobody can know whether they were stored */
	uint64_t queue_refused;		   /* updates for which there was no room in the queue */
	uint64_t queue_nbytes;		   /* that wait now */
	uint64_t commit_us_max;		   /* the longest time in store_commit */
	uint64_t commit_began_us; /* steady clock: of the one that is under way; 0: none is */
	uint64_t commit_error;		   /* errno of the last one, if the store has failed */
	struct base_histogram commit;	   /* time in store_commit */
	struct base_histogram queue;	   /* from the arrival of an update until it is applied */
	uint64_t rcode[32];		   /* updates by the RCODE of their answer */
	uint64_t bound[UPDATE_BOUNDS];	   /* updates refused, by the bound that they went over */
	uint64_t nleases, nowners;	   /* now */
	struct ledger_lease_stats leases;
	struct view_stats services; /* now */
};

/* Whether a commit includes what only ticks write: times of refreshed leases, the clock. */
enum registry_batch_kind { REGISTRY_BATCH_UPDATES, REGISTRY_BATCH_TICK };

/* A zone that a batch changes. */
struct registry_batch_zone {
	struct zone *zone;
	struct zone_draft *draft;
	struct zone_changeset changes; /* once sealed; valid if is_changed */
	bool is_sealed, is_changed;
};

struct registry_batch {
	struct registry_settings settings;
	struct registry_batch_zone *zones; /* reverse zones included */
	size_t nzones, zones_capacity;
	struct store_change *changes;
	size_t changes_capacity;
	struct registry_audit audit;
	bool is_reader; /* the thread is online for RCU while it works on the batch */
	struct registry_wide wide;
	struct registry_hold hold; /* of a zone that another thread prepares */
	struct zone *derived;	   /* whose view is reconciled in steps, or NULL */
	struct view_reconciling reconciling;

	/* written here, read by any thread (base/counter.h) */
	struct registry_stats stats;
};

/* Makes an empty batch. */
void registry_batch_init(struct registry_batch *b, const struct registry_settings *settings);

/* Frees what the batch holds; no draft may be open. */
void registry_batch_fini(struct registry_batch *b);

/* Begins a batch that changes no zone yet. */
void registry_batch_begin(struct registry_batch *b);

/* Ends the reconciliation in steps (registry/work.h), if there is one. */
void registry_batch_end_reconciling(struct registry_batch *b);

/* Returns the batch's draft of a zone, begun if there is none yet, or NULL if memory is short. A
 * zone that is held is taken back first. The type is view_draft_fn; `batch` is a struct
 * registry_batch. */
struct zone_draft *registry_batch_draft(void *batch, struct zone *zone);

/* Ends the hold and makes its draft one of the batch, which may be sealed already. Returns NULL,
 * with the draft dropped, if it was taken back or memory is short. */
struct zone_draft *registry_batch_adopt(struct registry_batch *b);

/* Seals the drafts, so that their changes can be read. Returns 0, or a negative errno, after which
 * the batch must be aborted. */
int registry_batch_seal(struct registry_batch *b);

/* Makes sealed drafts durable, with all items of the state and `extra` (or NULL). Returns 0, or a
 * negative errno, after which the batch must be aborted. */
int registry_batch_store(struct registry_batch *b, enum registry_batch_kind kind,
			 const struct store_item *extra);

/* Seals and stores. Returns as registry_batch_store. */
int registry_batch_commit(struct registry_batch *b, enum registry_batch_kind kind);

/* Makes a stored batch visible and its changes to the state permanent, and updates the figures.
 * Cannot fail. */
void registry_batch_publish(struct registry_batch *b);

/* Brings the figures of what the state keeps up to date; publishing does it too. */
void registry_batch_count(struct registry_batch *b);

/* Drops the drafts and undoes the changes to the state. Also after registry_batch_draft failed. */
void registry_batch_abort(struct registry_batch *b);

/* Ends a batch that answers no requests: commits and publishes it if `ret` is 0, else, or if that
 * fails, aborts it. Returns 0 or a negative errno. */
int registry_batch_end(struct registry_batch *b, int ret, enum registry_batch_kind kind);

/* Ends a lease in the batch. Returns 0, or a negative errno, after which the batch must be
 * aborted. */
int registry_batch_end_lease(struct registry_batch *b, struct ledger_lease *lease);

/* Goes on with instances whose nodes have got an address or lost it (view/flip.h), of one zone.
 * Returns 0, or a negative errno, after which the batch must be aborted. */
int registry_batch_resume_flips(struct registry_batch *b);

/* Returns whether an error of applying or storing is one of a request, or of what several of them
 * add up to, and not of the disk. */
bool registry_batch_is_of_request(int error);

/* Returns the time of the lease clock. */
uint64_t registry_batch_now(const struct registry_batch *b);
