/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "command/argument.h"
#include "command/json.h"
#include "control/server.h"
#include "daemon/daemon.h"
#include "daemon/jobs.h"
#include "daemon/reload.h"
#include "hosting/hosting.h"
#include "hosting/purge.h"
#include "hosting/reload.h"
#include "zone/zone.h"

/* Returns whether the zone is served, as a word. */
static const char *state_of(const struct hosting_zone *h)
{
	if (h->file == NULL)
		return "parked";
	return zone_current(h->zone) == NULL ? "not served" : "served";
}

static json_t *zone_status(const struct hosting_zone *h)
{
	const struct zone_snapshot *s = zone_current(h->zone);
	const uint8_t *name = zone_name(h->zone);
	uint64_t loaded_s = atomic_load_explicit(&h->loaded_s, memory_order_relaxed);

	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:s, s:o, s:s, s:s}", "zone",
			 command_json_name(name), "serial",
			 (json_int_t)(s == NULL ? 0 : zone_snapshot_serial(s)), "names",
			 (json_int_t)(s == NULL ? 0 : zone_snapshot_names(s)), "records",
			 (json_int_t)(s == NULL ? 0 : zone_snapshot_records(s)), "memory",
			 (json_int_t)zone_memory(h->zone), "state", state_of(h), "loaded",
			 loaded_s == 0 ? json_null() : command_json_time(loaded_s), "file",
			 h->file == NULL ? "-" : h->file, "file-state",
			 h->file == NULL ? "-" : hosting_file_state_text(h));
}

void command_zone_list(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	json_t *list = json_array();

	for (size_t i = 0; i < d->zones.count; i++) {
		const struct hosting_zone *h = d->zones.items[i];
		const struct zone_snapshot *s = zone_current(h->zone);

		if (h->file != NULL)
			json_array_append_new(
				list,
				json_pack("{s:o, s:I}", "zone",
					  command_json_name(zone_name(h->zone)), "serial",
					  (json_int_t)(s == NULL ? 0 : zone_snapshot_serial(s))));
	}
	control_request_answer(request, list);
}

void command_zone_status(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	size_t n = control_request_nargs(request);
	json_t *list = json_array();

	for (size_t i = 0; i < (n > 0 ? n : d->zones.count); i++) {
		struct hosting_zone *h =
			n > 0 ? command_argument_hosted(d, request, i) : d->zones.items[i];

		if (h == NULL) {
			json_decref(list);
			return;
		}
		json_array_append_new(list, zone_status(h));
	}
	control_request_answer(request, list);
}

/* ---- jobs on zones ---- */

/* A request that waits for several jobs. */
struct waiting {
	struct control_request *request;
	unsigned njobs; /* not done yet, and one more until all are put */
	json_t *result; /* the answer; an array gets the status of each zone */
	char *errors;	/* lines; NULL: none */
};

struct zone_job {
	struct daemon_job job;
	struct waiting *waiting;
	bool is_merge;
};

/* The status of the zone; after a merge also what that has changed. */
static json_t *job_result(const struct zone_job *job)
{
	const struct hosting_changes *c = &job->job.changes;
	json_t *result = zone_status(job->job.zone);

	if (!job->is_merge)
		return result;
	json_object_set_new(result, "changed", json_boolean(job->job.ret > 0));
	json_object_set_new(result, "added", json_integer((json_int_t)c->nadded));
	json_object_set_new(result, "removed", json_integer((json_int_t)c->nremoved));
	if (job->job.ret > 0)
		json_object_set_new(result, "serial", json_integer(c->serial_after));
	json_object_set(result, "serial-before", json_object_get(result, "serial"));
	if (job->job.ret > 0)
		json_object_set_new(result, "serial-before", json_integer(c->serial_before));
	return result;
}

static void add_error(struct waiting *w, const struct daemon_job *job)
{
	char name[DNS_NAME_TEXT_MAX], *more;
	const char *before = w->errors == NULL ? "" : w->errors;
	const char *why = job->ret == -EBADMSG ? "the zone file is refused, the zone is unchanged"
					       : strerror(-job->ret);

	dns_name_to_text(name, zone_name(job->zone->zone));
	if (asprintf(&more, "%s%s%s: %s%s%s", before, *before == '\0' ? "" : "\n", name, why,
		     job->problems.lines == NULL ? "" : "\n",
		     job->problems.lines == NULL ? "" : job->problems.lines) < 0)
		return;
	free(w->errors);
	w->errors = more;
}

static void waiting_end(struct waiting *w)
{
	if (w->errors != NULL) {
		control_request_fail(w->request, "%s", w->errors);
		json_decref(w->result);
	} else {
		control_request_answer(w->request, w->result);
	}
	free(w->errors);
	free(w);
}

static void waiting_less(struct waiting *w)
{
	if (--w->njobs == 0)
		waiting_end(w);
}

static void zone_job_done(struct daemon_job *job)
{
	struct waiting *w = ((struct zone_job *)job)->waiting;

	if (job->ret == HOSTING_RELOAD_FIRST)
		daemon_reload_resume(job->daemon);
	if (job->ret < 0)
		add_error(w, job);
	else if (json_is_array(w->result))
		json_array_append_new(w->result, job_result((struct zone_job *)job));
	daemon_jobs_free(job);
	waiting_less(w);
}

