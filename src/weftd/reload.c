/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Reloading, in steps:
 *
 * 1. The log is opened anew: it may have been rotated.
 * 2. The configuration is loaded; zones that it adds are loaded from their files; the workers'
 *    rules are made. If any of that fails, all of it is taken back, and the old configuration
 *    stays.
 * 3. The new configuration and its rules replace the old ones.
 * 4. Zones get their new files, which are read in the jobs' thread. */

#include "weftd/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "hosting/hosting.h"
#include "hosting/restore.h"
#include "process/notify.h"
#include "weftd/ask.h"
#include "weftd/config.h"
#include "weftd/jobs.h"
#include "weftd/report.h"
#include "weftd/rules.h"
#include "weftd/weftd.h"
#include "weftd/zones.h"
#include "zone/zone.h"

/* Gives a parked zone its file if it waits for one. Returns 0, or -1 after logging the reason. */
static int load_parked(struct weftd *d, struct hosting_zone *h, const struct weftd_config_zone *z)
{
	struct base_error error;

	if (h->is_purging) {
		base_error_set_at(&error, -EBUSY, z->at,
				  "the zone is being purged: reload again later");
		weftd_report(NULL, BASE_LOG_ERROR, &error);
		return -1;
	}
	if (!h->is_waiting)
		return 0;
	zone_set_limits(h->zone, &z->limits);
	return hosting_zone_set_file(h, z->file) < 0 ||
			       hosting_restore_first(h, d->store, weftd_report, NULL) < 0
		       ? -1
		       : 0;
}

static int load_new(struct weftd *d, const struct weftd_config_zone *z)
{
	struct hosting_zone *h = hosting_zone_new(z->name, z->file, d->seed);

	if (h != NULL)
		zone_set_limits(h->zone, &z->limits);
	if (h != NULL && hosting_restore_first(h, d->store, weftd_report, NULL) == 0 &&
	    hosting_add(&d->zones, h) == 0)
		return 0;
	hosting_zone_free(h);
	return -1;
}

/* Loads the zones that are new in `next`: a zone needs a first version before it is served. */
static int load_new_zones(struct weftd *d, const struct weftd_config *next)
{
	int ret = 0;

	for (const struct weftd_config_zone *z = next->zones; z != NULL; z = z->next) {
		struct hosting_zone *h = hosting_find(&d->zones, z->name);

		if ((h == NULL ? load_new(d, z) : load_parked(d, h, z)) < 0)
			ret = -1;
	}
	return ret;
}

/* Takes back what load_new_zones did; no other thread knows of it. `count` is how many zones there
 * were before. */
static void drop_new_zones(struct weftd *d, size_t count)
{
	while (d->zones.count > count)
		hosting_zone_free(d->zones.items[--d->zones.count]);
	for (size_t i = 0; i < count; i++)
		if (weftd_config_zone_find(d->config, zone_name(d->zones.items[i]->zone)) == NULL)
			hosting_zone_set_file(d->zones.items[i], NULL);
}

static void log_restart(void *arg, const char *option)
{
	(void)arg;
	base_log(BASE_LOG_WARNING, "config", "takes effect at a restart only: option=%s", option);
}

/* Gives the zones their files, and has `load` read them; zones that are not configured any more are
 * parked. */
static void set_files(struct weftd *d, weftd_load_fn load, void *arg)
{
	for (size_t i = 0; i < d->zones.count; i++) {
		struct hosting_zone *h = d->zones.items[i];
		const struct weftd_config_zone *z =
			weftd_config_zone_find(d->config, zone_name(h->zone));

		if (z != NULL)
			zone_set_limits(h->zone, &z->limits);
		if (hosting_zone_set_file(h, z == NULL ? NULL : z->file) < 0)
			weftd_report_zone(BASE_LOG_ERROR, h, "zone file not changed", -ENOMEM);
		else if (z != NULL && load != NULL)
			load(arg, d, h);
		else if (z != NULL)
			weftd_jobs_put_new(d, h, weftd_jobs_load);
	}
	weftd_ask(d, weftd_zones_reconcile, d);
}

static void log_failure(const char *path, int ret)
{
	base_log(BASE_LOG_ERROR, "config", "%s: %s", path, strerror(-ret));
}

/* Opens the log anew if its path has changed, and sets its level. */
static void log_update(const struct weftd_config_log *old, const struct weftd_config_log *next)
{
	int ret = strcmp(old->to, next->to) == 0 ? 0 : base_log_open(next->to);

	if (ret < 0)
		log_failure(next->to, ret);
	base_log_set_level((enum base_log_level)next->level);
}

/* Reports that the new configuration is refused. Returns false. */
static bool refuse(void)
{
	base_log(BASE_LOG_ERROR, "config",
		 "configuration not reloaded, the old one stays in force");
	process_notify_ready("serving with the old configuration: the new one is invalid");
	return false;
}

bool weftd_reload(struct weftd *d, weftd_load_fn load, void *arg)
{
	struct weftd_config *next, *old = d->config;
	struct server_rules *rules = NULL;
	size_t nzones = d->zones.count;
	int ret;

	process_notify_reloading();
	if ((ret = base_log_reopen()) < 0)
		log_failure(old->server.log.to, ret);
	if (weftd_config_load(&next, d->config_path, weftd_report, NULL) < 0)
		return refuse();
	if (weftd_config_unlock(next, weftd_report, NULL) == 0 && load_new_zones(d, next) == 0)
		rules = weftd_rules_new(d, next, weftd_report, NULL);
	if (rules == NULL) {
		drop_new_zones(d, nzones);
		weftd_config_free(next);
		return refuse();
	}
	weftd_config_needs_restart(old, next, log_restart, NULL);
	d->config = next;
	atomic_store_explicit(&d->checkpoint_nbytes, next->store.checkpoint_size,
			      memory_order_relaxed);
	log_update(&old->server.log, &next->server.log);
	weftd_rules_replace(d, rules);
	weftd_config_free(old);
	weftd_report_fabrics(next);
	set_files(d, load, arg);
	base_log(BASE_LOG_INFO, "config", "configuration reloaded");
	process_notify_ready("serving");
	return true;
}
