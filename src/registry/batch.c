/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/grow.h"
#include "registry/ledger.h"
#include "registry/registrar_priv.h"
#include "zone/draft.h"
#include "zone/zone.h"

static struct registry_batch_zone *batch_zone(struct registry_batch *b, struct zone *zone)
{
	struct registry_batch_zone *zones;

	for (size_t i = 0; i < b->nzones; i++)
		if (b->zone[i].zone == zone)
			return &b->zone[i];
	zones = base_grow(b->zone, b->nzones, &b->zones_room, sizeof(*zones));
	if (zones == NULL)
		return NULL;
	b->zone = zones;
	zones[b->nzones] = (struct registry_batch_zone){.zone = zone};
	return &zones[b->nzones++];
}

/* The draft of a zone in the batch. NULL when memory is short. */
struct zone_draft *registry_batch_draft(void *arg, struct zone *zone)
{
	struct registry_registrar *r = arg;
	struct registry_batch_zone *z = batch_zone(&r->batch, zone);

	if (z != NULL && z->draft == NULL)
		z->draft = zone_draft_new(zone);
	return z == NULL ? NULL : z->draft;
}

void registry_batch_empty(struct registry_registrar *r)
{
	r->batch.nrequests = r->batch.nzones = r->batch.nbytes = 0;
	r->audit.nbytes = 0;
}

static int commit(struct registry_registrar *r, const struct store_change *changes, size_t nchanges,
		  const struct store_item *notes, size_t nnotes)
{
	struct store_batch b = {.changes = changes,
				.nchanges = nchanges,
				.items = notes,
				.nitems = nnotes,
				.time_s = base_clock_wall_s()};
	uint64_t start = base_clock_steady_us(), took;
	int result = store_commit(r->settings.store, &b);

	took = base_clock_steady_us() - start;
	pthread_mutex_lock(&r->lock);
	r->stats.commit_us += took;
	if (took > r->stats.commit_us_max)
		r->stats.commit_us_max = took;
	if (result < 0)
		r->stats.failed_batches++;
	pthread_mutex_unlock(&r->lock);
	return result;
}

static int batch_seal(struct registry_registrar *r)
{
	for (size_t i = 0; i < r->batch.nzones; i++) {
		struct registry_batch_zone *z = &r->batch.zone[i];
		int result = z->draft == NULL ? 0 : zone_draft_seal(z->draft, &z->changes);

		if (result < 0)
			return result;
		z->is_changed = result > 0;
	}
	return 0;
}

/* Stores what was sealed, and all notes. */
static int batch_store(struct registry_registrar *r, bool is_tick, const struct store_item *note)
{
	struct registry_batch *b = &r->batch;
	const struct store_item *notes;
	size_t nchanges = 0, nnotes;
	int ret;

	for (size_t i = 0; i < b->nzones; i++) {
		struct store_change *changes =
			base_grow(b->changes, nchanges, &b->changes_room, sizeof(*changes));

		if (changes == NULL)
			return -ENOMEM;
		b->changes = changes;
		if (b->zone[i].is_changed)
			changes[nchanges++] = (struct store_change){zone_name(b->zone[i].zone),
								    b->zone[i].changes};
	}
	ret = registry_ledger_items(r->settings.ledger, registry_registrar_now(r), is_tick, note,
				    &notes, &nnotes);
	if (ret < 0 || nchanges + nnotes == 0)
		return ret;
	return commit(r, b->changes, nchanges, notes, nnotes);
}

int registry_batch_commit(struct registry_registrar *r, bool is_tick)
{
	int ret = batch_seal(r);

	return ret == 0 ? batch_store(r, is_tick, NULL) : ret;
}

/* Whether a lease of the refresh is of an instance that is suspect: its next refresh clears it,
 * which is the registrar's to do. */