/* A `zone reload` reads the file even if it does not look changed. */
static void put_zone_job(struct daemon *d, struct waiting *w, struct hosting_zone *h,
			 void (*run)(struct hosting_job *))
{
	struct zone_job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return;
	job->job = (struct daemon_job){
		.job = {.run = run}, .daemon = d, .is_forced = true, .done = zone_job_done};
	if (daemon_jobs_set_zone(&job->job, h) < 0) {
		free(job);
		return;
	}
	job->waiting = w;
	job->is_merge = run == daemon_jobs_merge;
	w->njobs++;
	daemon_jobs_put(d, &job->job);
}

/* Makes a wait for jobs, and for one more waiting_less() when all jobs are put: the first may be
 * done before that. `result` moves in. NULL after answering the request if memory is short. */
static struct waiting *waiting_new(struct control_request *request, json_t *result)
{
	struct waiting *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		json_decref(result);
		control_request_fail(request, "out of memory");
		return NULL;
	}
	w->request = request;
	w->result = result;
	w->njobs = 1;
	return w;
}

/* Runs a job on the zones that the request names, or on all configured ones. */
static void run_jobs(struct daemon *d, struct control_request *request,
		     void (*run)(struct hosting_job *))
{
	size_t n = control_request_nargs(request);
	struct waiting *w;

	for (size_t i = 0; i < n; i++)
		if (command_argument_hosted(d, request, i) == NULL)
			return;
	w = waiting_new(request, json_array());
	if (w == NULL)
		return;
	for (size_t i = 0; i < (n > 0 ? n : d->zones.count); i++) {
		struct hosting_zone *h =
			n > 0 ? command_argument_hosted(d, request, i) : d->zones.items[i];

		if (h->file != NULL)
			put_zone_job(d, w, h, run);
	}
	waiting_less(w);
}

void command_zone_reload(void *daemon, struct control_request *request)
{
	run_jobs(daemon, request, daemon_jobs_merge);
}

/* Adds the warnings to the changes, one by one. */
static json_t *changes_of(const struct daemon_reload_outcome *outcome)
{
	json_t *warnings = json_array(), *result = json_pack("{s:b}", "ok", 1);
	const char *line = outcome->problems;

	while (line != NULL) {
		const char *end = strchr(line, '\n');

		json_array_append_new(
			warnings,
			json_stringn(line, end == NULL ? strlen(line) : (size_t)(end - line)));
		line = end == NULL ? NULL : end + 1;
	}
	json_object_update(result, outcome->changes);
	json_object_set_new(result, "warnings", warnings);
	return result;
}

static void reloaded(void *arg, const struct daemon_reload_outcome *outcome)
{
	const char *why = outcome->problems == NULL ? "see the log" : outcome->problems;

	if (!outcome->is_valid)
		control_request_fail(arg,
				     "%s\nthe configuration is unchanged: the old one stays in "
				     "force",
				     why);
	else if (!outcome->is_merged)
		control_request_fail(arg, "%s\nthe new configuration is in force", why);
	else
		control_request_answer(arg, changes_of(outcome));
}

void command_zone_reload_all(void *daemon, struct control_request *request)
{
	daemon_reload(daemon, &(struct daemon_reload_events){reloaded, request});
}

void command_zone_checkpoint(void *daemon, struct control_request *request)
{
	run_jobs(daemon, request, daemon_jobs_checkpoint);
}

/* ---- purge ---- */

struct purge_job {
	struct daemon_job job;
	struct control_request *request;
};

/* In the jobs' thread. */
static void purge_run(struct hosting_job *job)
{
	struct daemon_job *j = (struct daemon_job *)job;

	j->ret = hosting_purge(j->zone, j->daemon->registrar);
}

/* Earlier jobs on the zone are done, and none were put since: nobody else refers to the zone. */
static void purge_done(struct daemon_job *job)
{
	struct control_request *request = ((struct purge_job *)job)->request;
	struct hosting_zone *h = job->zone;
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, zone_name(h->zone));
	h->is_purging = false;
	if (job->ret < 0) {
		control_request_fail(request, "%s is not purged: %s", name, strerror(-job->ret));
	} else {
		base_log(BASE_LOG_INFO, "zone", "zone-purged zone=%s", name);
		hosting_remove(&job->daemon->zones, h);
		hosting_zone_free(h);
		control_request_answer(request, json_null());
	}
	daemon_jobs_free(job);
}

void command_zone_purge(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	struct hosting_zone *h = command_argument_hosted(d, request, 0);
	struct purge_job *job;

	if (h == NULL)
		return;
	if (h->file != NULL) {
		control_request_fail(
			request,
			"%s is configured: only a zone that is not configured can be purged",
			control_request_arg(request, 0));
		return;
	}
	/* Dumps and checks read zones in other threads, perhaps this zone. */
	if (d->ndumps > 0 || d->nchecks > 0) {
		control_request_fail(request, "a zone is being %s: purge after that has ended",
				     d->ndumps > 0 ? "dumped" : "checked");
		return;
	}
	job = calloc(1, sizeof(*job));
	if (job == NULL) {
		control_request_fail(request, "out of memory");
		return;
	}
	job->job = (struct daemon_job){
		.job = {.run = purge_run}, .daemon = d, .zone = h, .done = purge_done};
	job->request = request;
	h->is_purging = true;
	daemon_jobs_put(d, &job->job);
}
