/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/commands.h"
#include "dns/type.h"
#include "hosting/purge.h"
#include "text/record.h"
#include "weftd/command_key.h"
#include "weftd/command_lease.h"
#include "weftd/command_service.h"
#include "weftd/command_stats.h"
#include "weftd/daemon.h"
#include "zone/cursor.h"
#include "zone/zone.h"

/* ---- status ---- */

static void run_status(void *arg, struct control_request *request)
{
	struct weftd *d = arg;

	control_answer(request,
		       json_pack("{s:s, s:i, s:I, s:i, s:i, s:s, s:s}", "version", PACKAGE_VERSION,
				 "pid", (int)getpid(), "uptime",
				 (json_int_t)(base_clock_wall_s() - d->started_s), "workers",
				 (int)server_workers(d->server), "zones", (int)d->view->nzones,
				 "log-level", base_log_level_to_text(base_log_get_level()),
				 "config", d->config_path));
}

static void run_stats(void *arg, struct control_request *request)
{
	control_answer(request, weftd_stats(arg));
}

static void run_log(void *arg, struct control_request *request)
{
	enum base_log_level level;

	(void)arg;
	if (base_log_level_from_text(control_arg(request, 0), &level) < 0) {
		control_fail(request, "%s is no log level: error, warning, info or debug",
			     control_arg(request, 0));
		return;
	}
	base_log_set_level(level);
	control_answer(request, json_null());
}

static void run_stop(void *arg, struct control_request *request)
{
	struct weftd *d = arg;

	control_answer(request, json_null());
	ev_break(d->loop, EVBREAK_ALL);
}

/* ---- zones ---- */

/* The zone called by argument `i`; answers the request with an error if there is none. */
static struct hosting_zone *zone_argument(struct weftd *d, struct control_request *request,
					  size_t i)
{
	const char *text = control_arg(request, i);
	uint8_t name[DNS_NAME_MAX];
	struct hosting_zone *h = NULL;

	if (dns_name_from_text(name, text, strlen(text), NULL) > 0)
		h = hosting_find(&d->zones, name);
	if (h == NULL || h->is_purging)
		control_fail(request, "%s is not a zone of this weftd", text);
	return h == NULL || h->is_purging ? NULL : h;
}

static json_t *zone_status(const struct hosting_zone *h)
{
	const struct zone_snapshot *s = zone_current(h->zone);
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, zone_name(h->zone));
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:s, s:I, s:s}", "zone", name, "serial",
			 (json_int_t)(s == NULL ? 0 : zone_snapshot_serial(s)), "names",
			 (json_int_t)(s == NULL ? 0 : zone_snapshot_names(s)), "records",
			 (json_int_t)(s == NULL ? 0 : zone_snapshot_records(s)), "memory",
			 (json_int_t)zone_memory(h->zone), "state",
			 h->file == NULL ? "parked" : "served", "loaded", (json_int_t)h->loaded_s,
			 "file", h->file == NULL ? "-" : h->file);
}

static void run_zone_list(void *arg, struct control_request *request)
{
	struct weftd *d = arg;
	json_t *list = json_array();

	for (size_t i = 0; i < d->zones.count; i++) {
		char name[DNS_NAME_TEXT_MAX];

		dns_name_to_text(name, zone_name(d->zones.items[i]->zone));
		if (d->zones.items[i]->file != NULL)
			json_array_append_new(list, json_string(name));
	}
	control_answer(request, list);
}

static void run_zone_status(void *arg, struct control_request *request)
{
	struct weftd *d = arg;
	size_t n = control_nargs(request);
	json_t *list = json_array();

	for (size_t i = 0; i < (n > 0 ? n : d->zones.count); i++) {
		struct hosting_zone *h = n > 0 ? zone_argument(d, request, i) : d->zones.items[i];

		if (h == NULL) {
			json_decref(list);
			return;
		}
		json_array_append_new(list, zone_status(h));
	}
	control_answer(request, list);
}

/* ---- jobs on zones ---- */

/* Several jobs that one request waits for. */
struct waiting {
	struct control_request *request;
	unsigned njobs;
	json_t *result;
	char *errors;
};

struct zone_job {
	struct weftd_job job;
	struct waiting *waiting;
};

static void add_error(struct waiting *w, const struct weftd_job *job)
{
	char name[DNS_NAME_TEXT_MAX], *more;
	const char *before = w->errors == NULL ? "" : w->errors;
	const char *why = job->result == -EBADMSG
				  ? "the zone file is wrong, the zone stays as it was"
				  : strerror(-job->result);

	dns_name_to_text(name, zone_name(job->zone->zone));
	if (asprintf(&more, "%s%s%s: %s%s%s", before, *before == '\0' ? "" : "\n", name, why,
		     job->problems == NULL ? "" : "\n",
		     job->problems == NULL ? "" : job->problems) < 0)
		return;
	free(w->errors);
	w->errors = more;
}

static void waiting_end(struct waiting *w)
{
	if (w->errors != NULL) {
		control_fail(w->request, "%s", w->errors);
		json_decref(w->result);
	} else {
		control_answer(w->request, w->result);
	}
	free(w->errors);
	free(w);
}

