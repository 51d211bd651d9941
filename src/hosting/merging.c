/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A large difference:
 *
 * 1. The registrar begins a draft and hands it over; updates of the zone wait from now on.
 * 2. The calling thread applies the difference and seals the draft.
 * 3. The registrar takes the draft into a batch: leases and owners of records that changed, one
 *    commit, one version. If the zone was taken back meanwhile, it applies the difference itself.
 * 4. Derived records are made to agree, and what owners have is counted, in batches of SLICE_US. A
 *    crash before the last of them leaves that to the start, which derives all records anew.
 *
 * The TXT of drained instances must not be the overlay when a file is merged, and every zone with a
 * view may need the drafts of reverse zones at any time: such zones are changed directly. */

#include "hosting/merging.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/name.h"
#include "ledger/release.h"
#include "registry/hold.h"
#include "registry/registrar.h"
#include "registry/state.h"
#include "registry/work.h"
#include "store/store.h"
#include "view/drain.h"
#include "view/update.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum {
	DIRECT_MAX = 2000, /* records of a small difference */
	SLICE_US = 5000,   /* in which a batch of step 4 looks at records, before it is stored */
	TOGETHER = 64,	   /* records whose types and lists are updated once */
};

static size_t count_of(const struct hosting_merge *m)
{
	return m->removed.count + m->added.count;
}

/* Returns the records removed, and then those added. */
static const struct dns_record *record_of(const struct hosting_merge *m, size_t i)
{
	return i < m->removed.count ? &m->removed.items[i] : &m->added.items[i - m->removed.count];
}

/* Returns whether the record has the same owner as the one before it. */
static bool is_same_owner(const struct hosting_merge_list *l, size_t i)
{
	return i > 0 && dns_name_equal(l->items[i - 1].owner, l->items[i].owner);
}

/* ---- what follows, in the registrar's thread ---- */

/* Records now in the file lose their leases; names left without records lose their owner. */
static int release(struct ledger *ledger, const struct hosting_merge *m, struct zone_draft *d)
{
	int ret = 0;

	for (size_t i = 0; i < m->added.count && ret == 0; i++)
		ret = ledger_release_later(&ledger->leases, &m->added.items[i]);
	if (ret == 0)
		ret = ledger_release_settle(&ledger->leases);
	if (ledger->owners.table.count == 0)
		return ret;
	for (size_t i = 0; i < m->removed.count && ret == 0; i++)
		if (!is_same_owner(&m->removed, i))
			ret = ledger_release_if_empty(ledger, d, m->removed.items[i].owner);
	return ret;
}

static int count(struct ledger *ledger, const struct hosting_merge_list *l, struct zone_draft *d)
{
	int ret = 0;

	for (size_t i = 0; i < l->count && ret == 0; i++)
		if (!is_same_owner(l, i))
			ret = ledger_count(ledger, d, l->items[i].owner);
	return ret;
}

/* Updates the records that are derived from the instances which the file has changed. */
static int finish_view(struct view_pass *p, const struct hosting_merge *m)
{
	for (size_t i = 0; i < m->removed.count; i++)
		view_update_removed(p, &m->removed.items[i]);
	for (size_t i = 0; i < m->added.count; i++)
		view_update_added(p, &m->added.items[i]);
	return view_update(p);
}

static struct store_item item_of(const struct hosting_merging *m)
{
	return (struct store_item){
		.kind = STORE_ITEM_ZONE,
		.key = zone_name(m->zone),
		.nkey = (uint16_t)dns_name_nbytes(zone_name(m->zone)),
		.bytes = (const uint8_t *)&m->token,
		.nbytes = sizeof(m->token),
	};
}

static void commit(struct hosting_merging *m, struct registry_registrar *registrar)
{
	const struct store_item item = item_of(m);
	const struct zone_snapshot *now;

	if (m->ret == 0)
		m->ret = registry_work_commit(registrar, &item);
	else
		registry_work_abort(registrar);
	now = zone_current(m->zone);
	m->serial_after = now == NULL ? 0 : zone_snapshot_serial(now);
}

/* ---- a small difference ---- */

/* In the registrar's thread: one commit for the difference and what follows from it. */
static void run_direct(struct registry_registrar *registrar, void *arg)
{
	struct hosting_merging *m = arg;
	struct registry_state *s = registry_work_state(registrar);
	struct view_pass *p = update_pass(s->update);
	struct zone_draft *d = registry_work_begin(registrar, m->zone);

	m->merge.must_end = NULL;
	m->must_follow = false;
	m->ret = -ENOMEM;
	if (d != NULL) {
		m->serial_before = zone_draft_serial(d);
		view_pass_begin(p, registry_state_view_rule(s, m->zone), d);
		view_drain_restore_all(p);
		m->ret = hosting_merge_apply(&m->merge, d, m->must_raise);
	}
	if (m->ret == 0)
		m->ret = finish_view(p, &m->merge);
	if (m->ret == 0)
		m->ret = release(&s->ledger, &m->merge, d);
	if (m->ret == 0)
		m->ret = count(&s->ledger, &m->merge.removed, d);
	if (m->ret == 0)
		m->ret = count(&s->ledger, &m->merge.added, d);
	commit(m, registrar);
	if (m->ret >= 0 && registry_work_reconcile_reverse(registrar, m->zone) < 0)
		base_log(BASE_LOG_ERROR, "zone",
			 "out-of-memory what=\"reverse PTRs are not updated\"");
}

