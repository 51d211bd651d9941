/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/grow.h"
#include "store/store.h"
#include "update/report.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { CLOCK_NOTE_MS = 1000, GRACE_MOST_S = 60 };

static const uint8_t clock_key[1] = {0};

/* A PTR of an instance that is gone is nobody's. */
static int on_gone(void *arg, const uint8_t *zone, const struct dns_record *pointer)
{
	struct registry_ledger *g = arg;

	return ledger_leases_release(&g->leases, zone, pointer);
}

int registry_ledger_init(struct registry_ledger *g, uint64_t seed)
{
	int ret;

	memset(g, 0, sizeof(*g));
	ret = undo_table_init(&g->owners, sizeof(struct undo_entry), seed, free, free);
	if (ret == 0)
		ret = view_init(&g->services, seed);
	g->services.on_gone = on_gone;
	g->services.gone_arg = g;
	return ret == 0 ? ledger_leases_init(&g->leases, seed) : ret;
}

void registry_ledger_fini(struct registry_ledger *g)
{
	undo_table_fini(&g->owners);
	ledger_leases_fini(&g->leases);
	view_fini(&g->services);
	free(g->views);
	free(g->notes);
	free(g->bytes);
}

uint64_t registry_ledger_now(const struct registry_ledger *g, uint64_t steady_ms)
{
	return g->clock_ms + (steady_ms - g->started_ms);
}

/* ---- owners ---- */

const uint8_t *registry_ledger_owner(const struct registry_ledger *g, const uint8_t *zone,
				     const uint8_t *name)
{
	return undo_table_content(&g->owners, zone, name);
}

static int entry_own(struct registry_ledger *g, struct undo_entry *e, const uint8_t *key)
{
	uint8_t lower[DNS_NAME_MAX], *copy = NULL;
	size_t n;

	if (key != NULL) {
		n = dns_name_lower(lower, key);
		copy = malloc(n);
		if (copy == NULL)
			return -ENOMEM;
		memcpy(copy, lower, n);
	}
	return undo_table_put(&g->owners, e, copy);
}

int registry_ledger_own(struct registry_ledger *g, const uint8_t *zone, const uint8_t *name,
			const uint8_t *key)
{
	struct undo_key k;
	struct undo_entry *e;

	undo_table_key(&g->owners, &k, zone, name, 0);
	e = key == NULL ? undo_table_find(&g->owners, &k) : undo_table_take(&g->owners, &k);
	if (e == NULL)
		return key == NULL ? 0 : -ENOMEM;
	if (key == NULL && e->content == NULL)
		return 0;
	return entry_own(g, e, key);
}

int registry_ledger_release_if_empty(struct registry_ledger *g, struct zone_draft *draft,
				     const uint8_t *name)
{
	const uint8_t *zone = zone_name(zone_draft_zone(draft));

	if (registry_ledger_owner(g, zone, name) == NULL || zone_draft_count(draft, name) > 0 ||
	    ledger_leases_find(&g->leases, zone, name, LEDGER_LEASE_NAME) != NULL)
		return 0;
	return registry_ledger_own(g, zone, name, NULL);
}

/* Every name that the lease held a record of may be free now; the lease's own comes last, when all
 * is gone. */
int registry_ledger_expire(struct registry_ledger *g, struct ledger_lease *lease,
			   struct zone_draft *draft)
{
	const struct ledger_lease_content *c = lease->entry.content;
	uint8_t name[DNS_NAME_MAX];
	struct dns_record r;
	struct base_buf b;
	uint8_t *records = malloc(c->nbytes + 1);
	size_t nbytes = c->nbytes;
	struct zone *zone = zone_draft_zone(draft);
	int nremoved, ret = 0;

