/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "push/delivery.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/grow.h"
#include "base/hash.h"
#include "dns/type.h"
#include "push/change.h"
#include "push/group.h"
#include "push/message.h"
#include "push/writer.h"
#include "zone/look.h"

enum {
	SETS = 1024,   /* buckets */
	ARENA = 16384, /* bytes of a block */
};

/* Which units of which groups a subscriber gets: those of `group` in `mask`, after those of the
 * parent. */
struct push_set {
	struct push_set *next;	      /* in the hash table */
	struct push_set *next_of_all; /* in the order of making */
	struct push_set *parent;      /* NULL: nothing precedes */
	const struct push_group *group;
	uint64_t mask;
	TAILQ_HEAD(, push_subscriber) subscribers; /* that have just this set */
};

enum phase { IDLE, GROUP, MATCH, SEND, END };

struct push_delivery {
	struct push_index *index;
	push_send_fn send;
	void *arg;
	struct push_delivery_stats stats;
	struct push_change *change;
	enum phase phase;
	struct base_arena arena; /* groups, units, sets */

	struct push_groups groups;

	/* MATCH: the group in hand */
	struct push_group *group;
	bool is_walking;
	struct push_set *sets, *last_set;
	struct push_set *bucket[SETS];
	struct push_set *parent, *child; /* the transition made last */
	uint16_t topic_type;		 /* of `mask` */
	uint64_t mask;
	bool has_mask;

	/* SEND: the set in hand, its parents and itself in the order of the change */
	struct push_set *set;
	const struct push_set **chain;
	size_t nchain, chain_capacity, at;
	struct push_unit *unit; /* in hand, NULL: its walk has not begun */
	struct push_merge merge;
	bool is_writing, is_adding; /* the pass of additions has begun */
	struct push_messages *messages;
	bool is_told; /* to a subscriber before */
	struct push_writer writer;
};

/* ---- GROUP ---- */

static int step_group(struct push_delivery *d, const struct zone_snapshot *now)
{
	int ret = push_groups_step(&d->groups, now);

	if (ret <= 0)
		return ret;
	d->phase = MATCH;
	d->group = d->groups.first;
	return 0;
}

/* ---- MATCH ---- */

/* RFC 8765 section 6.2.1: ANY is all types. An alias answers for every type (section 6.3.1). */
static uint64_t mask_of(const struct push_group *g, uint16_t topic)
{
	uint64_t mask = 0, bit = 1;

	for (const struct push_unit *u = g->first; u != NULL; u = u->next, bit <<= 1)
		if (u->nremoved + u->nadded > 0 &&
		    (topic == DNS_TYPE_ANY || topic == u->type || u->type == DNS_TYPE_CNAME))
			mask |= bit;
	return mask;
}

static struct push_set *set_find(struct push_delivery *d, struct push_set *parent,
				 const struct push_group *g, uint64_t mask)
{
	const void *of[] = {parent, g};
	uint64_t hash = base_hash(of, sizeof(of), mask);
	struct push_set **bucket = &d->bucket[hash % SETS], *set = *bucket;

	while (set != NULL && (set->parent != parent || set->group != g || set->mask != mask))
		set = set->next;
	if (set != NULL)
		return set;
	set = base_arena_alloc(&d->arena, sizeof(*set));
	if (set == NULL)
		return NULL;
	*set = (struct push_set){.next = *bucket, .parent = parent, .group = g, .mask = mask};
	TAILQ_INIT(&set->subscribers);
	*bucket = set;
	if (d->last_set == NULL)
		d->sets = set;
	else
		d->last_set->next_of_all = set;
	d->last_set = set;
	return set;
}

/* Returns the set `from`, NULL for nothing, with units of the group in hand added. */
static struct push_set *set_with(struct push_delivery *d, struct push_set *from, uint64_t mask)
{
	struct push_set *parent = from;

	if (from != NULL && from->group == d->group) {
		parent = from->parent;
		mask |= from->mask;
	}
	return set_find(d, parent, d->group, mask);
}

static int subscriber_match(struct push_delivery *d, struct push_subscriber *s)
{
	struct push_set *set = d->child;

	if (set == NULL || d->parent != s->set) {
		set = set_with(d, s->set, d->mask);
		if (set == NULL)
			return -ENOMEM;
		d->parent = s->set;
		d->child = set;
	}
	if (s->set == NULL)
		s->has_left = false;
	push_delivery_forget(s);
	s->set = set;
	s->set_version = d->change->version;
	TAILQ_INSERT_TAIL(&set->subscribers, s, by_set);
	return 0;
}

