/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "push/group.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "push/change.h"
#include "push/index.h"
#include "push/writer.h"
#include "zone/look.h"

/* ---- net effect ---- */

void push_merge_begin(struct push_merge *m, const struct push_unit *u)
{
	m->removed = u->removed;
	m->added = u->added;
	m->has_r = zone_changeset_next(&m->removed, &m->r);
	m->has_a = zone_changeset_next(&m->added, &m->a);
}

static int merge_order(const struct push_merge *m)
{
	if (!m->has_r || !m->has_a)
		return m->has_r ? -1 : 1;
	return dns_rdata_compare(m->r.type, m->r.rdata, m->r.nbytes, m->a.rdata, m->a.nbytes);
}

static bool is_as_before(const struct push_merge *m)
{
	return m->r.ttl == m->a.ttl && m->r.nbytes == m->a.nbytes &&
	       memcmp(m->r.rdata, m->a.rdata, m->r.nbytes) == 0;
}

bool push_merge_next(struct push_merge *m, enum push_effect *effect, struct dns_record *record)
{
	int order;

	if (!m->has_r && !m->has_a)
		return false;
	order = merge_order(m);
	*effect = order < 0			  ? PUSH_REMOVED
		  : order == 0 && is_as_before(m) ? PUSH_NOTHING
						  : PUSH_ADDED;
	*record = order < 0 ? m->r : m->a;
	if (order <= 0)
		m->has_r = zone_changeset_next(&m->removed, &m->r);
	if (order >= 0)
		m->has_a = zone_changeset_next(&m->added, &m->a);
	return true;
}

/* ---- grouping ---- */

static struct push_group *group_new(struct push_groups *gs, struct push_name *name)
{
	struct push_group *g = base_arena_alloc(gs->arena, sizeof(*g));

	if (g == NULL)
		return NULL;
	memset(g, 0, sizeof(*g));
	g->name = name;
	g->is_later = name->group != NULL;
	if (gs->last == NULL)
		gs->first = g;
	else
		gs->last->next = g;
	gs->last = g;
	name->group = g;
	return g;
}

static struct push_unit *unit_new(struct push_groups *gs, struct push_name *name, uint16_t type)
{
	struct push_group *g = name->group;
	struct push_unit *u = base_arena_alloc(gs->arena, sizeof(*u));

	if (u == NULL)
		return NULL;
	if (g == NULL || g->nunits == PUSH_GROUP_UNITS_MAX)
		g = group_new(gs, name);
	if (g == NULL)
		return NULL;
	memset(u, 0, sizeof(*u));
	u->type = type;
	if (g->last == NULL)
		g->first = u;
	else
		g->last->next = u;
	g->last = u;
	g->nunits++;
	return u;
}

/* Finds the unit that a record at `start` belongs to: the last one of its type, if the records that
 * it has of this part end there. */
static struct push_unit *unit_find(const struct push_groups *gs, uint16_t type,
				   const uint8_t *start)
{
	const struct push_group *g = gs->name->group;
	struct push_unit *found = NULL;

	for (struct push_unit *u = g == NULL ? NULL : g->first; u != NULL; u = u->next)
		if (u->type == type)
			found = u;
	if (found != NULL) {
		const struct base_buf *run = gs->is_added ? &found->added : &found->removed;

		if (run->start != NULL && run->end != start)
			return NULL;
	}
	return found;
}

static int record_put(struct push_groups *gs, const struct dns_record *r, const uint8_t *start)
{
	struct push_unit *u = unit_find(gs, r->type, start);
	struct base_buf *run;

	if (u == NULL)
		u = unit_new(gs, gs->name, r->type);
	if (u == NULL)
		return -ENOMEM;
	run = gs->is_added ? &u->added : &u->removed;
	if (run->start == NULL)
		*run = base_buf_over(start, 0);
	run->end = gs->part.at;
	gs->name->group->owner = r->owner;
	return 0;
}

