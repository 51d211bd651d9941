/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/work.h"

#include <errno.h>

#include "base/clock.h"
#include "ledger/release.h"
#include "registry/registrar.h"
#include "registry/state.h"
#include "store/store.h"
#include "view/drain.h"
#include "view/node.h"
#include "view/reconcile.h"
#include "view/update.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { STEP_RECORDS = 2000 }; /* of a step of a reconciliation */

static struct view_pass *pass_of(struct registry_batch *b)
{
	return update_pass(b->settings.state->update);
}

struct registry_state *registry_work_state(struct registry_registrar *r)
{
	return registry_registrar_batch(r)->settings.state;
}

uint64_t registry_work_now(struct registry_registrar *r)
{
	return registry_batch_now(registry_registrar_batch(r));
}

/* Does all steps of a reconciliation of the zone that are left. */
static void finish_reconciling(struct registry_registrar *r, const struct zone *zone)
{
	while (registry_registrar_batch(r)->hold.derived == zone &&
	       registry_work_reconcile_step(r) > 0)
		;
}

/* ---- a zone file's changes ---- */

struct zone_draft *registry_work_begin(struct registry_registrar *r, struct zone *zone)
{
	struct registry_batch *b = registry_registrar_batch(r);

	finish_reconciling(r, zone);
	registry_batch_begin(b);
	return zone_current(zone) == NULL ? NULL : registry_batch_draft(b, zone);
}

struct registry_hold *registry_work_prepare(struct registry_registrar *r, struct zone *zone)
{
	struct registry_hold *h = &registry_registrar_batch(r)->hold;

	finish_reconciling(r, zone);
	return registry_hold_begin(h, zone) < 0 ? NULL : h;
}

struct zone_draft *registry_work_adopt(struct registry_registrar *r)
{
	struct registry_batch *b = registry_registrar_batch(r);

	registry_batch_begin(b);
	return registry_batch_adopt(b);
}

int registry_work_commit(struct registry_registrar *r, const struct store_item *item)
{
	struct registry_batch *b = registry_registrar_batch(r);
	struct ledger_leases *leases = &b->settings.state->ledger.leases;
	const struct registry_batch_zone *z = &b->zones[0];
	int ret = registry_batch_seal(b);

	if (ret == 0 && z->is_changed)
		ret = ledger_release_changes(leases, &z->changes);
	if (ret == 0)
		ret = registry_batch_store(b, REGISTRY_BATCH_UPDATES, z->is_changed ? item : NULL);
	if (ret < 0) {
		registry_batch_abort(b);
		return ret;
	}
	registry_batch_publish(b);
	return z->is_changed;
}

void registry_work_abort(struct registry_registrar *r)
{
	registry_batch_abort(registry_registrar_batch(r));
}

/* ---- the state ---- */

int registry_work_save(struct registry_registrar *r)
{
	struct registry_batch *b = registry_registrar_batch(r);

	registry_batch_begin(b);
	return registry_batch_end(b, 0, REGISTRY_BATCH_TICK);
}

int registry_work_save_item(struct registry_registrar *r, const struct store_item *item)
{
	struct registry_batch *b = registry_registrar_batch(r);
	int ret;

	registry_batch_begin(b);
	ret = registry_batch_store(b, REGISTRY_BATCH_UPDATES, item);
	if (ret < 0)
		registry_batch_abort(b);
	else
		registry_batch_publish(b);
	return ret;
}

int registry_work_expire(struct registry_registrar *r, struct ledger_lease *const *leases,
			 size_t count)
{
	struct registry_batch *b = registry_registrar_batch(r);
	int ret = 0;

	for (size_t i = 0; i < count; i++)
		finish_reconciling(r, leases[i]->zone);
	registry_batch_begin(b);
	for (size_t i = 0; i < count && ret == 0; i++)
		ret = registry_batch_end_lease(b, leases[i]);
	if (ret == 0)
		b->settings.state->ledger.leases.stats.dropped += count;
	return registry_batch_end(b, ret, REGISTRY_BATCH_UPDATES);
}

int registry_work_purge(struct registry_registrar *r, const uint8_t *zone,
			const struct store_item *item)
{
	struct registry_batch *b = registry_registrar_batch(r);
	struct registry_state *s = b->settings.state;
	struct store_batch batch = {.time_s = base_clock_wall_s()};
	uint64_t now_ms = registry_batch_now(b);
	int ret = registry_state_forget(s, zone);

	if (ret == 0)
		ret = registry_items_collect(&s->items, &s->ledger, &s->view, now_ms, false, item,
					     &batch.items, &batch.nitems);
	if (ret == 0)
		ret = store_zone_remove(b->settings.store, zone, &batch);
	if (ret == 0)
		registry_state_commit(s, now_ms);
	else
		registry_state_undo(s);
	return ret;
}

