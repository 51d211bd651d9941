/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/round.h - a round of the registrar: the requests that become durable by one commit.
 *
 * A round takes requests off the queue, each source in its turn (registry/queue.h), and applies one
 * after the other. It ends when it has taken long enough, sooner if several sources are active, and
 * at once if a call waits. A request that cannot be applied or stored fails alone: the round is
 * undone, and the others are applied again. What is undone for a request is charged to its source,
 * which is alone for a while.
 *
 * Requests of a zone that is held (registry/hold.h) are set aside, and go back to the queue, in
 * their order, once it is not.
 *
 * A round knows no socket and no thread. Only the registrar thread may touch it. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "registry/queue.h"

struct base_queue;
struct registry_batch;
struct registry_request;

enum { REGISTRY_ROUND_MAX = 2048 }; /* requests */

struct registry_round {
	/* set by registry_round_init */
	struct registry_batch *batch;
	struct base_queue *arrived;	/* requests from other threads */
	const struct base_queue *calls; /* for which a round ends early */
	uint64_t lone_us;   /* time in which a round applies requests while one source is active */
	uint64_t shared_us; /* while several are: each waits for the rounds of the others */

	/* registrar only */
	struct registry_queue queue;
	struct registry_request *request[REGISTRY_ROUND_MAX]; /* taken and not replied to, in their
								 order */
	size_t count;
	struct registry_request *aside; /* of zones that are held, the one taken last first */
	uint64_t nended;		/* registry_hold.nended when they were last put back */
	uint64_t last_source;		/* of the request that was applied last */
	uint64_t shared_until_us;	/* steady clock: several sources have been active */

	/* any thread, atomic */
	_Atomic uint64_t nsteps; /* requests applied: the registrar is alive */
};

/* Makes a round without requests; all pointers are borrowed. Returns 0, or -ENOMEM with nothing to
 * be freed. */
int registry_round_init(struct registry_round *rd, struct registry_batch *batch,
			struct base_queue *arrived, const struct base_queue *calls);

/* Frees what the round holds; no request may wait. */
void registry_round_fini(struct registry_round *rd);

/* Moves the requests that have arrived to the queue. */
void registry_round_collect(struct registry_round *rd);

/* Applies, stores, publishes and replies to the requests of one round. Returns false if none waits
 * that is not set aside. */
bool registry_round_run(struct registry_round *rd);

/* Replies SERVFAIL to all requests that wait, because the registrar stops. */
void registry_round_refuse(struct registry_round *rd);
