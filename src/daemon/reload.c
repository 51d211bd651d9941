/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Reloading, in steps. Until the fifth nothing changes that anybody could see: if a step fails, all
 * of it is taken back, and the old configuration stays in every respect.
 *
 * 1. The log is opened anew: it may have been rotated. Main thread.
 * 2. The configuration is loaded. Jobs' thread, as a key file may be sealed.
 * 3. Zones that it adds are made, and the jobs that will merge files. Main thread.
 * 4. New zones are loaded from their files; of the others, files that have changed are read and
 *    compared. Jobs' thread.
 * 5. The workers' rules and the bridge's are made, and a new log is opened; then the new
 *    configuration and rules replace the old ones. Main thread.
 * 6. The registrar gets the rules of leases and service views. Registrar's thread.
 * 7. What the files have changed is merged. Jobs' thread. The disk may prevent that, or what was
 *    registered, and such a zone stays as it was.
 * 8. If that gave zones their first version, step 6 is done once more.
 * 9. Zones name their DNS Push server. Registrar's thread. */

#include "daemon/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rcu.h"
#include "daemon/ask.h"
#include "daemon/bridge.h"
#include "daemon/changes.h"
#include "daemon/daemon.h"
#include "daemon/health.h"
#include "daemon/jobs.h"
#include "daemon/problems.h"
#include "daemon/report.h"
#include "daemon/rules.h"
#include "daemon/zones.h"
#include "hosting/hosting.h"
#include "hosting/reload.h"
#include "hosting/restore.h"
#include "process/notify.h"
#include "settings/settings.h"
#include "zone/zone.h"

/* A configured zone whose file is merged if it has changed. */
struct merge {
	struct daemon_job job; /* first; of step 7 */
	struct daemon_reload *reload;
	struct merge *next;
	const struct settings_zone *config;
	char *file;	 /* the path that becomes the zone's */
	bool is_loaded;	 /* from its file, in step 4 */
	bool is_refused; /* the file, in step 4 */
};

struct daemon_reload {
	struct daemon_job job; /* first; of steps 2 and 4 */
	struct daemon_ask ask; /* of steps 6 and 8 */
	struct daemon_reload *next;
	struct daemon *daemon;
	struct daemon_reload_events events;
	void (*on_merged)(struct daemon_job *job);     /* ends step 7 for a zone */
	void (*on_reconciled)(struct daemon_ask *ask); /* goes on after a part of step 6 */
	bool is_resuming;			       /* step 6 is all that is to be done */
	struct settings *config;		       /* the new one, until it is in force */
	struct daemon_zones zones;
	struct daemon_problems problems;
	json_t *changes;

	/* to be loaded; those that are new come first */
	struct hosting_zone **load;
	size_t nload, nnew;
	bool has_new_set; /* zones came or went */

	struct merge *merges; /* not put yet */
	size_t nmerging;      /* put, and not done */
	bool has_first;	      /* some gave their zone its first version */
	bool has_unmerged;    /* some failed */
};

static void merge_free(struct merge *m)
{
	free(m->file);
	daemon_jobs_free(&m->job);
}

static void merges_free(struct daemon_reload *l)
{
	while (l->merges != NULL) {
		struct merge *m = l->merges;

		l->merges = m->next;
		merge_free(m);
	}
}

static void reload_free(struct daemon_reload *l)
{
	for (size_t i = 0; i < l->nnew; i++)
		hosting_zone_free(l->load[i]);
	free(l->load);
	merges_free(l);
	settings_free(l->config);
	daemon_zones_fini(&l->zones);
	daemon_problems_fini(&l->problems);
	json_decref(l->changes);
	free(l);
}

static void report(struct daemon_reload *l, struct base_location at, int code, const char *text)
{
	struct base_error error;

	base_error_set_at(&error, code, at, "%s", text);
	daemon_problems_add(&l->problems, BASE_LOG_ERROR, &error);
}

static int report_memory(struct daemon_reload *l)
{
	report(l, (struct base_location){l->daemon->config_path, 0}, -ENOMEM, "out of memory");
	return -1;
}

/* ---- 2. the configuration ---- */

/* In the jobs' thread. */
static void config_load(struct hosting_job *job)
{
	struct daemon_reload *l = (struct daemon_reload *)job;

	l->job.ret = settings_load(&l->config, l->daemon->config_path, daemon_problems_add,
				   &l->problems);
	if (l->job.ret == 0)
		l->job.ret = settings_unlock(l->config, daemon_problems_add, &l->problems);
	if (l->job.ret == 0)
		daemon_report_empty(l->config, daemon_problems_add, &l->problems);
}