static bool is_watched(const struct view *s, const struct ledger_refresh *refresh)
{
	struct ledger_lease *const *leases;
	size_t n = ledger_refresh_leases(refresh, &leases);

	for (size_t i = 0; i < n && s->marks.count > 0; i++)
		if (view_is_suspect(s, undo_entry_zone(&leases[i]->entry),
				    undo_entry_name(&leases[i]->entry)))
			return true;
	return false;
}

/* A lease that another request of the batch has changed may be gone when it is committed. */
static void batch_sift(struct registry_registrar *r)
{
	struct registry_batch *b = &r->batch;

	for (size_t i = 0; i < b->nrequests; i++) {
		struct registry_request *request = b->request[i];

		if (request->refresh == NULL ||
		    (ledger_refresh_is_sound(request->refresh) &&
		     !is_watched(&r->settings.ledger->services, request->refresh)))
			continue;
		ledger_refresh_drop(request->refresh);
		request->refresh = NULL;
	}
}

void registry_batch_publish(struct registry_registrar *r)
{
	batch_sift(r);
	registry_ledger_commit(r->settings.ledger, registry_registrar_now(r));
	for (size_t i = 0; i < r->batch.nrequests; i++)
		if (r->batch.request[i]->refresh != NULL)
			ledger_refresh_learn(&r->settings.ledger->leases.refreshes,
					     r->batch.request[i]->refresh);
	for (size_t i = 0; i < r->batch.nzones; i++) {
		struct registry_batch_zone *z = &r->batch.zone[i];

		if (z->draft == NULL)
			continue;
		if (!z->is_changed) {
			zone_draft_abort(z->draft);
			continue;
		}
		if (r->settings.on_changed != NULL)
			r->settings.on_changed(r->settings.arg, z->zone, &z->changes);
		zone_draft_publish(z->draft);
	}
}

void registry_batch_undo(struct registry_registrar *r)
{
	for (size_t i = 0; i < r->batch.nzones; i++)
		if (r->batch.zone[i].draft != NULL)
			zone_draft_abort(r->batch.zone[i].draft);
	for (size_t i = 0; i < r->batch.nrequests; i++)
		ledger_refresh_drop(r->batch.request[i]->refresh);
	registry_ledger_undo(r->settings.ledger);
}

int registry_batch_end_lease(struct registry_registrar *r, struct ledger_lease *lease)
{
	const struct ledger_lease_content *c = lease->entry.content;
	struct zone_draft *draft = registry_batch_draft(r, lease->zone);
	uint8_t holder[DNS_NAME_MAX] = {0};
	uint32_t granted_s = c->granted_s;
	int n;

	memcpy(holder, c->bytes, c->nholder);
	if (draft == NULL)
		return -ENOMEM;
	n = registry_ledger_expire(r->settings.ledger, lease, draft);
	if (n < 0)
		return n;
	registry_audit_end(&r->audit, undo_entry_name(&lease->entry), holder, granted_s, n);
	return 0;
}

/* What was done to the ledger, and to the drafts of the batch, counts or does not. */
int registry_batch_finish(struct registry_registrar *r, int result, bool is_tick)
{
	assert(result <= 0);
	if (result == 0)
		result = registry_batch_commit(r, is_tick);
	if (result < 0) {
		registry_batch_undo(r);
		return result;
	}
	registry_batch_publish(r);
	registry_audit_write(&r->audit);
	pthread_mutex_lock(&r->lock);
	registry_registrar_stats_update(r);
	pthread_mutex_unlock(&r->lock);
	if (r->settings.on_batch != NULL)
		r->settings.on_batch(r->settings.arg);
	return 0;
}

int registry_registrar_save(struct registry_registrar *r)
{
	registry_batch_empty(r);
	return registry_batch_finish(r, 0, true);
}

int registry_registrar_expire(struct registry_registrar *r, struct ledger_lease *const *leases,
			      size_t count)
{
	int result = 0;

	registry_batch_empty(r);
	for (size_t i = 0; i < count && result == 0; i++)
		result = registry_batch_end_lease(r, leases[i]);
	if (result == 0)
		r->settings.ledger->leases.stats.dropped += count;
	return registry_batch_finish(r, result, false);
}