static void waiting_less(struct waiting *w)
{
	if (--w->njobs == 0)
		waiting_end(w);
}

static void zone_job_done(struct weftd_job *job)
{
	struct waiting *w = ((struct zone_job *)job)->waiting;

	if (job->result < 0)
		add_error(w, job);
	else if (json_is_array(w->result))
		json_array_append_new(w->result, zone_status(job->zone));
	weftd_job_free(job);
	waiting_less(w);
}

/* A file is read, even if it does not look changed, when its zone was named or all were meant: not
 * when the configuration was. */
static void put_zone_job(struct weftd *d, struct waiting *w, struct hosting_zone *h,
			 void (*run)(struct hosting_job *))
{
	struct zone_job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return;
	job->job = (struct weftd_job){.job = {.run = run},
				      .daemon = d,
				      .is_forced = run != weftd_job_load,
				      .done = zone_job_done};
	if (weftd_job_set_zone(&job->job, h) < 0) {
		free(job);
		return;
	}
	job->waiting = w;
	w->njobs++;
	hosting_jobs_put(d->keeper, &job->job.job);
}

/* Waits for jobs, and for one more waiting_less, when all are put. NULL after the request was told
 * that memory is short. */
static struct waiting *waiting_new(struct control_request *request, json_t *result)
{
	struct waiting *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		json_decref(result);
		control_fail(request, "out of memory");
		return NULL;
	}
	w->request = request;
	w->result = result;
	w->njobs = 1;
	return w;
}

/* Runs a job on the zones that are named, or on all. */
static void run_jobs(struct weftd *d, struct control_request *request,
		     void (*run)(struct hosting_job *))
{
	size_t n = control_nargs(request);
	struct waiting *w;

	for (size_t i = 0; i < n; i++)
		if (zone_argument(d, request, i) == NULL)
			return;
	w = waiting_new(request, json_array());
	if (w == NULL)
		return;
	for (size_t i = 0; i < (n > 0 ? n : d->zones.count); i++) {
		struct hosting_zone *h = n > 0 ? zone_argument(d, request, i) : d->zones.items[i];

		if (h->file != NULL)
			put_zone_job(d, w, h, run);
	}
	waiting_less(w);
}

static void run_zone_reload(void *arg, struct control_request *request)
{
	run_jobs(arg, request, weftd_job_merge);
}

static void load_zone(void *arg, struct weftd *d, struct hosting_zone *zone)
{
	put_zone_job(d, arg, zone, weftd_job_load);
}

static void run_reload(void *arg, struct control_request *request)
{
	struct waiting *w = waiting_new(request, json_null());

	if (w == NULL)
		return;
	if (weftd_reload(arg, load_zone, w)) {
		waiting_less(w);
		return;
	}
	control_fail(request,
		     "the new configuration is wrong, the old one stays in force; see the log");
	free(w);
}

static void run_zone_checkpoint(void *arg, struct control_request *request)
{
	run_jobs(arg, request, weftd_job_checkpoint);
}

/* ---- purge ---- */

struct purge_job {
	struct weftd_job job;
	struct control_request *request;
};

/* In the keeper's thread. */
static void purge_run(struct hosting_job *job)
{
	struct weftd_job *j = (struct weftd_job *)job;

	j->result = hosting_purge(j->zone, j->daemon->registrar);
}

/* Jobs that were put before are done, and none were since: nobody else knows the zone. */
static void purge_done(struct weftd_job *job)
{
	struct control_request *request = ((struct purge_job *)job)->request;
	struct hosting_zone *h = job->zone;
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, zone_name(h->zone));
	h->is_purging = false;
	if (job->result < 0) {
		control_fail(request, "%s is not purged: %s", name, strerror(-job->result));
	} else {
		base_log(BASE_LOG_INFO, "registry", "zone purged: zone=%s", name);
		hosting_remove(&job->daemon->zones, h);
		hosting_zone_free(h);
		control_answer(request, json_null());
	}
	weftd_job_free(job);
}

static void run_zone_purge(void *arg, struct control_request *request)
{
	struct weftd *d = arg;
	struct hosting_zone *h = zone_argument(d, request, 0);
	struct purge_job *job;

	if (h == NULL)
		return;
	if (h->file != NULL) {
		control_fail(request, "%s is configured: only a zone that is not can be purged",
			     control_arg(request, 0));
		return;
	}
	/* A dump reads the zone in a thread of its own. */
	if (d->ndumps > 0) {
		control_fail(request, "a zone is being dumped: purge when that has ended");
		return;
	}
	job = calloc(1, sizeof(*job));
	if (job == NULL) {
		control_fail(request, "out of memory");
		return;
	}
	job->job = (struct weftd_job){
		.job = {.run = purge_run}, .daemon = d, .zone = h, .done = purge_done};
	job->request = request;
	h->is_purging = true;
	hosting_jobs_put(d->keeper, &job->job.job);
}

/* ---- dump ---- */

/* A dump goes to the client's own descriptor, which may be slow: so in a thread of its own, from a
 * version that it holds. */
