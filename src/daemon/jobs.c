/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "daemon/jobs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/daemon.h"
#include "daemon/report.h"
#include "hosting/baseline.h"
#include "hosting/checkpoint.h"
#include "hosting/hosting.h"
#include "hosting/reload.h"
#include "process/report.h"
#include "store/store.h"
#include "zone/zone.h"

enum { CHECKPOINT_PAUSE_S = 10 }; /* after one has failed */

int daemon_jobs_set_zone(struct daemon_job *job, struct hosting_zone *zone)
{
	job->zone = zone;
	job->file = zone->file == NULL ? NULL : strdup(zone->file);
	return zone->file != NULL && job->file == NULL ? -ENOMEM : 0;
}

static struct daemon_job *job_new(struct daemon *d, struct hosting_zone *zone,
				  void (*run)(struct hosting_job *),
				  void (*done)(struct daemon_job *))
{
	struct daemon_job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return NULL;
	job->job.run = run;
	job->daemon = d;
	job->done = done;
	if (daemon_jobs_set_zone(job, zone) == 0)
		return job;
	free(job);
	return NULL;
}

void daemon_jobs_free(struct daemon_job *job)
{
	daemon_problems_fini(&job->problems);
	hosting_prepared_free(job->prepared);
	free(job->file);
	free(job);
}

static void report_merged(const struct daemon_job *j)
{
	const struct hosting_changes *c = &j->changes;
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, zone_name(j->zone->zone));
	base_log(BASE_LOG_INFO, "zone",
		 "file-merged zone=%s added=%zu removed=%zu serial-before=%u serial=%u", name,
		 c->nadded, c->nremoved, (unsigned)c->serial_before, (unsigned)c->serial_after);
}

void daemon_jobs_merge(struct hosting_job *job)
{
	struct daemon_job *j = (struct daemon_job *)job;
	struct daemon *d = j->daemon;

	if (j->file == NULL)
		return;
	if (j->is_prepared)
		j->ret = hosting_reload_commit(j->zone, d->store, d->registrar, j->file,
					       j->prepared, daemon_problems_add, &j->problems);
	else
		j->ret = hosting_reload(j->zone, d->store, d->registrar, j->file,
					j->is_forced ? HOSTING_RELOAD_ALWAYS
						     : HOSTING_RELOAD_IF_CHANGED,
					daemon_problems_add, &j->problems);
	j->prepared = NULL;
	if (j->ret < 0) {
		daemon_report_zone(BASE_LOG_ERROR, j->zone, "file-not-merged", j->ret);
	} else if (j->ret > 0) {
		j->changes = j->zone->changes;
		report_merged(j);
	}
}

/* Names the folder: to make room one must know where. */
static void report_not_written(const struct daemon_job *j, const char *event)
{
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, zone_name(j->zone->zone));
	base_log(BASE_LOG_ERROR, "zone", "%s zone=%s store=%s error=\"%s\"", event, name,
		 store_place(j->daemon->store), strerror(-j->ret));
}

void daemon_jobs_baseline(struct hosting_job *job)
{
	struct daemon_job *j = (struct daemon_job *)job;

	j->ret = hosting_baseline_write(j->zone, j->daemon->store);
	if (j->ret < 0)
		report_not_written(j, "zone-not-stored");
}

void daemon_jobs_load(struct hosting_job *job)
{
	struct daemon_job *j = (struct daemon_job *)job;

	daemon_jobs_baseline(job);
	if (j->ret == 0)
		daemon_jobs_merge(job);
}

/* A failed checkpoint, on a full disk, is not tried again after each batch: it writes whole zones.
 */
void daemon_jobs_checkpoint(struct hosting_job *job)
{
	struct daemon_job *j = (struct daemon_job *)job;

	daemon_jobs_baseline(job);
	if (j->ret == 0)
		j->ret = hosting_checkpoint(j->zone, j->daemon->store);
	atomic_store_explicit(&j->zone->is_unsaved, j->ret < 0, memory_order_relaxed);
	if (j->ret < 0) {
		report_not_written(j, "checkpoint-failed");
		atomic_store_explicit(&j->daemon->checkpoint_not_before_s,
				      (int64_t)(base_clock_steady_ms() / 1000) + CHECKPOINT_PAUSE_S,
				      memory_order_relaxed);
	} else {
		daemon_report_zone(BASE_LOG_DEBUG, j->zone, "checkpoint", 0);
	}
}