int registry_registrar_reconcile(struct registry_registrar *r, struct zone *zone,
				 const struct view_rule *rule, uint32_t ttl_before_s)
{
	const struct zone_snapshot *s = zone_current(zone);
	struct zone_draft *draft;

	if (s == NULL)
		return 0;
	draft = registry_registrar_begin(r, zone);
	return registry_batch_finish(r,
				     draft == NULL ? -ENOMEM
						   : view_reconcile(&r->settings.ledger->services,
								    rule, ttl_before_s, s, draft),
				     false);
}

int registry_registrar_reconcile_reverse(struct registry_registrar *r, const struct zone *reverse)
{
	struct registry_ledger *g = r->settings.ledger;
	int result = 0;

	if (!view_is_reverse(&g->services, reverse))
		return 0;
	for (size_t i = 0; i < g->nviews && result == 0; i++) {
		struct zone_draft *draft = zone_current(g->views[i].zone) == NULL
						   ? NULL
						   : registry_registrar_begin(r, g->views[i].zone);

		if (draft != NULL)
			result = registry_batch_finish(
				r, view_reconcile_reverse(&g->services, &g->views[i].rule, draft),
				false);
	}
	return result;
}

int registry_registrar_check(struct registry_registrar *r, struct zone *zone,
			     const struct view_rule *rule, view_difference_fn on_wrong, void *arg)
{
	const struct zone_snapshot *s = zone_current(zone);
	struct zone_draft *draft;
	int result = -ENOMEM;

	if (s == NULL)
		return 0;
	draft = registry_registrar_begin(r, zone);
	if (draft != NULL)
		result = view_check(&r->settings.ledger->services, rule, s, draft, on_wrong, arg);
	registry_batch_undo(r);
	return result;
}

int registry_registrar_drain(struct registry_registrar *r, struct zone *zone,
			     const struct view_rule *rule, const uint8_t *instance, bool is_drained)
{
	struct view *s = &r->settings.ledger->services;
	struct zone_draft *draft = registry_registrar_begin(r, zone);
	int result = draft == NULL ? -ENOMEM : 0, changed = 0;

	if (result == 0) {
		view_begin(s, rule, draft);
		changed = view_drain(s, instance, is_drained);
		result = changed < 0 ? changed : view_update(s);
	}
	result = registry_batch_finish(r, result, false);
	return result < 0 ? result : changed;
}

struct zone_draft *registry_registrar_begin(struct registry_registrar *r, struct zone *zone)
{
	registry_batch_empty(r);
	return registry_batch_draft(r, zone);
}

int registry_registrar_commit(struct registry_registrar *r, const struct store_item *note)
{
	struct registry_batch_zone *z = &r->batch.zone[0];
	int result = batch_seal(r);

	/* What the administrator wrote is not leased, even if it was before. */
	if (result == 0 && z->is_changed)
		result = ledger_leases_release_all(&r->settings.ledger->leases, zone_name(z->zone),
						   &z->changes);
	if (result == 0)
		result = batch_store(r, false, z->is_changed ? note : NULL);
	if (result < 0) {
		registry_batch_undo(r);
		return result;
	}
	result = z->is_changed;
	registry_batch_publish(r);
	return result;
}

void registry_registrar_abort(struct registry_registrar *r)
{
	registry_batch_undo(r);
}

int registry_registrar_save_item(struct registry_registrar *r, const struct store_item *note)
{
	const struct store_item *notes;
	size_t nnotes;
	int ret = registry_ledger_items(r->settings.ledger, registry_registrar_now(r), false, note,
					&notes, &nnotes);

	if (ret == 0)
		ret = commit(r, NULL, 0, notes, nnotes);
	if (ret < 0)
		registry_ledger_undo(r->settings.ledger);
	else
		registry_ledger_commit(r->settings.ledger, registry_registrar_now(r));
	return ret;
}
