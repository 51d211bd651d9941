/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "hosting/reload.h"

#include <errno.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rcu.h"
#include "dns/name.h"
#include "dns/type.h"
#include "hosting/baseline.h"
#include "hosting/hosting.h"
#include "hosting/load.h"
#include "hosting/merging.h"
#include "hosting/restore.h"
#include "zone/zone.h"

struct reloading {
	struct hosting_zone *hosted;
	struct store *store;
	const char *file;
	bool is_refused; /* the file is at fault */
	struct hosting_merging merging;
};

/* Reports records of the file that the CNAME rule has left out. */
static void report_barred(const struct reloading *m, base_report_fn on_report, void *arg)
{
	const struct dns_record *barred = m->merging.merge.barred;
	char owner[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX];
	struct base_error error;

	if (m->merging.merge.nbarred == 0)
		return;
	dns_name_to_text(owner, barred->owner);
	dns_type_to_text(type, barred->type);
	base_error_set_at(&error, -EEXIST, (struct base_location){m->file, 0},
			  "%zu records are left out, because a CNAME allows no other record at "
			  "its name; the first is %s %s",
			  m->merging.merge.nbarred, owner, type);
	on_report(arg, BASE_LOG_WARNING, &error);
}

/* Reports a record of the file that has no room beside what was registered. */
static void report_over(const struct reloading *m, base_report_fn on_report, void *arg)
{
	const struct zone_limits limits = zone_get_limits(m->hosted->zone);
	char owner[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX], text[ZONE_LIMIT_TEXT_MAX];
	struct base_error error;

	dns_name_to_text(owner, m->merging.merge.over->owner);
	dns_type_to_text(type, m->merging.merge.over->type);
	base_error_set_at(&error, -E2BIG, (struct base_location){m->file, 0},
			  "with what is registered there, %s %s makes %s: nothing is merged", owner,
			  type, zone_limit_text(text, m->merging.merge.limit, &limits));
	on_report(arg, BASE_LOG_ERROR, &error);
}

/* The next baseline is written before the commit, which names it, and adopted after it: so whenever
 * weftd ends, restoring knows up to which file the log has been merged. */
static int merge_commit(struct reloading *m, struct registry_registrar *registrar,
			const struct zone_snapshot *after, const struct hosting_files *files)
{
	struct hosting_zone *h = m->hosted;
	int ret, merged;

	if (getrandom(&m->merging.token, sizeof(m->merging.token), 0) != sizeof(m->merging.token))
		return -EIO;
	ret = hosting_baseline_prepare(m->store, zone_name(h->zone), after, files,
				       m->merging.token);
	if (ret < 0)
		return ret;
	merged = hosting_merging_run(&m->merging, registrar);
	if (merged < 0)
		return merged;
	h->token = m->merging.token;
	h->must_adopt = true;
	h->is_unsure = false;
	ret = hosting_baseline_adopt(h, m->store);
	return ret < 0 ? ret : merged;
}

/* Reads both sides into empty zones, `before` and `after`, and merges their difference. */
static int merge_between(struct reloading *m, struct registry_registrar *registrar,
			 struct zone *before, struct zone *after, struct hosting_files *files,
			 base_report_fn on_report, void *arg)
{
	int ret = hosting_load(after, m->file, files, on_report, arg);

	m->is_refused = ret < 0 && ret != -ENOMEM;
	if (ret == 0)
		ret = hosting_baseline_read(before, m->store);
	if (ret == 0)
		ret = hosting_merge_take(&m->merging.merge, zone_current(before),
					 zone_current(after));
	if (ret < 0)
		return ret;
	ret = merge_commit(m, registrar, zone_current(after), files);
	if (ret >= 0)
		report_barred(m, on_report, arg);
	m->is_refused = ret == -E2BIG;
	if (m->is_refused)
		report_over(m, on_report, arg);
	hosting_merge_fini(&m->merging.merge);
	return ret;
}

/* Does what hosting_reload is for, without the state of the file. */
static int reload(struct reloading *m, struct registry_registrar *registrar,
		  enum hosting_reload_when when, base_report_fn on_report, void *arg)
{
	struct hosting_zone *h = m->hosted;
	struct hosting_files files = {.bytes = NULL};
	struct zone_limits limits = zone_get_limits(h->zone);
	struct zone *before, *after;
	int ret = h->must_adopt ? hosting_baseline_adopt(h, m->store) : 0;

	if (ret == 0)
		ret = hosting_baseline_compare(h, m->store, m->file);
	if (ret < 0 || (!h->is_stale && when == HOSTING_RELOAD_IF_CHANGED))
		return ret;
	/* The difference is taken to the stored baseline, which must be there first. */
	if (h->needs_baseline && (ret = hosting_baseline_write(h, m->store)) < 0)
		return ret;
	m->merging.must_raise = h->is_unsure;
	before = zone_new(zone_name(h->zone), h->seed);
	after = zone_new(zone_name(h->zone), h->seed);
	if (after != NULL)
		zone_set_limits(after, &limits);
	ret = before == NULL || after == NULL
		      ? -ENOMEM
		      : merge_between(m, registrar, before, after, &files, on_report, arg);
	if (ret >= 0) {
		hosting_files_fini(&h->files);
		h->files = files;
		h->is_stale = false;
		h->loaded_s = base_clock_wall_s();
	} else {
		hosting_files_fini(&files);
	}
	zone_free(before);
	zone_free(after);
	return ret;
}

/* The zone has no version, as its file was refused at the start. Returns 1 or a negative errno. */
static int load_first(struct reloading *m, base_report_fn on_report, void *arg)
{
	int ret;

	base_rcu_online();
	ret = hosting_restore_first(m->hosted, m->store, m->file, on_report, arg);
	base_rcu_offline();
	m->is_refused = ret < 0 && ret != -ENOMEM;
	return ret < 0 ? ret : 1;
}

static bool has_version(const struct hosting_zone *h)
{
	bool has;

	base_rcu_online();
	has = zone_current(h->zone) != NULL;
	base_rcu_offline();
	return has;
}

int hosting_reload(struct hosting_zone *h, struct store *store,
		   struct registry_registrar *registrar, const char *file,
		   enum hosting_reload_when when, base_report_fn on_report, void *arg)
{
	struct reloading m = {
		.hosted = h, .store = store, .file = file, .merging = {.zone = h->zone}};
	int ret = has_version(h) ? reload(&m, registrar, when, on_report, arg)
				 : load_first(&m, on_report, arg);

	if (ret >= 0)
		h->file_state = HOSTING_FILE_SERVED;
	else
		h->file_state = m.is_refused ? HOSTING_FILE_REFUSED : HOSTING_FILE_STALE;
	return ret;
}
