/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "hosting/reload.h"

#include <errno.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/name.h"
#include "dns/type.h"
#include "hosting/baseline.h"
#include "hosting/hosting.h"
#include "hosting/load.h"
#include "hosting/merge.h"
#include "ledger/release.h"
#include "registry/registrar.h"
#include "registry/state.h"
#include "registry/work.h"
#include "store/store.h"
#include "view/drain.h"
#include "view/update.h"
#include "zone/zone.h"

struct merging {
	struct hosting_zone *hosted;
	struct store *store;
	const char *file;
	bool must_raise; /* the serial */
	struct hosting_merge merge;
	uint64_t token; /* of the baseline that goes with the merge */
	int ret;
};

/* Records now in the file lose their leases; names left without records lose their owner; the
 * others are counted again. */
static int finish_ledger(struct ledger *ledger, const struct merging *m, struct zone_draft *d)
{
	int ret = 0;

	for (size_t i = 0; i < m->merge.added.count && ret == 0; i++) {
		ret = ledger_release_later(&ledger->leases, &m->merge.added.items[i]);
		if (ret == 0)
			ret = ledger_count(ledger, d, m->merge.added.items[i].owner);
	}
	if (ret == 0)
		ret = ledger_release_settle(&ledger->leases);
	for (size_t i = 0; i < m->merge.removed.count && ret == 0; i++)
		ret = ledger_release_if_empty(ledger, d, m->merge.removed.items[i].owner);
	return ret;
}

/* Updates the records that are derived from the instances which the file has changed. */
static int finish_view(struct view_pass *p, const struct merging *m)
{
	for (size_t i = 0; i < m->merge.removed.count; i++)
		view_update_removed(p, &m->merge.removed.items[i]);
	for (size_t i = 0; i < m->merge.added.count; i++)
		view_update_added(p, &m->merge.added.items[i]);
	return view_update(p);
}

/* In the registrar's thread: one commit for the difference and what follows from it. */
static void merge_run(struct registry_registrar *registrar, void *arg)
{
	struct merging *m = arg;
	struct registry_state *s = registry_work_state(registrar);
	struct view_pass *p = update_pass(s->update);
	struct zone_draft *d = registry_work_begin(registrar, m->hosted->zone);
	const struct store_item item = {
		.kind = STORE_ITEM_ZONE,
		.key = zone_name(m->hosted->zone),
		.nkey = (uint16_t)dns_name_nbytes(zone_name(m->hosted->zone)),
		.bytes = (const uint8_t *)&m->token,
		.nbytes = sizeof(m->token),
	};

	m->ret = -ENOMEM;
	if (d != NULL) {
		view_pass_begin(p, registry_state_view_rule(s, m->hosted->zone), d);
		view_drain_restore_all(p);
		m->ret = hosting_merge_apply(&m->merge, d, m->must_raise);
	}
	if (m->ret == 0)
		m->ret = finish_view(p, m);
	if (m->ret == 0)
		m->ret = finish_ledger(&s->ledger, m, d);
	if (m->ret == 0)
		m->ret = registry_work_commit(registrar, &item);
	else
		registry_work_abort(registrar);
	if (m->ret >= 0 && registry_work_reconcile_reverse(registrar, m->hosted->zone) < 0)
		base_log(BASE_LOG_ERROR, "zone", "reverse PTRs not updated: out of memory");
}

/* Reports records of the file that the CNAME rule has left out. */
static void report_barred(const struct merging *m, base_report_fn on_report, void *arg)
{
	const struct dns_record *barred = m->merge.barred;
	char owner[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX];
	struct base_error error;

	if (m->merge.nbarred == 0)
		return;
	dns_name_to_text(owner, barred->owner);
	dns_type_to_text(type, barred->type);
	base_error_set_at(&error, -EEXIST, (struct base_location){m->file, 0},
			  "%zu records are left out, because a CNAME allows no other record at "
			  "its name; the first is %s %s",
			  m->merge.nbarred, owner, type);
	on_report(arg, BASE_LOG_WARNING, &error);
}