/* ---- 3. zones that are new, and those that are not ---- */

/* A configured zone has no version if its file was refused at the start: it is loaded when the
 * configuration is in force. */
static bool is_to_be_loaded(const struct hosting_zone *h)
{
	return h == NULL || (h->is_waiting && h->file == NULL) || h->is_purging;
}

/* Makes a zone that is not hosted. Returns it, or NULL if memory is short. */
static struct hosting_zone *add_new(struct daemon_reload *l, const struct settings_zone *z)
{
	struct hosting_zone *h = hosting_zone_new(z->name, z->file, l->daemon->seed);

	if (h == NULL)
		return NULL;
	zone_set_limits(h->zone, &z->limits);
	memmove(l->load + l->nnew + 1, l->load + l->nnew,
		(l->nload - l->nnew) * sizeof(struct hosting_zone *));
	l->load[l->nnew++] = h;
	l->nload++;
	return h;
}

/* Reports that a zone cannot be served at present. Returns -1. */
static int report_purging(struct daemon_reload *l, const struct settings_zone *z)
{
	report(l, z->at, -EBUSY, "the zone is being purged: reload again later");
	return -1;
}

/* Gives a parked zone that waits for a file its file. Returns 0, or -1 after reporting the
 * reason. */
static int add_parked(struct daemon_reload *l, struct hosting_zone *h,
		      const struct settings_zone *z)
{
	if (h->is_purging)
		return report_purging(l, z);
	l->load[l->nload++] = h;
	zone_set_limits(h->zone, &z->limits);
	return hosting_zone_set_file(h, z->file) < 0 ? report_memory(l) : 0;
}

/* Makes the job that merges the zone's file. */
static int add_merge(struct daemon_reload *l, struct hosting_zone *h, const struct settings_zone *z,
		     bool is_loaded)
{
	struct merge *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return report_memory(l);
	m->job = (struct daemon_job){.job = {.run = daemon_jobs_load},
				     .daemon = l->daemon,
				     .zone = h,
				     .is_prepared = true,
				     .done = l->on_merged};
	m->reload = l;
	m->config = z;
	m->is_loaded = is_loaded;
	m->next = l->merges;
	l->merges = m;
	m->file = strdup(z->file);
	m->job.file = strdup(z->file);
	return m->file == NULL || m->job.file == NULL ? report_memory(l) : 0;
}

static int zone_add(struct daemon_reload *l, const struct settings_zone *z)
{
	struct hosting_zone *h = hosting_find(&l->daemon->zones, z->name);
	bool is_new = h == NULL, is_loaded = is_to_be_loaded(h);

	if (settings_zone_find(l->daemon->config, z->name) == NULL)
		l->has_new_set = true;
	if (is_new && (h = add_new(l, z)) == NULL)
		return report_memory(l);
	if (is_loaded && !is_new && add_parked(l, h, z) < 0)
		return -1;
	return add_merge(l, h, z, is_loaded);
}

/* Finds the zones that need a first version before they are served, and makes the jobs of all.
 * Returns 0 or a negative value. */
static int zones_add(struct daemon_reload *l)
{
	int ret = 0;

	l->load = calloc(l->config->nzones + 1, sizeof(struct hosting_zone *));
	if (l->load == NULL)
		return report_memory(l);
	l->has_new_set = l->config->nzones != l->daemon->config->nzones;
	for (const struct settings_zone *z = l->config->zones; z != NULL; z = z->next)
		if (zone_add(l, z) < 0)
			ret = -1;
	return ret;
}

/* Takes back what zones_add and zones_load did; no other thread knows of it. */
static void zones_drop(struct daemon_reload *l)
{
	for (size_t i = l->nnew; i < l->nload; i++)
		hosting_zone_set_file(l->load[i], NULL);
}

/* ---- 4. their files ---- */

/* In the jobs' thread. An error of memory or of the store has not been reported. */
static void zone_failed(struct daemon_reload *l, const struct hosting_zone *h, int ret)
{
	char name[DNS_NAME_TEXT_MAX];

	l->job.ret = ret;
	if (ret == -EBADMSG)
		return;
	dns_name_to_text(name, zone_name(h->zone));
	daemon_problems_line(&l->problems, "%s: %s", name, strerror(-ret));
}

