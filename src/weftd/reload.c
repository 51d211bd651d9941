/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Reloading, in steps:
 *
 * 1. The log is opened anew: it may have been rotated. Main thread.
 * 2. The configuration is loaded. Jobs' thread, as a key file may be sealed.
 * 3. Zones that it adds are made. Main thread.
 * 4. They are loaded from their files. Jobs' thread.
 * 5. The workers' rules are made; the new configuration and rules replace the old ones; zones get
 *    their new files, which are read by jobs of their own. Main thread. If anything has failed up to
 *    here, all of it is taken back, and the old configuration stays.
 * 6. The registrar gets the rules of leases and service views. Registrar's thread. */

#include "weftd/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rcu.h"
#include "hosting/hosting.h"
#include "hosting/restore.h"
#include "process/notify.h"
#include "settings/settings.h"
#include "weftd/ask.h"
#include "weftd/jobs.h"
#include "weftd/report.h"
#include "weftd/rules.h"
#include "weftd/weftd.h"
#include "weftd/zones.h"
#include "zone/zone.h"

struct weftd_reload {
	struct weftd_job job; /* first; of steps 2 and 4 */
	struct weftd_ask ask; /* of step 6 */
	struct weftd_reload *next;
	struct weftd *daemon;
	struct weftd_reload_events events;
	struct settings *config; /* the new one, until it is in force */
	struct weftd_zones zones;

	/* to be loaded; those that are new come first */
	struct hosting_zone **load;
	size_t nload, nnew;
	bool has_new_set; /* zones came or went */
};

static void reload_free(struct weftd_reload *l)
{
	for (size_t i = 0; i < l->nnew; i++)
		hosting_zone_free(l->load[i]);
	free(l->load);
	settings_free(l->config);
	weftd_zones_fini(&l->zones);
	free(l);
}

/* ---- 2. the configuration ---- */

/* In the jobs' thread. */
static void config_load(struct hosting_job *job)
{
	struct weftd_reload *l = (struct weftd_reload *)job;

	l->job.ret = settings_load(&l->config, l->daemon->config_path, weftd_report, NULL);
	if (l->job.ret == 0)
		l->job.ret = settings_unlock(l->config, weftd_report, NULL);
}

/* ---- 3. zones that are new ---- */

static bool is_to_be_loaded(const struct hosting_zone *h)
{
	return h == NULL || h->is_waiting || h->is_purging;
}

/* Makes a zone that is not hosted. Returns 0 or -ENOMEM. */
static int add_new(struct weftd_reload *l, const struct settings_zone *z)
{
	struct hosting_zone *h = hosting_zone_new(z->name, z->file, l->daemon->seed);

	if (h == NULL)
		return -ENOMEM;
	zone_set_limits(h->zone, &z->limits);
	memmove(l->load + l->nnew + 1, l->load + l->nnew,
		(l->nload - l->nnew) * sizeof(struct hosting_zone *));
	l->load[l->nnew++] = h;
	l->nload++;
	return 0;
}

/* Logs that a zone cannot be served at present. Returns -1. */
static int report_purging(const struct settings_zone *z)
{
	struct base_error error;

	base_error_set_at(&error, -EBUSY, z->at, "the zone is being purged: reload again later");
	weftd_report(NULL, BASE_LOG_ERROR, &error);
	return -1;
}

/* Gives a parked zone that waits for a file its file. Returns 0, or -1 after logging the reason. */
static int add_parked(struct weftd_reload *l, struct hosting_zone *h, const struct settings_zone *z)
{
	if (h->is_purging)
		return report_purging(z);
	l->load[l->nload++] = h;
	zone_set_limits(h->zone, &z->limits);
	return hosting_zone_set_file(h, z->file);
}

/* Finds the zones that need a first version before they are served. Returns 0 or a negative value. */
static int zones_add(struct weftd_reload *l)
{
	int ret = 0;

	l->load = calloc(l->config->nzones + 1, sizeof(struct hosting_zone *));
	if (l->load == NULL)
		return -ENOMEM;
	l->has_new_set = l->config->nzones != l->daemon->config->nzones;
	for (const struct settings_zone *z = l->config->zones; z != NULL; z = z->next) {
		struct hosting_zone *h = hosting_find(&l->daemon->zones, z->name);
		int added = 0;

		if (is_to_be_loaded(h))
			added = h == NULL ? add_new(l, z) : add_parked(l, h, z);
		if (added < 0)
			ret = added;
		if (settings_zone_find(l->daemon->config, z->name) == NULL)
			l->has_new_set = true;
	}
	return ret;
}