/* ---- a large one ---- */

/* In the registrar's thread. */
static void begin(struct registry_registrar *registrar, void *arg)
{
	struct hosting_merging *m = arg;
	const struct registry_state *s = registry_work_state(registrar);

	if (!view_is_reverse(&s->view, m->zone) && !view_drain_is_any(&s->view, zone_name(m->zone)))
		m->hold = registry_work_prepare(registrar, m->zone);
}

/* In the calling thread. */
static void prepare(struct hosting_merging *m)
{
	m->merge.must_end = &m->hold->is_wanted_back;
	m->serial_before = zone_draft_serial(m->hold->draft);
	m->ret = hosting_merge_apply(&m->merge, m->hold->draft, m->must_raise);
	if (m->ret == 0)
		m->ret = registry_hold_seal(m->hold);
	registry_hold_let_go(m->hold);
}

/* In the registrar's thread. */
static void finish(struct registry_registrar *registrar, void *arg)
{
	struct hosting_merging *m = arg;
	struct registry_state *s = registry_work_state(registrar);
	struct zone_draft *d = registry_work_adopt(registrar);

	if (d == NULL) {
		run_direct(registrar, m);
		return;
	}
	m->must_follow = registry_state_view_rule(s, m->zone) != NULL ||
			 s->ledger.owners.table.count > 0 || s->ledger.nfabrics > 0;
	if (m->ret == 0)
		m->ret = release(&s->ledger, &m->merge, d);
	commit(m, registrar);
}

/* Notes some records for the view, makes their derived records agree, and counts. A record that an
 * update has changed since is left to what that did. */
static int follow_some(struct hosting_merging *m, struct ledger *ledger, struct view_pass *p)
{
	size_t end = m->nfollowed + TOGETHER;
	int ret = 0;

	for (; ret == 0 && m->nfollowed < end && m->nfollowed < count_of(&m->merge);
	     m->nfollowed++) {
		const struct dns_record *r = record_of(&m->merge, m->nfollowed);
		bool is_added = m->nfollowed >= m->merge.removed.count;

		if (zone_draft_has(p->draft, r->owner, r->type, r->rdata, r->nbytes) == is_added) {
			if (is_added)
				view_update_added(p, r);
			else
				view_update_removed(p, r);
		}
		ret = ledger_count(ledger, p->draft, r->owner);
	}
	return ret == 0 ? view_update(p) : ret;
}

/* In the registrar's thread. */
static void follow(struct registry_registrar *registrar, void *arg)
{
	struct hosting_merging *m = arg;
	struct registry_state *s = registry_work_state(registrar);
	struct view_pass *p = update_pass(s->update);
	uint64_t until_us = base_clock_steady_us() + SLICE_US;
	struct zone_draft *d = registry_work_begin(registrar, m->zone);

	m->ret = d == NULL ? -ENOMEM : 0;
	if (d != NULL)
		view_pass_begin(p, registry_state_view_rule(s, m->zone), d);
	while (m->ret == 0 && m->nfollowed < count_of(&m->merge) &&
	       base_clock_steady_us() < until_us)
		m->ret = follow_some(m, &s->ledger, p);
	if (m->ret == 0)
		m->ret = registry_work_commit(registrar, NULL);
	else
		registry_work_abort(registrar);
	/* The next reload derives all of them anew. */
	if (m->ret < 0)
		registry_state_set_derived(s, m->zone, false);
}

static void follow_all(struct hosting_merging *m, struct registry_registrar *registrar)
{
	char name[DNS_NAME_TEXT_MAX];

	while (m->ret >= 0 && m->nfollowed < count_of(&m->merge))
		registry_registrar_run(registrar, follow, m);
	if (m->ret >= 0)
		return;
	dns_name_to_text(name, zone_name(m->zone));
	base_log(BASE_LOG_ERROR, "zone", "view-not-derived zone=%s error=\"%s\"", name,
		 strerror(-m->ret));
}

int hosting_merging_run(struct hosting_merging *m, struct registry_registrar *registrar)
{
	int ret;

	m->hold = NULL;
	m->nfollowed = 0;
	if (count_of(&m->merge) > DIRECT_MAX)
		registry_registrar_run(registrar, begin, m);
	if (m->hold == NULL) {
		registry_registrar_run(registrar, run_direct, m);
		return m->ret;
	}
	prepare(m);
	registry_registrar_run(registrar, finish, m);
	ret = m->ret;
	if (ret > 0 && m->must_follow)
		follow_all(m, registrar);
	return ret;
}