/* In the jobs' thread. */
static void zones_load(struct hosting_job *job)
{
	struct daemon_reload *l = (struct daemon_reload *)job;
	struct store *store = l->daemon->store;
	int ret;

	base_rcu_online();
	for (size_t i = 0; i < l->nload; i++)
		if ((ret = hosting_restore_first(l->load[i], store, l->load[i]->file,
						 daemon_problems_add, &l->problems)) < 0)
			zone_failed(l, l->load[i], ret);
	base_rcu_offline();
	for (struct merge *m = l->merges; m != NULL; m = m->next)
		if (!m->is_loaded &&
		    (ret = hosting_reload_prepare(&m->job.prepared, m->job.zone, store, m->file,
						  &m->config->limits, daemon_problems_add,
						  &l->problems)) < 0) {
			zone_failed(l, m->job.zone, ret);
			m->is_refused = ret != -ENOMEM;
		}
}

/* ---- 5. the new configuration ---- */

static int log_failure(struct daemon_reload *l, const char *path, int ret)
{
	report(l, (struct base_location){path, 0}, ret, strerror(-ret));
	return -1;
}

/* Hosts the new zones, whose rules are made. Returns 0 or -ENOMEM. */
static int zones_host(struct daemon_reload *l)
{
	while (l->nnew > 0) {
		int ret = hosting_add(&l->daemon->zones, l->load[l->nnew - 1]);

		if (ret < 0)
			return ret;
		l->nnew--;
	}
	return 0;
}

/* Removes the zones from number `count` on again. */
static void zones_unhost(struct daemon *d, size_t count)
{
	while (d->zones.count > count)
		hosting_zone_free(d->zones.items[--d->zones.count]);
}

/* Gives the zones their files and limits; zones that are not configured any more are parked. */
static void set_files(struct daemon_reload *l)
{
	struct daemon *d = l->daemon;

	for (size_t i = 0; i < d->zones.count; i++)
		if (settings_zone_find(d->config, zone_name(d->zones.items[i]->zone)) == NULL)
			hosting_zone_take_file(d->zones.items[i], NULL);
	for (struct merge *m = l->merges; m != NULL; m = m->next) {
		zone_set_limits(m->job.zone->zone, &m->config->limits);
		hosting_zone_take_file(m->job.zone, m->file);
		m->file = NULL;
	}
}

/* Returns whether all zones are hosted and none of them is being purged, after reporting the first
 * that is. A purge may have begun while files were loaded. */
static bool is_complete(struct daemon_reload *l)
{
	for (const struct settings_zone *z = l->config->zones; z != NULL; z = z->next) {
		const struct hosting_zone *h = hosting_find(&l->daemon->zones, z->name);

		if (h == NULL || h->is_purging)
			return report_purging(l, z) == 0;
	}
	return true;
}

/* Opens the log anew if its path has changed. Returns 0, or -1 after reporting the reason. */
static int log_open(struct daemon_reload *l, const struct settings_log *old,
		    const struct settings_log *next)
{
	int ret = strcmp(old->to, next->to) == 0 ? 0 : base_log_open(next->to);

	return ret < 0 ? log_failure(l, next->to, ret) : 0;
}

/* Opens the log of the next configuration and puts the rules (taken over) in force. Returns 0, or
 * -1 after reporting the reason. */
static int rules_replace(struct daemon_reload *l, struct server_rules *rules)
{
	struct daemon *d = l->daemon;
	const struct settings_log *old_log = &d->config->server.log;

	if (log_open(l, old_log, &l->config->server.log) < 0) {
		daemon_rules_free(rules);
		return -1;
	}
	if (daemon_rules_replace(d, rules, l->config) == 0)
		return 0;
	base_log_open(old_log->to);
	return report_memory(l);
}

/* Makes all that the new configuration needs, and puts it in force. Returns 0 or a negative value;
 * the caller takes back the zones that are hosted. */
static int replace(struct daemon_reload *l)
{
	struct daemon *d = l->daemon;
	struct settings *next = l->config;
	struct server_rules *rules;
	struct mdns_rules *bridge;

	if (zones_host(l) < 0)
		return report_memory(l);
	if (!is_complete(l))
		return -1;
	if (daemon_zones_find(&l->zones, d, next) < 0 ||
	    (l->changes = daemon_changes_new(d->config, next)) == NULL)
		return report_memory(l);
	l->zones.has_changed = l->has_new_set;
	rules = daemon_rules_new(d, next, daemon_problems_add, &l->problems);
	if (rules == NULL)
		return -1;
	if (daemon_bridge_prepare(&bridge, d, next) < 0) {
		daemon_rules_free(rules);
		return report_memory(l);
	}
	if (rules_replace(l, rules) < 0) {
		daemon_bridge_drop(bridge);
		return -1;
	}
	daemon_bridge_apply(d, bridge);
	return 0;
}

