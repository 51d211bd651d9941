/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* daemon/jobs.h - long jobs on zones, in a thread of their own (hosting/jobs.h): merging zone
 * files, writing baselines and checkpoints. Also decides when checkpoints are written.
 *
 * The main thread makes and frees jobs. What a job runs is called in the jobs' thread, its `done`
 * in the main thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "daemon/problems.h"
#include "hosting/hosting.h"
#include "hosting/jobs.h"

struct daemon;
struct hosting_prepared;

struct daemon_job {
	struct hosting_job job; /* first: the thread gives it back as this */
	struct daemon *daemon;
	struct hosting_zone *zone;
	char *file;	/* the zone's when the job was made, as a reload may change that; NULL: the
			   zone is parked */
	bool is_forced; /* merge the file even if it does not look changed */
	int ret;	/* outcome: 0 or more, or a negative errno */
	bool is_prepared; /* merge `prepared` instead, which a reload has read; NULL: nothing */
	struct hosting_prepared *prepared;
	struct hosting_changes changes;	     /* what a merge has changed; all zero: nothing */
	struct daemon_problems problems;     /* of the file */
	void (*done)(struct daemon_job *job); /* the job is its own from here on */
};

/* Starts the thread. Returns 0, or -1 after logging the reason. */
int daemon_jobs_start(struct daemon *d);

/* Ends the thread after the jobs that were put, and calls their `done`. */
void daemon_jobs_stop(struct daemon *d);

/* Makes the zone, and its file as it is now, those of the job. Returns 0 or -ENOMEM. */
int daemon_jobs_set_zone(struct daemon_job *job, struct hosting_zone *zone);

/* Frees a job. Also a `done` for jobs whose outcome matters to nobody. */
void daemon_jobs_free(struct daemon_job *job);

/* Hands a job to the thread, which runs jobs in this order. */
void daemon_jobs_put(struct daemon *d, struct daemon_job *job);

/* Makes a job on the zone that runs `run`, and hands it to the thread. Without memory nothing
 * happens: the same job is due again at the next start or reload. */
void daemon_jobs_put_new(struct daemon *d, struct hosting_zone *zone,
			 void (*run)(struct hosting_job *job));

/* What a job may run, in the jobs' thread. Each sets the job's `ret`. */

/* Merges the zone's file, if it has changed or is_forced. */
void daemon_jobs_merge(struct hosting_job *job);

/* Writes the zone's baseline to the store, if that is due. */
void daemon_jobs_baseline(struct hosting_job *job);

/* Writes the baseline if that is due, then merges the file. */
void daemon_jobs_load(struct hosting_job *job);

/* Writes a checkpoint of the zone. */
void daemon_jobs_checkpoint(struct hosting_job *job);

/* Finds out whether the log has grown enough for checkpoints, and has them written then. In the
 * registrar's thread, after each batch; `daemon` is the struct daemon. */
void daemon_jobs_on_batch(void *daemon);