int registry_work_count(struct registry_registrar *r, const struct zone *zone)
{
	struct registry_batch *b = registry_registrar_batch(r);
	struct registry_state *s = b->settings.state;
	const struct zone_snapshot *snapshot = zone_current(zone);
	int ret = snapshot == NULL ? 0 : ledger_count_zone(&s->ledger, zone_name(zone), snapshot);

	if (ret == 0)
		registry_state_commit(s, registry_batch_now(b));
	else
		registry_state_undo(s);
	return ret;
}

/* ---- the service view ---- */

void registry_work_reconcile_begin(struct registry_registrar *r, struct zone *zone,
				   const struct view_rule *rule, uint32_t ttl_before_s)
{
	struct registry_batch *b = registry_registrar_batch(r);
	const struct zone_snapshot *snapshot = zone_acquire(zone);

	registry_batch_end_reconciling(b);
	if (snapshot == NULL)
		return;
	view_reconcile_begin(&b->reconciling, rule, ttl_before_s, snapshot);
	b->derived = zone;
	b->hold.derived = zone;
}

int registry_work_reconcile_step(struct registry_registrar *r)
{
	struct registry_batch *b = registry_registrar_batch(r);
	struct zone_draft *draft;
	int ret = -ENOMEM, more = 0;

	if (b->derived == NULL)
		return 0;
	registry_batch_begin(b);
	draft = registry_batch_draft(b, b->derived);
	if (draft != NULL)
		ret = more = view_reconcile_step(&b->reconciling, pass_of(b), draft, STEP_RECORDS);
	ret = registry_batch_end(b, ret < 0 ? ret : 0, REGISTRY_BATCH_UPDATES);
	if (ret == 0 && more > 0)
		return 1;
	registry_batch_end_reconciling(b);
	return ret;
}

int registry_work_reconcile_reverse(struct registry_registrar *r, const struct zone *reverse)
{
	struct registry_batch *b = registry_registrar_batch(r);
	struct registry_state *s = b->settings.state;
	int ret = 0;

	if (!view_is_reverse(&s->view, reverse))
		return 0;
	for (size_t i = 0; i < s->nview_rules && ret == 0; i++) {
		const struct registry_view_rule *v = &s->view_rules[i];
		struct zone_draft *draft;

		if (zone_current(v->zone) == NULL)
			continue;
		draft = registry_work_begin(r, v->zone);
		ret = draft == NULL ? -ENOMEM : view_reconcile_reverse(pass_of(b), &v->rule, draft);
		ret = registry_batch_end(b, ret, REGISTRY_BATCH_UPDATES);
	}
	return ret;
}

int registry_work_drain(struct registry_registrar *r, struct zone *zone,
			const struct view_rule *rule, const uint8_t *instance, bool is_drained)
{
	struct registry_batch *b = registry_registrar_batch(r);
	struct view_pass *p = pass_of(b);
	struct zone_draft *draft = registry_work_begin(r, zone);
	int ret = draft == NULL ? -ENOMEM : 0, changed = 0;

	if (ret == 0) {
		view_pass_begin(p, rule, draft);
		changed = view_drain_set(p, instance, is_drained);
		ret = changed < 0 ? changed : view_update(p);
	}
	if (ret == 0)
		ret = ledger_count(&b->settings.state->ledger, draft, instance);
	ret = registry_batch_end(b, ret, REGISTRY_BATCH_UPDATES);
	return ret < 0 ? ret : changed;
}

int registry_work_drain_node(struct registry_registrar *r, const uint8_t *node, bool is_drained)
{
	struct registry_state *s = registry_work_state(r);
	int changed = view_node_set(&s->view, node, is_drained), ret;

	if (changed < 0)
		registry_state_undo(s);
	if (changed <= 0)
		return changed;
	ret = registry_work_save(r);
	return ret < 0 ? ret : changed;
}

int registry_work_drain_follow(struct registry_registrar *r, struct zone *zone,
			       const struct view_rule *rule, const uint8_t *const *instances,
			       size_t count)
{
	struct registry_batch *b = registry_registrar_batch(r);
	struct view_pass *p = pass_of(b);
	struct zone_draft *draft = registry_work_begin(r, zone);
	int ret = draft == NULL ? -ENOMEM : 0, changed = 0;

	if (ret == 0)
		view_pass_begin(p, rule, draft);
	for (size_t i = 0; i < count && ret >= 0; i++) {
		ret = view_drain_update(p, instances[i]);
		changed += ret > 0;
	}
	if (ret >= 0)
		ret = view_update(p);
	for (size_t i = 0; i < count && ret == 0; i++)
		ret = ledger_count(&b->settings.state->ledger, draft, instances[i]);
	ret = registry_batch_end(b, ret, REGISTRY_BATCH_UPDATES);
	return ret < 0 ? ret : changed;
}