/* Puts the new configuration in force. Returns 0, or a negative value with nothing changed. */
static int apply(struct daemon_reload *l)
{
	struct daemon *d = l->daemon;
	struct settings *next = l->config;
	size_t nzones = d->zones.count;

	if (replace(l) < 0) {
		zones_unhost(d, nzones);
		return -1;
	}
	l->config = NULL;
	l->nload = 0;
	base_log_set_level((enum base_log_level)next->server.log.level);
	atomic_store_explicit(&d->checkpoint_nbytes, next->store.checkpoint_size,
			      memory_order_relaxed);
	daemon_changes_log(l->changes);
	daemon_report_fabrics(next);
	daemon_report_certificate(next);
	set_files(l);
	return 0;
}

/* ---- 6. the registrar ---- */

static struct daemon_reload *reload_of(struct daemon_ask *ask)
{
	return (struct daemon_reload *)((char *)ask - offsetof(struct daemon_reload, ask));
}

static void reconcile(struct registry_registrar *r, struct daemon_ask *ask)
{
	ask->ret = daemon_zones_reconcile(r, &reload_of(ask)->zones);
}

/* Begins this step by the configuration in force. Returns false if memory is short. */
static bool resume(struct daemon_reload *l)
{
	daemon_zones_fini(&l->zones);
	if (daemon_zones_find(&l->zones, l->daemon, l->daemon->config) < 0) {
		base_log(BASE_LOG_ERROR, "zone",
			 "out-of-memory what=\"service views are unchanged\"");
		return false;
	}
	daemon_ask(l->daemon, &l->ask, reconcile, l->on_reconciled);
	return true;
}

/* ---- beginning and end ---- */

/* Returns false if the reload has come to nothing. */
static bool begin(struct daemon_reload *l)
{
	struct daemon *d = l->daemon;
	int ret;

	if (l->is_resuming)
		return resume(l);
	process_notify_reloading();
	if ((ret = base_log_reopen()) < 0)
		log_failure(l, d->config->server.log.to, ret);
	daemon_jobs_put(d, &l->job);
	return true;
}

/* Begins the first of the reloads that wait. */
static void begin_next(struct daemon *d)
{
	while (d->reload != NULL && !atomic_load_explicit(&d->is_stopping, memory_order_relaxed) &&
	       !begin(d->reload)) {
		struct daemon_reload *l = d->reload;

		d->reload = l->next;
		reload_free(l);
	}
}

static void report_outcome(struct daemon_reload *l, bool is_valid)
{
	struct daemon *d = l->daemon;
	const struct daemon_reload_outcome outcome = {
		.is_valid = is_valid,
		.is_merged = !l->has_unmerged,
		.problems = l->problems.lines,
		.changes = l->changes,
	};

	d->is_config_refused = !is_valid;
	if (is_valid) {
		d->config_loaded_s = base_clock_wall_s();
		base_log(BASE_LOG_INFO, "config", "reload");
	} else {
		base_log(BASE_LOG_ERROR, "config",
			 "reload-failed why=\"the old configuration stays in force\"");
	}
	daemon_health_notify(d, true);
	if (l->events.done != NULL)
		l->events.done(l->events.arg, &outcome);
}

/* Frees the reload, and begins the next one. */
static void end(struct daemon_reload *l, bool is_valid)
{
	struct daemon *d = l->daemon;

	if (!l->is_resuming)
		report_outcome(l, is_valid);
	d->reload = l->next;
	reload_free(l);
	begin_next(d);
}

/* ---- 7. the files ---- */

static void merge_finish(struct daemon_reload *l, const struct daemon_job *job)
{
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, zone_name(job->zone->zone));
	if (job->problems.lines != NULL)
		daemon_problems_line(&l->problems, "%s", job->problems.lines);
	if (job->ret < 0 && job->ret != -EBADMSG)
		daemon_problems_line(&l->problems, "%s: the zone file is not merged: %s", name,
				     strerror(-job->ret));
	if (job->ret > 0)
		daemon_changes_add(l->changes, "zones-merged", name);
	l->has_unmerged |= job->ret < 0;
	l->has_first |= job->ret == HOSTING_RELOAD_FIRST;
}

/* ---- 9. the zones' DNS Push servers ---- */

static void announce(struct registry_registrar *r, struct daemon_ask *ask)
{
	daemon_zones_announce(r, &reload_of(ask)->zones);
}

