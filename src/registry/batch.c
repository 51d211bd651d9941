/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/batch.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/grow.h"
#include "base/rcu.h"
#include "registry/state.h"
#include "store/store.h"
#include "view/flip.h"
#include "view/update.h"
#include "zone/draft.h"
#include "zone/zone.h"

void registry_batch_init(struct registry_batch *b, const struct registry_settings *settings)
{
	memset(b, 0, sizeof(*b));
	b->settings = *settings;
	registry_hold_init(&b->hold);
}

void registry_batch_fini(struct registry_batch *b)
{
	registry_audit_fini(&b->audit);
	registry_batch_end_reconciling(b);
	registry_hold_fini(&b->hold);
	free(b->zones);
	free(b->changes);
}

uint64_t registry_batch_now(const struct registry_batch *b)
{
	return ledger_clock_now(&b->settings.state->ledger.clock, base_clock_steady_us() / 1000);
}

/* ---- drafts ---- */

void registry_batch_begin(struct registry_batch *b)
{
	b->nzones = 0;
	b->audit.nbytes = 0;
}

static struct registry_batch_zone *zone_take(struct registry_batch *b, struct zone *zone)
{
	struct registry_batch_zone *zones;

	for (size_t i = 0; i < b->nzones; i++)
		if (b->zones[i].zone == zone)
			return &b->zones[i];
	zones = base_grow(b->zones, b->nzones, &b->zones_capacity, sizeof(*zones));
	if (zones == NULL)
		return NULL;
	b->zones = zones;
	zones[b->nzones] = (struct registry_batch_zone){.zone = zone};
	return &zones[b->nzones++];
}

struct zone_draft *registry_batch_draft(void *batch, struct zone *zone)
{
	struct registry_batch *b = batch;
	struct registry_batch_zone *z = zone_take(b, zone);

	if (z != NULL && z->draft == NULL) {
		registry_hold_take_back(&b->hold, zone);
		z->draft = zone_draft_new(zone);
	}
	return z == NULL ? NULL : z->draft;
}

struct zone_draft *registry_batch_adopt(struct registry_batch *b)
{
	struct registry_hold *h = &b->hold;
	struct zone_draft *draft = registry_hold_take(h);
	struct registry_batch_zone *z = draft == NULL ? NULL : zone_take(b, zone_draft_zone(draft));

	if (z == NULL) {
		if (draft != NULL)
			zone_draft_abort(draft);
		return NULL;
	}
	z->draft = draft;
	z->changes = h->changes;
	z->is_sealed = h->is_sealed;
	z->is_changed = h->is_changed;
	return draft;
}

int registry_batch_end_lease(struct registry_batch *b, struct ledger_lease *lease)
{
	struct registry_state *s = b->settings.state;
	const struct ledger_content *c = lease->entry.content;
	struct zone_draft *draft = registry_batch_draft(b, lease->zone);
	uint8_t holder[DNS_NAME_MAX] = {0};
	uint32_t granted_s = c->granted_s;
	int n;

	if (draft == NULL)
		return -ENOMEM;
	memcpy(holder, c->bytes, c->nholder_bytes);
	n = update_expire(s->update, lease, draft, registry_state_view_rule(s, lease->zone));
	if (n < 0)
		return n;
	registry_audit_end(&b->audit, undo_entry_name(&lease->entry), holder, granted_s, n);
	return 0;
}

int registry_batch_resume_flips(struct registry_batch *b)
{
	struct registry_state *s = b->settings.state;
	struct view_pass *p = update_pass(s->update);
	const struct registry_view_rule *v;
	const struct undo_entry *e = NULL;
	struct zone_draft *draft;
	const uint8_t *zone;
	int ret;

	while ((zone = view_flip_zone(&s->view, &e)) != NULL) {
		v = registry_state_view_of(s, zone);
		if (v == NULL)
			return view_flip_forget(&s->view, zone);
		if (registry_hold_has(&b->hold, v->zone))
			continue;
		draft = registry_batch_draft(b, v->zone);
		if (draft == NULL)
			return -ENOMEM;
		view_pass_begin(p, &v->rule, draft);
		ret = view_flip_resume(p);
		return ret == 0 ? view_update(p) : ret;
	}
	return 0;
}

void registry_batch_end_reconciling(struct registry_batch *b)
{
	if (b->derived == NULL)
		return;
	view_reconcile_end(&b->reconciling);
	zone_release(b->derived, b->reconciling.snapshot);
	b->derived = NULL;
	b->hold.derived = NULL;
	b->hold.nended++;
}

/* ---- committing ---- */

bool registry_batch_is_of_request(int error)
{
	switch (-error) {
	case ENOMEM:
	case EMSGSIZE:
	case EBADMSG:
	case EINVAL:
	case E2BIG:
	case ERANGE:
	case EOVERFLOW:
	case ENAMETOOLONG:
	case EILSEQ:
		return true;
	default:
		return false;
	}
}

