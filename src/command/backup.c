/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A backup:
 *
 * 1. Jobs write a checkpoint of each zone, so that the log since then is short.
 * 2. One more job begins the backup: it is as of this moment.
 * 3. A thread of its own writes it, as fast as the client reads. Jobs, updates and queries go on.
 *
 * If a checkpoint fails, on a full disk, the one before and more of the log are in the backup. */

#include "command/backup.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "command/output.h"
#include "control/server.h"
#include "daemon/daemon.h"
#include "daemon/jobs.h"
#include "hosting/hosting.h"
#include "store/store.h"

enum { TEXT_MAX = 200 };

struct backup {
	struct daemon_job job; /* first: the job that begins it */
	struct control_request *request;
	struct store_backup *store;
	uint64_t time_s;
	int ret;
	struct ev_async done;
	pthread_t thread;
};

static int on_bytes(void *arg, const void *bytes, size_t nbytes)
{
	const struct backup *b = arg;

	return command_output_write(b->job.daemon, control_request_output(b->request), bytes,
				    nbytes);
}

static void *backup_main(void *arg)
{
	struct backup *b = arg;
	time_t now = (time_t)b->time_s;
	char text[TEXT_MAX], when[32];
	struct tm tm;

	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	snprintf(text, sizeof(text), "time %s\nversion %s\n", when, PACKAGE_VERSION);
	b->ret = store_backup_write(b->store, b->time_s, text, on_bytes, b);
	ev_async_send(b->job.daemon->loop, &b->done);
	return NULL;
}

static void fail(const struct backup *b, int error)
{
	const char *why = error == -EBADMSG ? "the store is damaged; stop weftd, and see with "
					      "weft store check what is left"
					    : strerror(-error);

	base_log(BASE_LOG_ERROR, "control", "backup-failed error=\"%s\"", why);
	control_request_fail(b->request, "the backup was not written: %s", why);
}

static void backup_free(struct backup *b)
{
	store_backup_end(b->store);
	daemon_jobs_free(&b->job);
}

static void on_backup_done(struct ev_loop *loop, struct ev_async *async, int events)
{
	struct backup *b = async->data;
	struct store_backup_info info;

	(void)events;
	pthread_join(b->thread, NULL);
	store_backup_info(b->store, &info);
	ev_async_stop(loop, async);
	if (b->ret < 0) {
		fail(b, b->ret);
	} else {
		base_log(BASE_LOG_INFO, "control",
			 "backup commit=%llu zones=%llu bytes=%llu",
			 (unsigned long long)info.commit, (unsigned long long)info.nzones,
			 (unsigned long long)info.nbytes);
		control_request_answer(b->request,
				       json_pack("{s:I, s:I, s:I}", "commit",
						 (json_int_t)info.commit, "zones",
						 (json_int_t)info.nzones, "bytes",
						 (json_int_t)info.nbytes));
	}
	b->job.daemon->nbackups--;
	backup_free(b);
}

/* In the jobs' thread. */
static void backup_begin(struct hosting_job *job)
{
	struct backup *b = (struct backup *)job;

	b->time_s = base_clock_wall_s();
	b->job.ret = store_backup_begin(b->job.daemon->store, &b->store);
}

/* Starts the thread that writes, unless weftd is stopping. */
static void backup_begun(struct daemon_job *job)
{
	struct backup *b = (struct backup *)job;
	struct daemon *d = job->daemon;
	int ret = job->ret;

	if (ret == 0 && atomic_load_explicit(&d->is_stopping, memory_order_relaxed))
		ret = -ECANCELED;
	if (ret == 0) {
		ev_async_init(&b->done, on_backup_done);
		b->done.data = b;
		ev_async_start(d->loop, &b->done);
		ret = -pthread_create(&b->thread, NULL, backup_main, b);
		if (ret == 0) {
			d->nbackups++;
			return;
		}
		ev_async_stop(d->loop, &b->done);
	}
	fail(b, ret);
	backup_free(b);
}

void command_backup(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	struct backup *b;

	if (control_request_output(request) < 0) {
		control_request_fail(request,
				     "the request has no descriptor to write the backup to");
		return;
	}
	b = calloc(1, sizeof(*b));
	if (b == NULL) {
		control_request_fail(request, "out of memory");
		return;
	}
	b->job = (struct daemon_job){
		.job = {.run = backup_begin}, .daemon = d, .done = backup_begun};
	b->request = request;
	for (size_t i = 0; i < d->zones.count; i++)
		if (!d->zones.items[i]->is_purging)
			daemon_jobs_put_new(d, d->zones.items[i], daemon_jobs_checkpoint);
	daemon_jobs_put(d, &b->job);
}