static int step_match(struct push_delivery *d)
{
	struct push_subscription *sub;

	if (d->group == NULL) {
		d->phase = SEND;
		d->set = d->sets;
		return 0;
	}
	if (!d->is_walking) {
		push_index_walk(d->index, d->group->name);
		d->is_walking = true;
		d->has_mask = false;
	}
	sub = push_index_walk_next(d->index);
	if (sub == NULL) {
		d->is_walking = false;
		d->group = d->group->next;
		return 0;
	}
	if (!d->has_mask || d->topic_type != sub->topic->type) {
		d->topic_type = sub->topic->type;
		d->mask = mask_of(d->group, d->topic_type);
		d->has_mask = true;
		d->child = NULL;
	}
	if (d->mask == 0 || sub->version >= d->change->version)
		return 0;
	return subscriber_match(d, sub->subscriber);
}

/* ---- SEND ---- */

/* Begins to write the set in hand. */
static int write_begin(struct push_delivery *d)
{
	d->nchain = 0;
	for (const struct push_set *s = d->set; s != NULL; s = s->parent) {
		const struct push_set **chain =
			base_grow(d->chain, d->nchain, &d->chain_capacity, sizeof(*chain));

		if (chain == NULL)
			return -ENOMEM;
		d->chain = chain;
		chain[d->nchain++] = s;
	}
	d->at = d->nchain;
	d->is_adding = false;
	d->is_writing = true;
	d->unit = NULL;
	return push_writer_begin(&d->writer, 0);
}

static int write_end(struct push_delivery *d)
{
	int ret = push_writer_end(&d->writer, &d->messages);

	d->is_writing = false;
	d->is_told = false;
	d->stats.noversized += d->writer.noversized;
	if (ret < 0)
		return ret;
	d->stats.nencoded++;
	for (size_t i = 0; d->messages != NULL && i < d->messages->count; i++)
		d->messages->item[i]->since_us = d->change->committed_us;
	/* Nothing was written: there is nothing to be sent. */
	if (d->messages == NULL)
		while (!TAILQ_EMPTY(&d->set->subscribers))
			push_delivery_forget(TAILQ_FIRST(&d->set->subscribers));
	return 0;
}

static bool has_several(uint64_t mask)
{
	return (mask & (mask - 1)) != 0;
}

static const struct push_set *link_of(const struct push_delivery *d)
{
	return d->chain[d->at - 1];
}

/* An RRset that is announced is removed in the one pass and added again in the other. */
static bool has_part(const struct push_delivery *d, const struct push_unit *u)
{
	return u->is_announced || (d->is_adding ? u->nadded : u->nremoved) > 0;
}

/* Moves to the next unit of the group in hand that is in the set and has something for this pass,
 * from `u` on; NULL if there is none. */
static void unit_begin(struct push_delivery *d, struct push_unit *u)
{
	const struct push_set *link = link_of(d);
	uint64_t bit = 1;

	for (const struct push_unit *v = link->group->first; v != u && v != NULL; v = v->next)
		bit <<= 1;
	while (u != NULL && ((link->mask & bit) == 0 || !has_part(d, u))) {
		u = u->next;
		bit <<= 1;
	}
	d->unit = u;
	if (u != NULL)
		push_merge_begin(&d->merge, u);
}

/* Begins the group in hand. */
static int group_begin(struct push_delivery *d)
{
	const struct push_set *link = link_of(d);
	const struct push_group *g = link->group;

	if (!d->is_adding && g->is_gone && has_several(link->mask))
		return push_writer_remove_name(&d->writer, g->owner);
	unit_begin(d, g->first);
	return 0;
}

static int record_write(struct push_delivery *d, enum push_effect effect,
			const struct dns_record *r)
{
	const uint8_t *owner = link_of(d)->group->owner;

	if (effect == PUSH_REMOVED && !d->is_adding)
		return push_writer_remove(&d->writer, owner, r->type, r->rdata, r->nbytes);
	if (effect == PUSH_ADDED && d->is_adding)
		return push_writer_add(&d->writer, owner, r->type, r->ttl, r->rdata, r->nbytes);
	return 0;
}

/* Writes what there is now of the RRset of the unit in hand: at once, as the next step may see
 * another version. If the RRset has changed again since the change, those changes follow, and end
 * in the same records. */
static int rrset_write(struct push_delivery *d, const struct zone_snapshot *now)
{
	const uint8_t *owner = link_of(d)->group->owner, *at;
	struct zone_rdata rdata;
	struct zone_rrset rrset;
	struct zone_look look;
	int ret = 0;

	if (now == NULL || !zone_look_find(&look, now, owner) ||
	    !zone_look_rrset(&look, d->unit->type, &rrset))
		return 0;
	at = rrset.data;
	while (ret == 0 && zone_rrset_next(&rrset, &at, &rdata))
		ret = push_writer_add(&d->writer, owner, rrset.type, rrset.ttl, rdata.bytes,
				      rdata.nbytes);
	return ret;
}

/* Writes one record of the unit in hand, or one that stands for all of them; or all, if it is
 * announced. */