int registry_batch_seal(struct registry_batch *b)
{
	for (size_t i = 0; i < b->nzones; i++) {
		struct registry_batch_zone *z = &b->zones[i];
		int ret;

		if (z->draft == NULL || z->is_sealed)
			continue;
		ret = zone_draft_seal(z->draft, &z->changes);
		if (ret < 0)
			return ret;
		z->is_sealed = true;
		z->is_changed = ret > 0;
	}
	return 0;
}

static int commit(struct registry_batch *b, const struct store_batch *batch)
{
	uint64_t start_us = base_clock_steady_us(), took_us;
	struct registry_stats *stats = &b->stats;
	int ret;

	base_counter_set(&stats->commit_began_us, start_us);
	/* The batch holds no published pointer: however slow the disk is, no grace period waits. */
	if (b->is_reader)
		base_rcu_offline();
	ret = store_commit(b->settings.store, batch);
	if (b->is_reader)
		base_rcu_online();
	took_us = base_clock_steady_us() - start_us;
	base_counter_set(&stats->commit_began_us, 0);
	base_histogram_add(&stats->commit, took_us);
	if (took_us > stats->commit_us_max)
		base_counter_set(&stats->commit_us_max, took_us);
	if (ret < 0)
		base_counter_add(&stats->failed_batches, 1);
	if (!registry_batch_is_of_request(ret))
		base_counter_set(&stats->commit_error, (uint64_t)-ret);
	return ret;
}

int registry_batch_store(struct registry_batch *b, enum registry_batch_kind kind,
			 const struct store_item *extra)
{
	struct registry_state *s = b->settings.state;
	struct store_batch batch = {.time_s = base_clock_wall_s()};
	int ret;

	for (size_t i = 0; i < b->nzones; i++) {
		struct store_change *changes = base_grow(b->changes, batch.nchanges,
							 &b->changes_capacity, sizeof(*changes));

		if (changes == NULL)
			return -ENOMEM;
		b->changes = changes;
		if (b->zones[i].is_changed)
			changes[batch.nchanges++] = (struct store_change){
				zone_name(b->zones[i].zone), b->zones[i].changes};
	}
	batch.changes = b->changes;
	ret = registry_items_collect(&s->items, &s->ledger, &s->view, registry_batch_now(b),
				     kind == REGISTRY_BATCH_TICK, extra, &batch.items,
				     &batch.nitems);
	if (ret < 0 || batch.nchanges + batch.nitems == 0)
		return ret;
	return commit(b, &batch);
}

int registry_batch_commit(struct registry_batch *b, enum registry_batch_kind kind)
{
	int ret = registry_batch_seal(b);

	return ret == 0 ? registry_batch_store(b, kind, NULL) : ret;
}

void registry_batch_count(struct registry_batch *b)
{
	const struct registry_state *s = b->settings.state;
	const struct ledger_leases *leases = &s->ledger.leases;

	struct registry_stats *stats = &b->stats;
	struct ledger_lease_stats counted = leases->stats;

	counted.refreshed +=
		atomic_load_explicit(&leases->refreshes.nanswered, memory_order_relaxed);
	base_counters_set((uint64_t *)&stats->leases, (const uint64_t *)&counted,
			  sizeof(counted) / sizeof(uint64_t));
	base_counter_set(&stats->nleases, leases->table.count);
	base_counter_set(&stats->nowners, s->ledger.owners.table.count);
	base_counters_set((uint64_t *)&stats->services, (const uint64_t *)&s->view.stats,
			  sizeof(s->view.stats) / sizeof(uint64_t));
}

void registry_batch_publish(struct registry_batch *b)
{
	registry_state_commit(b->settings.state, registry_batch_now(b));
	for (size_t i = 0; i < b->nzones; i++) {
		struct registry_batch_zone *z = &b->zones[i];

		if (z->draft == NULL)
			continue;
		if (!z->is_changed) {
			zone_draft_abort(z->draft);
			continue;
		}
		registry_wide_warn(&b->wide, z->draft);
		zone_draft_show(z->draft);
		if (b->settings.on_changed != NULL)
			b->settings.on_changed(b->settings.arg, z->zone, &z->changes);
		zone_draft_finish(z->draft);
	}
	registry_batch_count(b);
}

void registry_batch_abort(struct registry_batch *b)
{
	for (size_t i = 0; i < b->nzones; i++)
		if (b->zones[i].draft != NULL)
			zone_draft_abort(b->zones[i].draft);
	registry_state_undo(b->settings.state);
}

int registry_batch_end(struct registry_batch *b, int ret, enum registry_batch_kind kind)
{
	assert(ret <= 0);
	if (ret == 0)
		ret = registry_batch_commit(b, kind);
	if (ret < 0) {
		registry_batch_abort(b);
		return ret;
	}
	registry_batch_publish(b);
	registry_audit_write(&b->audit);
	if (b->settings.on_batch != NULL)
		b->settings.on_batch(b->settings.arg);
	return 0;
}