/* Reports a record of the file that has no room beside what was registered. */
static void report_over(const struct merging *m, base_report_fn on_report, void *arg)
{
	const struct zone_limits limits = zone_get_limits(m->hosted->zone);
	char owner[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX], text[ZONE_LIMIT_TEXT_MAX];
	struct base_error error;

	dns_name_to_text(owner, m->merge.over->owner);
	dns_type_to_text(type, m->merge.over->type);
	base_error_set_at(&error, -E2BIG, (struct base_location){m->file, 0},
			  "with what is registered there, %s %s makes %s: nothing is merged", owner,
			  type, zone_limit_text(text, m->merge.limit, &limits));
	on_report(arg, BASE_LOG_ERROR, &error);
}

/* The next baseline is written before the commit, which names it, and adopted after it: so whenever
 * weftd ends, restoring knows up to which file the log has been merged. */
static int merge_commit(struct merging *m, struct registry_registrar *registrar,
			const struct zone_snapshot *after, const struct hosting_files *files)
{
	struct hosting_zone *h = m->hosted;
	int ret;

	if (getrandom(&m->token, sizeof(m->token), 0) != sizeof(m->token))
		return -EIO;
	ret = hosting_baseline_prepare(m->store, zone_name(h->zone), after, files, m->token);
	if (ret < 0)
		return ret;
	registry_registrar_run(registrar, merge_run, m);
	if (m->ret < 0)
		return m->ret;
	h->token = m->token;
	h->must_adopt = true;
	h->is_unsure = false;
	ret = hosting_baseline_adopt(h, m->store);
	return ret < 0 ? ret : m->ret;
}

/* Reads both sides into empty zones, `before` and `after`, and merges their difference. */
static int merge_between(struct merging *m, struct registry_registrar *registrar,
			 struct zone *before, struct zone *after, struct hosting_files *files,
			 base_report_fn on_report, void *arg)
{
	int ret = hosting_load(after, m->file, files, on_report, arg);

	if (ret == 0)
		ret = hosting_baseline_read(before, m->store);
	if (ret == 0)
		ret = hosting_merge_take(&m->merge, zone_current(before), zone_current(after));
	if (ret < 0)
		return ret;
	ret = merge_commit(m, registrar, zone_current(after), files);
	if (ret >= 0)
		report_barred(m, on_report, arg);
	else if (ret == -E2BIG)
		report_over(m, on_report, arg);
	hosting_merge_fini(&m->merge);
	return ret;
}

int hosting_reload(struct hosting_zone *h, struct store *store,
		   struct registry_registrar *registrar, const char *file,
		   enum hosting_reload_when when, base_report_fn on_report, void *arg)
{
	struct merging m = {.hosted = h, .store = store, .file = file};
	struct hosting_files files = {.bytes = NULL};
	struct zone_limits limits = zone_get_limits(h->zone);
	struct zone *before, *after;
	int ret = h->must_adopt ? hosting_baseline_adopt(h, store) : 0;

	if (ret == 0)
		ret = hosting_baseline_compare(h, store, file);
	if (ret < 0 || (!h->is_stale && when == HOSTING_RELOAD_IF_CHANGED))
		return ret;
	/* The difference is taken to the stored baseline, which must be there first. */
	if (h->needs_baseline && (ret = hosting_baseline_write(h, store)) < 0)
		return ret;
	m.must_raise = h->is_unsure;
	before = zone_new(zone_name(h->zone), h->seed);
	after = zone_new(zone_name(h->zone), h->seed);
	if (after != NULL)
		zone_set_limits(after, &limits);
	ret = before == NULL || after == NULL
		      ? -ENOMEM
		      : merge_between(&m, registrar, before, after, &files, on_report, arg);
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