static int unit_write(struct push_delivery *d, const struct zone_snapshot *now)
{
	struct push_unit *u = d->unit;
	struct dns_record record;
	enum push_effect effect;
	int ret;

	if (!d->is_adding && (u->is_gone || u->is_announced)) {
		ret = push_writer_remove_rrset(&d->writer, link_of(d)->group->owner, u->type);
	} else if (u->is_announced) {
		ret = rrset_write(d, now);
	} else {
		if (push_merge_next(&d->merge, &effect, &record))
			return record_write(d, effect, &record);
		ret = 0;
	}
	unit_begin(d, u->next);
	if (d->unit == NULL)
		d->at--;
	return ret;
}

/* A chain has the last group first: `at` counts down. */
static int write_step(struct push_delivery *d, const struct zone_snapshot *now)
{
	int ret;

	if (d->unit != NULL)
		return unit_write(d, now);
	if (d->at == 0) {
		if (d->is_adding)
			return write_end(d);
		d->is_adding = true;
		d->at = d->nchain;
		return 0;
	}
	ret = group_begin(d);
	if (d->unit == NULL)
		d->at--;
	return ret;
}

static void set_next(struct push_delivery *d)
{
	push_messages_release(d->messages);
	d->messages = NULL;
	d->set = d->set->next_of_all;
}

static int step_send(struct push_delivery *d, const struct zone_snapshot *now)
{
	struct push_subscriber *s;

	if (d->is_writing)
		return write_step(d, now);
	if (d->set == NULL) {
		d->phase = END;
		return 0;
	}
	s = TAILQ_FIRST(&d->set->subscribers);
	if (s == NULL) {
		set_next(d);
		return 0;
	}
	if (d->messages == NULL)
		return write_begin(d);
	push_delivery_forget(s);
	d->stats.nshared += d->is_told;
	d->is_told = true;
	d->send(d->arg, s, d->messages);
	return 0;
}

/* ---- END ---- */

static void step_end(struct push_delivery *d)
{
	if (!push_groups_end_one(&d->groups))
		push_delivery_abort(d);
}

/* ---- the delivery ---- */

struct push_delivery *push_delivery_new(struct push_index *x, push_send_fn send, void *arg)
{
	struct push_delivery *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->index = x;
	d->send = send;
	d->arg = arg;
	base_arena_init(&d->arena, ARENA);
	return d;
}

void push_delivery_free(struct push_delivery *d)
{
	if (d == NULL)
		return;
	push_delivery_abort(d);
	base_arena_fini(&d->arena);
	free(d->chain);
	free(d);
}

void push_delivery_begin(struct push_delivery *d, struct push_change *take_change)
{
	assert(d->phase == IDLE);
	d->change = take_change;
	d->phase = GROUP;
	push_groups_begin(&d->groups, d->index, &d->arena, take_change);
}

const struct push_change *push_delivery_change(const struct push_delivery *d)
{
	return d->change;
}

int push_delivery_step(struct push_delivery *d, const struct zone_snapshot *now,
		       struct base_budget *budget)
{
	int ret = 0;

	while (d->phase != IDLE && ret == 0) {
		if (!base_budget_take(budget, 1))
			return 0;
		switch (d->phase) {
		case GROUP:
			ret = step_group(d, now);
			break;
		case MATCH:
			ret = step_match(d);
			break;
		case SEND:
			ret = step_send(d, now);
			break;
		case END:
			step_end(d);
			break;
		case IDLE:
			break;
		}
	}
	if (ret == 0)
		return 1;
	push_delivery_abort(d);
	return ret;
}

void push_delivery_abort(struct push_delivery *d)
{
	for (struct push_set *s = d->sets; s != NULL; s = s->next_of_all)
		while (!TAILQ_EMPTY(&s->subscribers))
			push_delivery_forget(TAILQ_FIRST(&s->subscribers));
	while (push_groups_end_one(&d->groups))
		;
	push_writer_abort(&d->writer);
	push_messages_release(d->messages);
	push_change_release(d->change);
	base_arena_reset(&d->arena);
	d->phase = IDLE;
	d->change = NULL;
	d->messages = NULL;
	d->group = NULL;
	d->unit = NULL;
	d->sets = d->last_set = d->set = d->parent = d->child = NULL;
	d->is_writing = d->is_walking = false;
	memset(d->bucket, 0, sizeof(d->bucket));
}

void push_delivery_forget(struct push_subscriber *s)
{
	if (s->set == NULL)
		return;
	TAILQ_REMOVE(&s->set->subscribers, s, by_set);
	s->set = NULL;
}

bool push_delivery_has_delegated(const struct push_delivery *d)
{
	return d->groups.has_delegated;
}

const struct push_delivery_stats *push_delivery_stats(const struct push_delivery *d)
{
	return &d->stats;
}
