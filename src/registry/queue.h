/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/queue.h - requests that wait for the registrar, in one queue for each source.
 *
 * A source is a key that signs; all unsigned requests together are one source. Each request has a
 * cost, which is known once it has been applied, and the next request is always one of the source
 * whose requests have cost least: start-time fair queueing, with a virtual time for each source. So
 * a source that keeps the registrar busy waits for itself, and one that was silent is served next.
 * Within a source requests keep their order. A source that caused trouble is alone for a while: the
 * registrar applies its requests in batches of their own.
 *
 * The queue reads no clock and does not look into requests. Only the registrar thread may touch it;
 * other threads hand requests over by base/queue.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/queue.h"

struct registry_request;

enum { REGISTRY_QUEUE_BUCKETS = 1024 };

/* The requests of one source, and what is remembered about the source. */
struct registry_queue_source {
	struct registry_queue_source *next; /* in its bucket */
	TAILQ_ENTRY(registry_queue_source) by_idle;
	struct registry_request *oldest, *newest; /* NULL: the source is idle */
	uint64_t hash;				  /* registry_request.source */
	uint64_t cost;				  /* virtual time: of its requests so far */
	uint64_t recent_cost;			  /* what was charged last */
	uint64_t alone_until_ms;		  /* steady clock */
	size_t heap_index;			  /* unless the source is idle */
};

struct registry_queue {
	struct registry_queue_source *bucket[REGISTRY_QUEUE_BUCKETS];
	struct registry_queue_source **heap; /* sources with requests, the least cost first */
	size_t nheap, heap_capacity;
	TAILQ_HEAD(, registry_queue_source) idle; /* remembered, the longest idle one first */
	size_t nidle;
	uint64_t cost; /* virtual time of the queue: every source that waits has at least this */
	struct registry_queue_source *common; /* of all sources for which memory was short */
};

/* Makes an empty queue. Returns 0, or -ENOMEM with nothing to be freed. */
int registry_queue_init(struct registry_queue *q);

/* Frees what the queue has remembered; no request may wait. */
void registry_queue_fini(struct registry_queue *q);

/* Adds a request after the others of its source. The queue has its `link` until it is taken. */
void registry_queue_put(struct registry_queue *q, struct registry_request *request);

/* Returns what the next request will cost if it costs as much as the one of its source before it; 0
 * if no request waits, or its source has not been charged yet. */
uint64_t registry_queue_expected(const struct registry_queue *q);

/* Puts a request that was taken back, before all others of its source. */
void registry_queue_put_back(struct registry_queue *q, struct registry_request *request);

/* Returns the next request, which stays in the queue, or NULL if none waits. */
struct registry_request *registry_queue_next(const struct registry_queue *q);

/* Takes the next request out. Returns it, or NULL if none waits. */
struct registry_request *registry_queue_take(struct registry_queue *q);

/* Adds `cost` to what the requests of a source have cost. The unit is the caller's, the same for
 * all calls. */
void registry_queue_charge(struct registry_queue *q, uint64_t source, uint64_t cost);

/* Makes a source alone until `until_ms`. */
void registry_queue_isolate(struct registry_queue *q, uint64_t source, uint64_t until_ms);

/* Returns whether a source is alone at `now_ms`. */
bool registry_queue_is_alone(const struct registry_queue *q, uint64_t source, uint64_t now_ms);

/* Returns the oldest request of a source that waits, or NULL if none does. */
const struct registry_request *registry_queue_oldest(const struct registry_queue *q,
						     uint64_t source);