static void owner_set(struct push_groups *gs, const struct dns_record *r)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t nbytes = dns_name_nbytes(r->owner);

	if (gs->owner != NULL && nbytes == gs->owner_nbytes &&
	    memcmp(gs->owner, r->owner, nbytes) == 0)
		return;
	gs->owner = r->owner;
	gs->owner_nbytes = nbytes;
	dns_name_lower(lower, r->owner);
	gs->name = push_index_name(gs->index, gs->change->zone, lower, nbytes);
}

static int step_read(struct push_groups *gs)
{
	const uint8_t *start = gs->part.at;
	struct dns_record r;

	if (!zone_changeset_next(&gs->part, &r)) {
		if (gs->is_added) {
			gs->is_grouped = true;
			gs->group = gs->first;
			return 0;
		}
		gs->is_added = true;
		gs->part =
			base_buf_over(gs->change->changes.added, gs->change->changes.nadded_bytes);
		gs->owner = NULL;
		return 0;
	}
	/* The SOA is first, so its owner, the zone's name, is that of the first record. */
	if (gs->is_added && r.type == DNS_TYPE_NS &&
	    !dns_name_equal(r.owner, gs->change->changes.added))
		gs->has_delegated = true;
	owner_set(gs, &r);
	return gs->name == NULL ? 0 : record_put(gs, &r, start);
}

/* ---- what is net of a group ---- */

/* Whether what the zone has now is what it had after the change. If the owner has changed since
 * then, records are removed one by one, which is right as well. */
static bool is_known(const struct push_groups *gs, const struct zone_snapshot *now,
		     const uint8_t *owner)
{
	return now != NULL && zone_look_changed(now, owner) <= gs->change->version;
}

static void group_end(struct push_groups *gs, const struct zone_snapshot *now)
{
	struct push_group *g = gs->group;
	struct zone_rrset rrset;
	struct zone_look look;

	gs->group = g->next;
	if (!is_known(gs, now, g->owner))
		return;
	g->is_gone = !zone_look_find(&look, now, g->owner) && g->name->group == g && !g->is_later;
	if (g->is_gone)
		push_index_mark_gone(gs->index, g->name, gs->change->version);
	for (struct push_unit *u = g->first; u != NULL; u = u->next)
		u->is_gone = u->nremoved > 0 && u->nadded == 0 &&
			     !zone_look_rrset(&look, u->type, &rrset);
}

/* Returns false if all groups are done. */
static bool step_net(struct push_groups *gs, const struct zone_snapshot *now)
{
	struct dns_record record;
	enum push_effect effect;

	if (gs->group == NULL)
		return false;
	if (gs->unit == NULL) {
		gs->unit = gs->group->first;
		push_merge_begin(&gs->merge, gs->unit);
	}
	if (push_merge_next(&gs->merge, &effect, &record)) {
		gs->unit->nremoved += effect == PUSH_REMOVED;
		gs->unit->nadded += effect == PUSH_ADDED;
		if (effect != PUSH_NOTHING && !push_writer_fits(record.owner, record.nbytes))
			gs->unit->is_announced = true;
		return true;
	}
	gs->unit = gs->unit->next;
	if (gs->unit != NULL)
		push_merge_begin(&gs->merge, gs->unit);
	else
		group_end(gs, now);
	return true;
}

/* ---- all groups ---- */

void push_groups_begin(struct push_groups *gs, struct push_index *x, struct base_arena *arena,
		       const struct push_change *change)
{
	*gs = (struct push_groups){
		.index = x,
		.arena = arena,
		.change = change,
		.part = base_buf_over(change->changes.removed, change->changes.nremoved_bytes),
	};
}

int push_groups_step(struct push_groups *gs, const struct zone_snapshot *now)
{
	if (!gs->is_grouped)
		return step_read(gs);
	return step_net(gs, now) ? 0 : 1;
}

bool push_groups_end_one(struct push_groups *gs)
{
	struct push_group *g = gs->first;

	if (g == NULL)
		return false;
	gs->first = g->next;
	if (g->name->group == g)
		push_index_release(gs->index, g->name);
	return true;
}