static void announced(struct daemon_ask *ask)
{
	end(reload_of(ask), true);
}

/* Puts the jobs that are left; after the last of them is done the reload ends. */
static void merges_put(struct daemon_reload *l)
{
	bool is_stopping = atomic_load_explicit(&l->daemon->is_stopping, memory_order_relaxed);

	if (l->merges != NULL && !is_stopping) {
		while (l->merges != NULL) {
			struct merge *m = l->merges;

			l->merges = m->next;
			l->nmerging++;
			daemon_jobs_put(l->daemon, &m->job);
		}
		return;
	}
	if (l->has_first && !is_stopping) {
		l->has_first = false;
		if (resume(l))
			return;
	}
	if (is_stopping)
		end(l, true);
	else
		daemon_ask(l->daemon, &l->ask, announce, announced);
}

static void merged(struct daemon_job *job)
{
	struct daemon_reload *l = ((struct merge *)job)->reload;

	merge_finish(l, job);
	merge_free((struct merge *)job);
	if (--l->nmerging == 0)
		merges_put(l);
}

/* ---- the steps in their order ---- */

/* Other questions and updates come between two parts. */
static void reconciled(struct daemon_ask *ask)
{
	if (ask->ret > 0)
		daemon_ask(ask->daemon, ask, reconcile, reconciled);
	else
		merges_put(reload_of(ask));
}

/* The file that a zone has now is refused: that is so whatever becomes of the reload. */
static void mark_refused(const struct daemon_reload *l)
{
	for (const struct merge *m = l->merges; m != NULL; m = m->next) {
		struct hosting_zone *h = m->job.zone;

		if (m->is_refused && h->file != NULL && strcmp(h->file, m->file) == 0)
			h->file_state = HOSTING_FILE_REFUSED;
	}
}

static void on_zones_loaded(struct daemon_job *job)
{
	struct daemon_reload *l = (struct daemon_reload *)job;

	/* Jobs that are put now might not run any more. */
	if (atomic_load_explicit(&l->daemon->is_stopping, memory_order_relaxed))
		job->ret = -ESHUTDOWN;
	mark_refused(l);
	if (job->ret < 0 || apply(l) < 0) {
		zones_drop(l);
		end(l, false);
	} else {
		daemon_ask(l->daemon, &l->ask, reconcile, reconciled);
	}
}

static void on_config_loaded(struct daemon_job *job)
{
	struct daemon_reload *l = (struct daemon_reload *)job;
	bool is_stopping = atomic_load_explicit(&l->daemon->is_stopping, memory_order_relaxed);

	if (job->ret == -ENOMEM)
		report_memory(l);
	if (job->ret == 0)
		job->ret = zones_add(l);
	if (job->ret < 0 || is_stopping) {
		on_zones_loaded(job);
		return;
	}
	job->job.run = zones_load;
	job->done = on_zones_loaded;
	daemon_jobs_put(l->daemon, job);
}

/* Appends a reload to those that wait. */
static void append(struct daemon *d, struct daemon_reload *l)
{
	struct daemon_reload **last = &d->reload;

	l->daemon = d;
	l->on_merged = merged;
	l->on_reconciled = reconciled;
	while (*last != NULL)
		last = &(*last)->next;
	*last = l;
	if (d->reload == l)
		begin_next(d);
}

void daemon_reload(struct daemon *d, const struct daemon_reload_events *events)
{
	struct daemon_reload *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		base_log(BASE_LOG_ERROR, "config", "reload-failed why=\"out of memory\"");
		if (events != NULL)
			events->done(events->arg,
				     &(struct daemon_reload_outcome){.problems = "out of memory"});
		return;
	}
	if (events != NULL)
		l->events = *events;
	l->job = (struct daemon_job){
		.job = {.run = config_load}, .daemon = d, .done = on_config_loaded};
	append(d, l);
}

void daemon_reload_resume(struct daemon *d)
{
	struct daemon_reload *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		base_log(BASE_LOG_ERROR, "zone",
			 "out-of-memory what=\"service views are unchanged\"");
		return;
	}
	l->is_resuming = true;
	append(d, l);
}

void daemon_reload_stop(struct daemon *d)
{
	while (d->reload != NULL) {
		struct daemon_reload *l = d->reload;

		if (l->events.done != NULL)
			l->events.done(l->events.arg,
				       &(struct daemon_reload_outcome){.problems = "weftd stops"});
		d->reload = l->next;
		reload_free(l);
	}
}
