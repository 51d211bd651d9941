/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/jobs.h - a thread for the long jobs: reading zone files, writing checkpoints.
 *
 * Jobs run one after the other in the order in which they were put in. A finished job is kept until
 * the thread that made the keeper takes it back; the keeper calls `wake` when there is one. */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "base/queue.h"

struct hosting_jobs;

struct hosting_job {
	struct base_queue_link link;
	void (*run)(struct hosting_job *job); /* in the keeper's thread, which is registered with
						  RCU and offline */
};

/* Starts the thread. NULL when that fails. */
struct hosting_jobs *hosting_jobs_start(void (*wake)(void *arg), void *arg);

/* Hands a job over. Any thread. */
void hosting_jobs_put(struct hosting_jobs *k, struct hosting_job *job);

/* Takes a finished job back; NULL if there is none. By one thread only. */
struct hosting_job *hosting_jobs_take(struct hosting_jobs *k);

/* Ends the thread when all jobs are done; finished ones can still be taken. */
void hosting_jobs_stop(struct hosting_jobs *k);
void hosting_jobs_free(struct hosting_jobs *k);
