/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/jobs.h - a thread for long jobs: reading zone files, writing checkpoints.
 *
 * Jobs run one after the other, in the order in which they were put. A finished job is returned to
 * the taker, the one thread that calls hosting_jobs_take; `wake` is called when there is one. The
 * thread does not know what a job does. */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "base/queue.h"

struct hosting_jobs;

/* The beginning of a job; its owner puts it at the start of a struct with whatever else it needs.
 */
struct hosting_job {
	struct base_queue_link link;	      /* of the queues; nothing to set */
	void (*run)(struct hosting_job *job); /* in the jobs' thread, which is registered with RCU
						 and offline */
};

/* Starts the thread. It calls `wake` with `arg` after each job. Returns NULL if memory is short or
 * the thread cannot be started; otherwise the caller owns it. */
struct hosting_jobs *hosting_jobs_start(void (*wake)(void *arg), void *arg);

/* Hands `job` over until hosting_jobs_take returns it. Any thread. */
void hosting_jobs_put(struct hosting_jobs *jobs, struct hosting_job *job);

/* Returns a finished job, which is the caller's again; NULL if there is none. The taker only. */
struct hosting_job *hosting_jobs_take(struct hosting_jobs *jobs);

/* Waits until all jobs are done, and ends the thread. Finished jobs can still be taken. No job may
 * be put from then on. */
void hosting_jobs_stop(struct hosting_jobs *jobs);

/* Frees what is left after hosting_jobs_stop, but no job. NULL is fine. */
void hosting_jobs_free(struct hosting_jobs *jobs);