void daemon_jobs_put(struct daemon *d, struct daemon_job *job)
{
	hosting_jobs_put(d->jobs, &job->job);
}

void daemon_jobs_put_new(struct daemon *d, struct hosting_zone *zone,
			 void (*run)(struct hosting_job *))
{
	struct daemon_job *job = job_new(d, zone, run, daemon_jobs_free);

	if (job != NULL)
		daemon_jobs_put(d, job);
}

/* Whether a zone waits for its file: no checkpoint frees its part of the log. */
static bool is_any_waiting(const struct daemon *d)
{
	for (size_t i = 0; i < d->zones.count; i++)
		if (d->zones.items[i]->is_waiting)
			return true;
	return false;
}

static void checkpoints_done(struct daemon *d)
{
	atomic_store_explicit(&d->checkpoint_protected,
			      is_any_waiting(d) ? store_log_nbytes(d->store) : 0,
			      memory_order_relaxed);
	atomic_store_explicit(&d->checkpointing, DAEMON_CHECKPOINT_IDLE, memory_order_release);
}

static void last_checkpoint_done(struct daemon_job *job)
{
	checkpoints_done(job->daemon);
	daemon_jobs_free(job);
}

/* Some jobs may fail to allocate; the last one that was made signals the end. */
static void checkpoint_all(struct daemon *d)
{
	struct daemon_job *last = NULL;

	for (size_t i = 0; i < d->zones.count; i++) {
		struct daemon_job *job =
			d->zones.items[i]->is_purging
				? NULL
				: job_new(d, d->zones.items[i], daemon_jobs_checkpoint,
					  daemon_jobs_free);

		if (job == NULL)
			continue;
		if (last != NULL)
			daemon_jobs_put(d, last);
		last = job;
	}
	if (last == NULL) {
		checkpoints_done(d);
		return;
	}
	last->done = last_checkpoint_done;
	daemon_jobs_put(d, last);
}

/* Calls `done` of the jobs that have run. */
static void jobs_done(struct daemon *d)
{
	struct hosting_job *job;

	while ((job = hosting_jobs_take(d->jobs)) != NULL)
		((struct daemon_job *)job)->done((struct daemon_job *)job);
}

static void on_jobs_wake(struct ev_loop *loop, struct ev_async *async, int events)
{
	struct daemon *d = async->data;

	(void)loop;
	(void)events;
	jobs_done(d);
	if (atomic_load_explicit(&d->checkpointing, memory_order_acquire) ==
	    DAEMON_CHECKPOINT_DUE) {
		atomic_store_explicit(&d->checkpointing, DAEMON_CHECKPOINT_RUNNING,
				      memory_order_release);
		checkpoint_all(d);
	}
}

/* In the jobs' thread. */
static void wake_main(void *arg)
{
	struct daemon *d = arg;

	ev_async_send(d->loop, &d->jobs_wake);
}

void daemon_jobs_on_batch(void *daemon)
{
	struct daemon *d = daemon;
	int idle = DAEMON_CHECKPOINT_IDLE;
	uint64_t nbytes = store_log_nbytes(d->store);
	uint64_t due = atomic_load_explicit(&d->checkpoint_nbytes, memory_order_relaxed) +
		       atomic_load_explicit(&d->checkpoint_protected, memory_order_relaxed);

	atomic_store_explicit(&d->log_nbytes, nbytes, memory_order_relaxed);
	if (nbytes < due ||
	    (int64_t)(base_clock_steady_ms() / 1000) <
		    atomic_load_explicit(&d->checkpoint_not_before_s, memory_order_relaxed))
		return;
	if (atomic_compare_exchange_strong_explicit(&d->checkpointing, &idle, DAEMON_CHECKPOINT_DUE,
						    memory_order_acq_rel, memory_order_relaxed))
		ev_async_send(d->loop, &d->jobs_wake);
}

int daemon_jobs_start(struct daemon *d)
{
	ev_async_init(&d->jobs_wake, on_jobs_wake);
	d->jobs_wake.data = d;
	ev_async_start(d->loop, &d->jobs_wake);
	d->jobs = hosting_jobs_start(wake_main, d);
	return d->jobs == NULL ? process_report_failure("cannot start the jobs", -ENOMEM) : 0;
}

void daemon_jobs_stop(struct daemon *d)
{
	if (d->jobs == NULL)
		return;
	hosting_jobs_stop(d->jobs);
	jobs_done(d);
	hosting_jobs_free(d->jobs);
}
