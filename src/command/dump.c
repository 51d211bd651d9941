/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/dump.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "command/argument.h"
#include "command/output.h"
#include "control/server.h"
#include "daemon/daemon.h"
#include "daemon/jobs.h"
#include "hosting/baseline.h"
#include "hosting/hosting.h"
#include "settings/settings.h"
#include "text/head.h"
#include "text/record.h"
#include "zone/cursor.h"
#include "zone/zone.h"

/* A dump goes to the client's own descriptor, which may be slow: it is written in a thread of its
 * own, from a pinned version of the zone. */
struct dump {
	struct daemon *daemon;
	struct control_request *request;
	struct zone *zone;
	bool is_ours;	 /* the zone was made for the dump */
	bool has_owners; /* as a zone file the dump would do harm */
	const struct zone_snapshot *snapshot;
	int fd;
	int ret;
	uint64_t nrecords;
	struct ev_async done;
	pthread_t thread;
};

static void dump_free(struct dump *dump)
{
	if (dump->is_ours)
		zone_free(dump->zone);
	free(dump);
}

enum { DUMP_BUFFER = TEXT_RECORD_MAX + (64 << 10) };

static int dump_records(struct dump *dump, struct zone_cursor *cursor, uint8_t *buffer)
{
	struct base_out o = base_out_over(buffer, DUMP_BUFFER);
	struct dns_record record;
	int ret = 0;

	if (dump->has_owners)
		base_out_bytes(&o, TEXT_HEAD_DUMP, sizeof(TEXT_HEAD_DUMP) - 1);
	while (ret == 0 && zone_cursor_next(cursor, &record)) {
		text_record_write(&o, &record);
		dump->nrecords++;
		if (base_out_left(&o) >= TEXT_RECORD_MAX)
			continue;
		ret = command_output_write(dump->daemon, dump->fd, buffer, base_out_nbytes(&o));
		o = base_out_over(buffer, DUMP_BUFFER);
	}
	return ret < 0 ? ret
		       : command_output_write(dump->daemon, dump->fd, buffer, base_out_nbytes(&o));
}

static void *dump_main(void *arg)
{
	struct dump *dump = arg;
	struct zone_cursor *cursor = zone_cursor_new(dump->snapshot);
	uint8_t *buffer = malloc(DUMP_BUFFER);

	dump->ret = cursor == NULL || buffer == NULL ? -ENOMEM : dump_records(dump, cursor, buffer);
	free(buffer);
	zone_cursor_free(cursor);
	zone_release(dump->zone, dump->snapshot);
	ev_async_send(dump->daemon->loop, &dump->done);
	return NULL;
}

static void on_dump_done(struct ev_loop *loop, struct ev_async *async, int events)
{
	struct dump *dump = async->data;

	(void)events;
	pthread_join(dump->thread, NULL);
	ev_async_stop(loop, async);
	if (dump->ret < 0)
		control_request_fail(dump->request, "the dump was not written: %s",
				     strerror(-dump->ret));
	else
		control_request_answer(dump->request,
				       json_pack("{s:I}", "records", (json_int_t)dump->nrecords));
	dump->daemon->ndumps--;
	dump_free(dump);
}

static void dump_start(struct daemon *d, struct dump *dump)
{
	ev_async_init(&dump->done, on_dump_done);
	dump->done.data = dump;
	ev_async_start(d->loop, &dump->done);
	d->ndumps++;
	if (pthread_create(&dump->thread, NULL, dump_main, dump) == 0)
		return;
	ev_async_stop(d->loop, &dump->done);
	zone_release(dump->zone, dump->snapshot);
	control_request_fail(dump->request, "cannot start a thread for the dump");
	d->ndumps--;
	dump_free(dump);
}

/* Returns whether keys own names in the zone, or its records are derived from others. A parked zone
 * may have been such a zone. */
static bool has_owners(const struct daemon *d, const struct zone *zone)
{
	for (const struct settings_zone *z = d->config->zones; z != NULL; z = z->next)
		if (dns_name_equal(z->name, zone_name(zone)))
			return z->update_fabric != NULL || z->services.is_on != 0 ||
			       z->lease.default_s > 0;
	return true;
}

/* Returns the zone that a request to write a zone names. NULL after answering it with an error. */
static struct hosting_zone *zone_to_write(struct daemon *d, struct control_request *request)
{
	struct hosting_zone *h = command_argument_hosted(d, request, 0);

	if (h == NULL || control_request_output(request) >= 0)
		return h;
	control_request_fail(request, "the request has no descriptor to write the zone to");
	return NULL;
}

void command_dump(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	struct hosting_zone *h = zone_to_write(d, request);
	struct dump *dump;

	if (h == NULL)
		return;
	dump = calloc(1, sizeof(*dump));
	if (dump == NULL || (dump->snapshot = zone_acquire(h->zone)) == NULL) {
		free(dump);
		control_request_fail(request, "the zone is not loaded");
		return;
	}
	dump->daemon = d;
	dump->request = request;
	dump->zone = h->zone;
	dump->has_owners = has_owners(d, h->zone);
	dump->fd = control_request_output(request);
	dump_start(d, dump);
}

/* ---- the records of a zone file as they were last merged ---- */

struct reading {
	struct daemon_job job; /* first */
	struct control_request *request;
	struct zone *copy; /* gets the records */
};

/* In the jobs' thread, the only one that reads baselines. */
static void read_baseline(struct hosting_job *job)
{
	struct reading *r = (struct reading *)job;

	daemon_jobs_baseline(job);
	if (r->job.ret == 0)
		r->job.ret = hosting_baseline_read(r->copy, r->job.daemon->store);
}

static void baseline_is_read(struct daemon_job *job)
{
	struct reading *r = (struct reading *)job;
	struct dump *dump = calloc(1, sizeof(*dump));
	int ret = dump == NULL ? -ENOMEM : job->ret;

	if (ret == 0 &&
	    atomic_load_explicit(&job->daemon->is_stopping, memory_order_relaxed))
		ret = -ECANCELED;
	if (ret < 0) {
		control_request_fail(r->request, "what was last merged cannot be read: %s",
				     strerror(-ret));
		zone_free(r->copy);
		free(dump);
	} else {
		dump->daemon = job->daemon;
		dump->request = r->request;
		dump->zone = r->copy;
		dump->is_ours = true;
		dump->snapshot = zone_acquire(r->copy);
		dump->fd = control_request_output(r->request);
		dump_start(job->daemon, dump);
	}
	daemon_jobs_free(job);
}

void command_dump_baseline(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	struct hosting_zone *h = zone_to_write(d, request);
	struct reading *r;

	if (h == NULL)
		return;
	r = calloc(1, sizeof(*r));
	if (r == NULL || (r->copy = zone_new(zone_name(h->zone), d->seed)) == NULL) {
		free(r);
		control_request_fail(request, "out of memory");
		return;
	}
	r->job = (struct daemon_job){
		.job = {.run = read_baseline}, .daemon = d, .zone = h, .done = baseline_is_read};
	r->request = request;
	daemon_jobs_put(d, &r->job);
}
