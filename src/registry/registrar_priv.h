/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/registrar_priv.h - the inside of the registrar, shared by its files: registrar.c is the
 * thread, its queues and the requests; registrar_batch.c is what a batch does to zones, store and
 * ledger, and the batches without requests. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "registry/audit.h"
#include "registry/registrar.h"
#include "store/store.h"

struct ledger_lease;

enum { REGISTRY_BATCH_MAX = 2048 }; /* requests */

/* A zone that the batch changes. */
struct registry_batch_zone {
	struct zone *zone;
	struct zone_draft *draft;
	struct zone_changeset changes;
	bool is_changed;
};

struct registry_batch {
	struct registry_request *request[REGISTRY_BATCH_MAX];
	size_t nrequests, nbytes;
	struct registry_batch_zone
		*zone; /* those of the requests, and reverse zones that follow them */
	size_t nzones, zones_room;
	struct store_change *changes;
	size_t changes_room;
};

struct registry_registrar {
	/* set before the thread starts */
	struct registry_settings settings;
	pthread_t thread;
	int wake; /* eventfd */
	bool is_running;

	/* any thread, atomic */
	struct base_queue requests, calls;
	_Atomic bool is_stopping;

	/* registrar only */
	struct update_context *updater;
	struct base_queue_link *waiting; /* taken off the queue, not yet in a batch */
	struct registry_batch batch;
	uint64_t ticked_ms;	     /* lease clock */
	uint64_t paused_ms;	     /* no tick before: the last could not be stored */
	struct registry_audit audit; /* of the batch */

	/* under lock */
	pthread_mutex_t lock;
	struct registry_stats stats;
};

/* Begins a batch of nothing. */
void registry_batch_empty(struct registry_registrar *r);

/* The draft of a zone in the batch, begun if there is none yet; `registrar` is one. NULL when
 * memory is short. */
struct zone_draft *registry_batch_draft(void *registrar, struct zone *zone);

/* Seals the drafts and stores what came of them, and all notes; a tick's with `is_tick`. 0 or a
 * negative errno, after which it must be undone. */
int registry_batch_commit(struct registry_registrar *r, bool is_tick);

/* After that: makes it visible, and what the requests teach known. Cannot fail. */
void registry_batch_publish(struct registry_registrar *r);

/* Drops the drafts, and what was done to the ledger. */
void registry_batch_undo(struct registry_registrar *r);

/* Ends a batch without requests, by commit and publish, or, if `result` is an error, by undo. 0 or
 * a negative errno. */
int registry_batch_finish(struct registry_registrar *r, int result, bool is_tick);

/* Ends a lease in the batch. 0 or a negative errno. */
int registry_batch_end_lease(struct registry_registrar *r, struct ledger_lease *lease);

/* Figures of the ledger; under the lock. */
void registry_registrar_stats_update(struct registry_registrar *r);
