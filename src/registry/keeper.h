/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/keeper.h - a thread for the long jobs: reading zone files, writing checkpoints.
 *
 * Jobs run one after the other in the order in which they were put in. A finished job is kept until
 * the thread that made the keeper takes it back; the keeper calls `wake` when there is one. */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "base/queue.h"

struct registry_keeper;

struct registry_job {
	struct base_queue_link link;
	void (*run)(struct registry_job *job); /* in the keeper's thread, which is registered with
						  RCU and offline */
};

/* Starts the thread. NULL when that fails. */
struct registry_keeper *registry_keeper_start(void (*wake)(void *arg), void *arg);

/* Hands a job over. Any thread. */
void registry_keeper_put(struct registry_keeper *k, struct registry_job *job);

/* Takes a finished job back; NULL if there is none. By one thread only. */
struct registry_job *registry_keeper_take(struct registry_keeper *k);

/* Ends the thread when all jobs are done; finished ones can still be taken. */
void registry_keeper_stop(struct registry_keeper *k);
void registry_keeper_free(struct registry_keeper *k);