	if (records == NULL)
		return -ENOMEM;
	memcpy(records, c->bytes + c->nholder, nbytes);
	dns_name_lower(name, undo_entry_name(&lease->entry));
	view_begin(&g->services, registry_ledger_services(g, zone), draft);
	b = base_buf_over(records, nbytes);
	while (zone_changeset_next(&b, &r))
		view_restore(&g->services, r.owner);
	nremoved = ledger_leases_end(&g->leases, lease, draft);
	b = base_buf_over(records, nbytes);
	while (nremoved >= 0 && ret == 0 && zone_changeset_next(&b, &r)) {
		/* What another lease holds too is still said. */
		if (zone_draft_has(draft, r.owner, r.type, r.rdata, r.nbytes))
			view_added(&g->services, &r);
		else
			view_removed(&g->services, &r);
		ret = g->owners.count > 0 ? registry_ledger_release_if_empty(g, draft, r.owner) : 0;
	}
	free(records);
	if (nremoved >= 0 && ret == 0)
		ret = update_report_ended(g, draft, name);
	if (nremoved >= 0 && ret == 0)
		ret = view_update(&g->services);
	if (nremoved >= 0 && ret == 0)
		ret = registry_ledger_release_if_empty(g, draft, name);
	return ret < 0 ? ret : nremoved;
}

/* ---- notes ---- */

/* Room for a note's bytes. Notes point to their bytes only when all are there: until then they have
 * offsets. */
static uint8_t *bytes_take(struct registry_ledger *g, size_t n)
{
	uint8_t *p;

	if (g->nbytes + n > g->bytes_room) {
		size_t room = (g->nbytes + n) * 2;

		p = realloc(g->bytes, room);
		if (p == NULL)
			return NULL;
		g->bytes = p;
		g->bytes_room = room;
	}
	p = g->bytes + g->nbytes;
	g->nbytes += n;
	return p;
}

/* Adds a note of `nbytes` octets, which the caller writes to where this points. NULL when memory is
 * short. */
static uint8_t *note_add(struct registry_ledger *g, uint8_t kind, const uint8_t *key, size_t nkey,
			 size_t nbytes)
{
	struct store_item *notes = base_grow(g->notes, g->nnotes, &g->notes_room, sizeof(*notes));
	uint8_t *p;

	if (notes == NULL)
		return NULL;
	g->notes = notes;
	p = bytes_take(g, nbytes + 1);
	if (p != NULL)
		notes[g->nnotes++] = (struct store_item){.kind = kind,
							 .key = key,
							 .nkey = (uint16_t)nkey,
							 .nbytes = (uint32_t)nbytes};
	return p;
}

static int owner_notes(struct registry_ledger *g)
{
	for (size_t i = 0; i < g->owners.nchanged; i++) {
		const struct undo_entry *e = g->owners.changed[i];
		size_t n = e->content == NULL ? 0 : dns_name_nbytes(e->content);
		uint8_t *p = note_add(g, STORE_ITEM_OWNER, e->key, e->nkey, n);

		if (p == NULL)
			return -ENOMEM;
		if (n > 0)
			memcpy(p, e->content, n);
	}
	return 0;
}

/* What is kept of instances beside their records. */
static int service_notes(struct registry_ledger *g, uint8_t kind, const struct undo_table *t)
{
	for (size_t i = 0; i < t->nchanged; i++) {
		const struct undo_entry *e = t->changed[i];
		uint8_t *p = note_add(g, kind, e->key, e->nkey, view_item_size(kind, e));

		if (p == NULL)
			return -ENOMEM;
		view_item_write(kind, e, p);
	}
	return 0;
}

/* A lease's note has its time; one that was written for that alone before is out of date. */
static int lease_notes(struct registry_ledger *g)
{
	for (size_t i = 0; i < g->leases.table.nchanged; i++) {
		struct ledger_lease *lease = (struct ledger_lease *)g->leases.table.changed[i];
		const struct undo_entry *e = &lease->entry;
		size_t n = e->content == NULL ? 0 : ledger_lease_item_size(lease);
		uint8_t *p;

		if (lease->has_time &&
		    note_add(g, STORE_ITEM_LEASE_TIME, e->key, e->nkey, 0) == NULL)
			return -ENOMEM;
		p = note_add(g, STORE_ITEM_LEASE, e->key, e->nkey, n);
		if (p == NULL)
			return -ENOMEM;
		if (n > 0)
			ledger_lease_item_write(lease, p);
	}
	return 0;
}

static int time_notes(struct registry_ledger *g)
{
	for (g->nflushed = 0; g->nflushed < g->leases.ndirty; g->nflushed++) {
		struct ledger_lease *lease = g->leases.dirty[g->nflushed];
		uint8_t *p;

		if (lease->entry.content == NULL) /* it ends with this commit */
			continue;
		p = note_add(g, STORE_ITEM_LEASE_TIME, lease->entry.key, lease->entry.nkey,
			     LEDGER_LEASE_TIME_SIZE);
		if (p == NULL)
			return -ENOMEM;
		ledger_lease_time_write(lease, p);
		lease->noting_ms = base_load64(p + 8);
		lease->has_time = true;
	}
	return 0;
}