/* Takes back what zones_add and zones_load did; no other thread knows of it. */
static void zones_drop(struct weftd_reload *l)
{
	for (size_t i = l->nnew; i < l->nload; i++)
		hosting_zone_set_file(l->load[i], NULL);
}

/* ---- 4. their files ---- */

/* In the jobs' thread. */
static void zones_load(struct hosting_job *job)
{
	struct weftd_reload *l = (struct weftd_reload *)job;

	base_rcu_online();
	for (size_t i = 0; i < l->nload; i++) {
		int ret = hosting_restore_first(l->load[i], l->daemon->store, l->load[i]->file,
						weftd_report, NULL);

		if (ret < 0)
			l->job.ret = ret;
	}
	base_rcu_offline();
}

/* ---- 5. the new configuration ---- */

static void log_restart(void *arg, const char *option)
{
	(void)arg;
	base_log(BASE_LOG_WARNING, "config", "restart-needed option=%s", option);
}

static void log_failure(const char *path, int ret)
{
	base_log(BASE_LOG_ERROR, "config", "file-error at=%s error=\"%s\"", path, strerror(-ret));
	if (ret == -EACCES)
		weftd_report_denied();
}

/* Opens the log anew if its path has changed, and sets its level. */
static void log_update(const struct settings_log *old, const struct settings_log *next)
{
	int ret = strcmp(old->to, next->to) == 0 ? 0 : base_log_open(next->to);

	if (ret < 0)
		log_failure(next->to, ret);
	base_log_set_level((enum base_log_level)next->level);
}

/* Hosts the new zones, whose rules are made. Returns 0 or -ENOMEM. */
static int zones_host(struct weftd_reload *l)
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
static void zones_unhost(struct weftd *d, size_t count)
{
	while (d->zones.count > count)
		hosting_zone_free(d->zones.items[--d->zones.count]);
}

/* Gives the zones their files, and has them read; zones that are not configured any more are
 * parked. */
static void set_files(struct weftd *d, const struct weftd_reload_events *events)
{
	for (size_t i = 0; i < d->zones.count; i++) {
		struct hosting_zone *h = d->zones.items[i];
		const struct settings_zone *z = settings_zone_find(d->config, zone_name(h->zone));

		if (z != NULL)
			zone_set_limits(h->zone, &z->limits);
		if (hosting_zone_set_file(h, z == NULL ? NULL : z->file) < 0)
			weftd_report_zone(BASE_LOG_ERROR, h, "zone-file-not-changed", -ENOMEM);
		else if (z != NULL && events->load != NULL)
			events->load(events->arg, d, h);
		else if (z != NULL)
			weftd_jobs_put_new(d, h, weftd_jobs_load);
	}
}

/* Returns whether all zones are hosted and none of them is being purged, after logging the first
 * that is. A purge may have begun while files were loaded. */
static bool is_complete(const struct weftd_reload *l)
{
	for (const struct settings_zone *z = l->config->zones; z != NULL; z = z->next) {
		const struct hosting_zone *h = hosting_find(&l->daemon->zones, z->name);

		if (h == NULL || h->is_purging)
			return report_purging(z) == 0;
	}
	return true;
}

/* Puts the new configuration in force. Returns 0, or a negative value with nothing changed. */
static int apply(struct weftd_reload *l)
{
	struct weftd *d = l->daemon;
	struct settings *next = l->config, *old = d->config;
	struct server_rules *rules = NULL;
	size_t nzones = d->zones.count;

	if (zones_host(l) == 0 && is_complete(l))
		rules = weftd_rules_new(d, next, weftd_report, NULL);
	if (rules != NULL) {
		settings_needs_restart(old, next, log_restart, NULL);
		log_update(&old->server.log, &next->server.log);
	}
	if (rules == NULL || weftd_rules_replace(d, rules, next) < 0) {
		zones_unhost(d, nzones);
		return -1;
	}
	l->config = NULL;
	l->nload = 0;
	atomic_store_explicit(&d->checkpoint_nbytes, next->store.checkpoint_size,
			      memory_order_relaxed);
	weftd_report_fabrics(next);
	set_files(d, &l->events);
	return 0;
}

