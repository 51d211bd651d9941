/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "hosting/reload.h"

#include <errno.h>
#include <stdlib.h>
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

struct hosting_prepared {
	struct zone *before, *after; /* the baseline and the file; `before` is NULL for a zone that
					has no version yet */
	struct hosting_files files;
	struct hosting_merge merge; /* what differs */
	uint64_t nmerges;	    /* of the zone, when this was made */
};

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
	h->changes = (struct hosting_changes){m->merging.merge.nadded, m->merging.merge.nremoved,
					      m->merging.serial_before, m->merging.serial_after};
	ret = hosting_baseline_adopt(h, m->store);
	return ret < 0 ? ret : merged;
}

void hosting_prepared_free(struct hosting_prepared *p)
{
	if (p == NULL)
		return;
	hosting_merge_fini(&p->merge);
	hosting_files_fini(&p->files);
	zone_free(p->before);
	zone_free(p->after);
	free(p);
}

static bool has_version(const struct hosting_zone *h)
{
	bool has;

	base_rcu_online();
	has = zone_current(h->zone) != NULL;
	base_rcu_offline();
	return has;
}

/* Reads both sides into empty zones, and takes their difference. */
static int prepared_fill(struct hosting_prepared *p, struct reloading *m,
			 const struct zone_limits *limits, base_report_fn on_report, void *arg)
{
	const struct hosting_zone *h = m->hosted;
	bool is_first = !has_version(h);
	int ret;

	p->nmerges = h->nmerges;
	p->after = zone_new(zone_name(h->zone), h->seed);
	p->before = is_first ? NULL : zone_new(zone_name(h->zone), h->seed);
	if (p->after == NULL || (p->before == NULL && !is_first))
		return -ENOMEM;
	zone_set_limits(p->after, limits);
	ret = hosting_load(p->after, m->file, &p->files, on_report, arg);
	m->is_refused = ret < 0 && ret != -ENOMEM;
	if (ret < 0 || is_first)
		return ret;
	ret = hosting_baseline_read(p->before, m->store);
	return ret < 0 ? ret
		       : hosting_merge_take(&p->merge, zone_current(p->before),
					    zone_current(p->after));
}

/* Reads the file if that is due. Sets `out` to NULL if it is not. */
static int prepare(struct hosting_prepared **out, struct reloading *m,
		   enum hosting_reload_when when, const struct zone_limits *limits,
		   base_report_fn on_report, void *arg)
{
	struct hosting_zone *h = m->hosted;
	int ret = h->must_adopt ? hosting_baseline_adopt(h, m->store) : 0;

	*out = NULL;
	if (ret == 0 && has_version(h)) {
		ret = hosting_baseline_compare(h, m->store, m->file);
		if (ret < 0 || (!h->is_stale && when == HOSTING_RELOAD_IF_CHANGED))
			return ret;
		/* The difference is taken to the stored baseline, which must be there first. */
		if (h->needs_baseline)
			ret = hosting_baseline_write(h, m->store);
	}
	if (ret < 0)
		return ret;
	*out = calloc(1, sizeof(**out));
	ret = *out == NULL ? -ENOMEM : prepared_fill(*out, m, limits, on_report, arg);
	if (ret == 0)
		return 0;
	hosting_prepared_free(*out);
	*out = NULL;
	return ret;
}

/* Merges what was prepared. */
static int merge_prepared(struct reloading *m, struct registry_registrar *registrar,
			  struct hosting_prepared *p, base_report_fn on_report, void *arg)
{
	struct hosting_zone *h = m->hosted;
	int ret;

	m->merging.must_raise = h->is_unsure;
	m->merging.merge = p->merge;
	p->merge = (struct hosting_merge){.nbarred = 0};
	ret = merge_commit(m, registrar, zone_current(p->after), &p->files);
	if (ret >= 0) {
		report_barred(m, on_report, arg);
		hosting_files_fini(&h->files);
		h->files = p->files;
		p->files = (struct hosting_files){.bytes = NULL};
		h->is_stale = false;
		h->nmerges++;
		h->loaded_s = base_clock_wall_s();
	}
	m->is_refused = ret == -E2BIG;
	if (m->is_refused)
		report_over(m, on_report, arg);
	hosting_merge_fini(&m->merging.merge);
	return ret;
}

/* The zone has no version, as its file was refused at the start. Returns HOSTING_RELOAD_FIRST or a
 * negative errno. */
static int load_first(struct reloading *m, base_report_fn on_report, void *arg)
{
	const struct zone_snapshot *first;
	int ret;

	base_rcu_online();
	ret = hosting_restore_first(m->hosted, m->store, m->file, on_report, arg);
	first = ret < 0 ? NULL : zone_current(m->hosted->zone);
	if (first != NULL)
		m->hosted->changes = (struct hosting_changes){
			.nadded = (size_t)zone_snapshot_records(first) - 1, /* and the SOA */
			.serial_after = zone_snapshot_serial(first)};
	base_rcu_offline();
	m->is_refused = ret < 0 && ret != -ENOMEM;
	/* Without it, the next checkpoint writes the baseline. */
	if (ret == 0)
		hosting_baseline_write(m->hosted, m->store);
	return ret < 0 ? ret : HOSTING_RELOAD_FIRST;
}

/* Sets the state of the file by what became of it. Returns `ret`. */
static int finish(const struct reloading *m, int ret)
{
	struct hosting_zone *h = m->hosted;

	if (ret >= 0)
		h->file_state = HOSTING_FILE_SERVED;
	else
		h->file_state = m->is_refused ? HOSTING_FILE_REFUSED : HOSTING_FILE_STALE;
	return ret;
}

int hosting_reload(struct hosting_zone *h, struct store *store,
		   struct registry_registrar *registrar, const char *file,
		   enum hosting_reload_when when, base_report_fn on_report, void *arg)
{
	struct reloading m = {
		.hosted = h, .store = store, .file = file, .merging = {.zone = h->zone}};
	const struct zone_limits limits = zone_get_limits(h->zone);
	struct hosting_prepared *p;
	int ret;

	if (!has_version(h))
		return finish(&m, load_first(&m, on_report, arg));
	ret = prepare(&p, &m, when, &limits, on_report, arg);
	if (ret == 0 && p != NULL)
		ret = merge_prepared(&m, registrar, p, on_report, arg);
	hosting_prepared_free(p);
	return finish(&m, ret);
}

int hosting_reload_prepare(struct hosting_prepared **out, struct hosting_zone *h,
			   struct store *store, const char *file, const struct zone_limits *limits,
			   base_report_fn on_report, void *arg)
{
	struct reloading m = {.hosted = h, .store = store, .file = file};

	return prepare(out, &m, HOSTING_RELOAD_IF_CHANGED, limits, on_report, arg);
}

int hosting_reload_commit(struct hosting_zone *h, struct store *store,
			  struct registry_registrar *registrar, const char *file,
			  struct hosting_prepared *take, base_report_fn on_report, void *arg)
{
	struct reloading m = {
		.hosted = h, .store = store, .file = file, .merging = {.zone = h->zone}};
	int ret;

	/* The difference was taken to an older baseline, or there was none. */
	if (take != NULL && (take->before == NULL || take->nmerges != h->nmerges))
		ret = hosting_reload(h, store, registrar, file, HOSTING_RELOAD_IF_CHANGED,
				     on_report, arg);
	else
		ret = finish(
			&m, take == NULL ? 0 : merge_prepared(&m, registrar, take, on_report, arg));
	hosting_prepared_free(take);
	return ret;
}