static bool clock_is_due(const struct registry_ledger *g, uint64_t now_ms)
{
	return g->leases.table.count > 0 && now_ms >= g->clock_noted_ms + CLOCK_NOTE_MS;
}

int registry_ledger_items(struct registry_ledger *g, uint64_t now_ms, bool is_tick,
			  const struct store_item *more, const struct store_item **notes,
			  size_t *count)
{
	size_t at = 0;
	uint8_t *p;
	int ret;

	g->nnotes = g->nbytes = g->nflushed = 0;
	ret = owner_notes(g);
	if (ret == 0)
		ret = lease_notes(g);
	if (ret == 0)
		ret = service_notes(g, STORE_ITEM_SUBTYPES, &g->services.subtypes);
	if (ret == 0)
		ret = service_notes(g, STORE_ITEM_MARK, &g->services.marks);
	if (ret == 0 && is_tick)
		ret = ledger_leases_collect(&g->leases);
	if (ret == 0 && is_tick)
		ret = time_notes(g);
	if (ret == 0 && (g->nnotes > 0 || (is_tick && clock_is_due(g, now_ms)))) {
		p = note_add(g, STORE_ITEM_CLOCK, clock_key, sizeof(clock_key), 8);
		if (p == NULL)
			return -ENOMEM;
		base_store64(p, now_ms);
	}
	if (ret == 0 && more != NULL) {
		p = note_add(g, more->kind, more->key, more->nkey, more->nbytes);
		if (p == NULL)
			return -ENOMEM;
		if (more->nbytes > 0)
			memcpy(p, more->bytes, more->nbytes);
	}
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < g->nnotes; i++) {
		g->notes[i].bytes = g->bytes + at;
		at += g->notes[i].nbytes + 1;
	}
	*notes = g->notes;
	*count = g->nnotes;
	return 0;
}

void registry_ledger_commit(struct registry_ledger *g, uint64_t now_ms)
{
	if (g->nnotes > 0)
		g->clock_noted_ms = now_ms;
	for (size_t i = 0; i < g->nflushed; i++) {
		struct ledger_lease *lease = g->leases.dirty[i];

		lease->dirty_place = LEDGER_NOWHERE;
		atomic_store_explicit(&lease->noted_ms, lease->noting_ms, memory_order_relaxed);
	}
	if (g->nflushed > 0)
		g->leases.ndirty = 0;
	g->nnotes = g->nflushed = 0;
	undo_table_commit(&g->owners, NULL, NULL);
	ledger_leases_commit(&g->leases);
	view_commit(&g->services);
}

void registry_ledger_undo(struct registry_ledger *g)
{
	g->nnotes = g->nflushed = 0;
	undo_table_undo(&g->owners, NULL, NULL);
	ledger_leases_undo(&g->leases);
	view_undo(&g->services);
}

uint64_t registry_ledger_next(const struct registry_ledger *g)
{
	uint64_t next = ledger_leases_next(&g->leases);

	if (g->leases.ndirty > 0 || !base_queue_is_empty(&g->leases.refreshes.moved))
		return 0;
	if (g->leases.table.count > 0 && g->clock_noted_ms + CLOCK_NOTE_MS < next)
		return g->clock_noted_ms + CLOCK_NOTE_MS;
	return next;
}

/* ---- after a restart ---- */

static int owner_read(struct registry_ledger *g, const struct store_item *note)
{
	struct base_buf b = base_buf_over(note->key, note->nkey);
	uint8_t zone[DNS_NAME_MAX], name[DNS_NAME_MAX];
	int ret;

	dns_name_parse(&b, zone);
	dns_name_parse(&b, name);
	if (b.has_failed || base_buf_left(&b) != 1 ||
	    (note->nbytes > 0 && !dns_name_is_valid(note->bytes, note->nbytes)))
		return -EBADMSG;
	ret = registry_ledger_own(g, zone, name, note->nbytes == 0 ? NULL : note->bytes);
	undo_table_commit(&g->owners, NULL, NULL);
	return ret;
}