/* ---- 6. the registrar ---- */

static void reconcile(struct registry_registrar *r, struct weftd_ask *ask)
{
	struct weftd_reload *l =
		(struct weftd_reload *)((char *)ask - offsetof(struct weftd_reload, ask));

	ask->ret = weftd_zones_reconcile(r, &l->zones);
}

/* ---- the steps in their order ---- */

static void begin(struct weftd_reload *l)
{
	struct weftd *d = l->daemon;
	int ret;

	process_notify_reloading();
	if ((ret = base_log_reopen()) < 0)
		log_failure(d->config->server.log.to, ret);
	weftd_jobs_put(d, &l->job);
}

/* Frees the reload, and begins the next one. */
static void end(struct weftd_reload *l, bool is_valid)
{
	struct weftd *d = l->daemon;

	d->is_config_refused = !is_valid;
	if (is_valid) {
		d->config_loaded_s = base_clock_wall_s();
		base_log(BASE_LOG_INFO, "config", "reload");
		process_notify_ready("serving");
	} else {
		base_log(BASE_LOG_ERROR, "config",
			 "reload-failed why=\"the old configuration stays in force\"");
		process_notify_ready("serving with the old configuration: the new one is invalid");
	}
	if (l->events.done != NULL)
		l->events.done(l->events.arg, is_valid);
	d->reload = l->next;
	reload_free(l);
	if (d->reload != NULL && !atomic_load_explicit(&d->is_stopping, memory_order_relaxed))
		begin(d->reload);
}

/* Other questions and updates come between two steps. */
static void reconciled(struct weftd_ask *ask)
{
	if (ask->ret > 0)
		weftd_ask(ask->daemon, ask, reconcile, reconciled);
	else
		end((struct weftd_reload *)((char *)ask - offsetof(struct weftd_reload, ask)),
		    true);
}

static void on_zones_loaded(struct weftd_job *job)
{
	struct weftd_reload *l = (struct weftd_reload *)job;
	struct weftd *d = l->daemon;

	/* Jobs that apply() would put might not run any more. */
	if (atomic_load_explicit(&d->is_stopping, memory_order_relaxed))
		job->ret = -ESHUTDOWN;
	if (job->ret < 0 || apply(l) < 0) {
		zones_drop(l);
		end(l, false);
	} else if (weftd_zones_find(&l->zones, d) < 0) {
		base_log(BASE_LOG_ERROR, "zone",
			 "out-of-memory what=\"service views are unchanged\"");
		end(l, true);
	} else {
		l->zones.has_changed = l->has_new_set;
		weftd_ask(d, &l->ask, reconcile, reconciled);
	}
}

static void on_config_loaded(struct weftd_job *job)
{
	struct weftd_reload *l = (struct weftd_reload *)job;
	bool is_stopping = atomic_load_explicit(&l->daemon->is_stopping, memory_order_relaxed);

	if (job->ret == 0)
		job->ret = zones_add(l);
	if (job->ret < 0 || l->nload == 0 || is_stopping) {
		on_zones_loaded(job);
		return;
	}
	job->job.run = zones_load;
	job->done = on_zones_loaded;
	weftd_jobs_put(l->daemon, job);
}

void weftd_reload(struct weftd *d, const struct weftd_reload_events *events)
{
	struct weftd_reload *l = calloc(1, sizeof(*l)), **last = &d->reload;

	if (l == NULL) {
		base_log(BASE_LOG_ERROR, "config", "reload-failed why=\"out of memory\"");
		if (events != NULL && events->done != NULL)
			events->done(events->arg, false);
		return;
	}
	l->daemon = d;
	if (events != NULL)
		l->events = *events;
	l->job = (struct weftd_job){
		.job = {.run = config_load}, .daemon = d, .done = on_config_loaded};
	while (*last != NULL)
		last = &(*last)->next;
	*last = l;
	if (d->reload == l)
		begin(l);
}

void weftd_reload_stop(struct weftd *d)
{
	while (d->reload != NULL) {
		struct weftd_reload *l = d->reload;

		if (l->events.done != NULL)
			l->events.done(l->events.arg, false);
		d->reload = l->next;
		reload_free(l);
	}
}