struct dump {
	struct weftd *daemon;
	struct control_request *request;
	struct zone *zone;
	const struct zone_snapshot *snapshot;
	int fd;
	int result;
	uint64_t nrecords;
	struct ev_async done;
	pthread_t thread;
};

enum { DUMP_BUFFER = TEXT_RECORD_MAX + (64 << 10) };

/* Never blocks for longer than a moment: somebody may have stopped reading, and weftd be stopping.
 * A pipe that polls writable takes PIPE_BUF octets at once. */
static int write_all(const struct dump *dump, const uint8_t *bytes, size_t nbytes)
{
	struct pollfd p = {.fd = dump->fd, .events = POLLOUT};

	while (nbytes > 0) {
		ssize_t n;

		if (atomic_load_explicit(&dump->daemon->is_stopping, memory_order_relaxed))
			return -ECANCELED;
		if (poll(&p, 1, 200) == 0)
			continue;
		n = write(dump->fd, bytes, nbytes < PIPE_BUF ? nbytes : PIPE_BUF);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n > 0) {
			bytes += n;
			nbytes -= (size_t)n;
		}
	}
	return 0;
}

static int dump_records(struct dump *dump, struct zone_cursor *cursor, uint8_t *buffer)
{
	struct base_out o = base_out_over(buffer, DUMP_BUFFER);
	struct dns_record record;
	int result = 0;

	while (result == 0 && zone_cursor_next(cursor, &record)) {
		text_record_write(&o, &record);
		dump->nrecords++;
		if (base_out_left(&o) >= TEXT_RECORD_MAX)
			continue;
		result = write_all(dump, buffer, base_out_nbytes(&o));
		o = base_out_over(buffer, DUMP_BUFFER);
	}
	return result < 0 ? result : write_all(dump, buffer, base_out_nbytes(&o));
}

static void *dump_main(void *arg)
{
	struct dump *dump = arg;
	struct zone_cursor *cursor = zone_cursor_new(dump->snapshot);
	uint8_t *buffer = malloc(DUMP_BUFFER);

	dump->result =
		cursor == NULL || buffer == NULL ? -ENOMEM : dump_records(dump, cursor, buffer);
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
	if (dump->result < 0)
		control_fail(dump->request, "the dump was not written: %s",
			     strerror(-dump->result));
	else
		control_answer(dump->request,
			       json_pack("{s:I}", "records", (json_int_t)dump->nrecords));
	dump->daemon->ndumps--;
	free(dump);
}

static void dump_start(struct weftd *d, struct dump *dump)
{
	ev_async_init(&dump->done, on_dump_done);
	dump->done.data = dump;
	ev_async_start(d->loop, &dump->done);
	d->ndumps++;
	if (pthread_create(&dump->thread, NULL, dump_main, dump) == 0)
		return;
	ev_async_stop(d->loop, &dump->done);
	zone_release(dump->zone, dump->snapshot);
	control_fail(dump->request, "cannot start a thread for the dump");
	d->ndumps--;
	free(dump);
}

static void run_zone_dump(void *arg, struct control_request *request)
{
	struct weftd *d = arg;
	struct hosting_zone *h = zone_argument(d, request, 0);
	struct dump *dump;

	if (h == NULL)
		return;
	if (control_output(request) < 0) {
		control_fail(request, "no descriptor came with the request to write the zone to");
		return;
	}
	dump = calloc(1, sizeof(*dump));
	if (dump == NULL || (dump->snapshot = zone_acquire(h->zone)) == NULL) {
		free(dump);
		control_fail(request, "the zone is not loaded");
		return;
	}
	dump->daemon = d;
	dump->request = request;
	dump->zone = h->zone;
	dump->fd = control_output(request);
	dump_start(d, dump);
}

const control_fn weftd_commands[CONTROL_COMMANDS] = {
	[CONTROL_STATUS] = run_status,
	[CONTROL_STATS] = run_stats,
	[CONTROL_LOG] = run_log,
	[CONTROL_RELOAD] = run_reload,
	[CONTROL_STOP] = run_stop,
	[CONTROL_ZONE_LIST] = run_zone_list,
	[CONTROL_ZONE_STATUS] = run_zone_status,
	[CONTROL_ZONE_RELOAD] = run_zone_reload,
	[CONTROL_ZONE_DUMP] = run_zone_dump,
	[CONTROL_ZONE_CHECKPOINT] = run_zone_checkpoint,
	[CONTROL_ZONE_CHECK] = weftd_zone_check,
	[CONTROL_ZONE_PURGE] = run_zone_purge,
	[CONTROL_DRAIN] = weftd_drain,
	[CONTROL_UNDRAIN] = weftd_undrain,
	[CONTROL_KEY_REVOKE] = weftd_key_revoke,
	[CONTROL_KEY_RESTORE] = weftd_key_restore,
	[CONTROL_KEY_LIST] = weftd_key_list,
	[CONTROL_LEASE_LIST] = weftd_lease_list,
	[CONTROL_LEASE_SHOW] = weftd_lease_show,
	[CONTROL_LEASE_EXTEND] = weftd_lease_extend,
	[CONTROL_LEASE_DROP] = weftd_lease_drop,
};