int registry_ledger_read(struct registry_ledger *g, const struct store_item *note)
{
	switch (note->kind) {
	case STORE_ITEM_OWNER:
		return owner_read(g, note);
	case STORE_ITEM_LEASE:
		return ledger_lease_item_read(&g->leases, note->key, note->nkey, note->bytes,
					      note->nbytes);
	case STORE_ITEM_LEASE_TIME:
		return ledger_lease_time_read(&g->leases, note->key, note->nkey, note->bytes,
					      note->nbytes);
	case STORE_ITEM_SUBTYPES:
	case STORE_ITEM_MARK:
		return view_item_read(&g->services, note->kind, note->key, note->nkey, note->bytes,
				      note->nbytes);
	case STORE_ITEM_CLOCK:
		if (note->nbytes != 8)
			return -EBADMSG;
		/* Notes of a checkpoint can come before older ones of the log. */
		if (base_load64(note->bytes) > g->clock_ms)
			g->clock_ms = base_load64(note->bytes);
		return 0;
	default:
		return 0;
	}
}

void registry_ledger_start(struct registry_ledger *g, uint64_t steady_ms)
{
	g->started_ms = steady_ms;
	g->clock_noted_ms = g->clock_ms;
	ledger_leases_prune(&g->leases);
}

static uint64_t grace_ms(const struct ledger_lease_rule *rule, uint32_t granted_s)
{
	uint64_t third = granted_s * 1000ull / 3;

	if (rule->grace_s != LEDGER_GRACE_THIRD)
		return rule->grace_s * 1000ull;
	return third < GRACE_MOST_S * 1000 ? third : GRACE_MOST_S * 1000;
}

static int resume(struct registry_ledger *g, struct ledger_lease *lease, struct zone *zone,
		  const struct ledger_lease_rule *rule, uint64_t now_ms)
{
	const struct ledger_lease_content *c = lease->entry.content;
	uint64_t left_until = atomic_load_explicit(&lease->expires_ms, memory_order_relaxed);

	lease->zone = zone;
	if (left_until < now_ms)
		left_until = now_ms;
	left_until += grace_ms(rule, c->granted_s);
	atomic_store_explicit(&lease->expires_ms, left_until, memory_order_release);
	return ledger_leases_again(&g->leases, lease, left_until);
}

int registry_ledger_reconcile(struct registry_ledger *g, registry_ledger_zone_fn find, void *arg,
			      uint64_t now_ms)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next(&g->leases.table, e)) != NULL) {
		struct ledger_lease *lease = (struct ledger_lease *)e;
		const struct ledger_lease_rule *rule;
		struct zone *zone;

		if (!find(arg, undo_entry_zone(e), &zone, &rule))
			ledger_leases_stop(&g->leases, lease);
		else if (lease->zone == NULL)
			ret = resume(g, lease, zone, rule, now_ms);
	}
	return ret;
}

static int compare_views(const void *left, const void *right)
{
	const struct zone *a = ((const struct registry_ledger_view *)left)->zone,
			  *b = ((const struct registry_ledger_view *)right)->zone;

	return (a > b) - (a < b);
}

static int compare_zone(const void *zone, const void *view)
{
	const struct zone *a = zone, *b = ((const struct registry_ledger_view *)view)->zone;

	return (a > b) - (a < b);
}

void registry_ledger_set_views(struct registry_ledger *g, struct registry_ledger_view *views,
			       size_t count)
{
	free(g->views);
	g->views = views;
	g->nviews = count;
	if (count > 0)
		qsort(views, count, sizeof(*views), compare_views);
}

const struct view_rule *registry_ledger_services(const struct registry_ledger *g,
						 const struct zone *zone)
{
	const struct registry_ledger_view *v =
		g->nviews == 0
			? NULL
			: bsearch(zone, g->views, g->nviews, sizeof(*g->views), compare_zone);

	return v == NULL ? NULL : &v->rule;
}

int registry_ledger_forget(struct registry_ledger *g, const uint8_t *zone)
{
	struct undo_entry *e = NULL;
	int ret = undo_table_forget(&g->owners, zone);

	while (ret == 0 && (e = undo_table_next_in(&g->leases.table, zone, e)) != NULL) {
		ledger_leases_stop(&g->leases, (struct ledger_lease *)e);
		ret = undo_table_put(&g->leases.table, e, NULL);
	}
	return ret == 0 ? view_forget(&g->services, zone) : ret;
}
