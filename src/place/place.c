/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The rank of a candidate is its index among its owner's, best first. All candidates are in the
 * order (rank, key, owner), and those chosen are the first of it, as many as fit. So of each owner
 * the first `nchosen` are chosen, and two lists of owners decide: `last` has those with a chosen
 * candidate in the order of their last chosen one, `next` those with an unchosen one in the order
 * of their first unchosen one. */

#include "place/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/hash.h"
#include "dns/name.h"
#include "undo/pairs.h"

enum {
	KEY_MAX = DNS_NAME_MAX + 6,
	SRV_NRAW = 6, /* priority, weight, port (RFC 2782) */
};

struct owners {
	struct place_rank_owner **item;
	size_t count, capacity;
};

struct place_set {
	struct owners all; /* by id */
	struct owners last, next;
	struct undo_pairs shown; /* what has a place: hash of its key - owner */
	uint64_t seed;
	uint64_t used, capacity; /* places */
	size_t count, nchosen;
	size_t nraw;	 /* octets at the start of a candidate that are not letters */
	bool is_counted; /* its waiting candidates are counted in nwaiting */
	bool is_new; /* begun in this batch: an undo drops it whole, its changes are not stored */
};

/* A change of a candidate's references. */
struct place_change {
	struct place_set *set;
	struct place_candidate *candidate;
	bool is_added; /* else removed */
	bool is_whole; /* the candidate itself came or went */
};

/* ---- lists of owners ---- */

static int compare_last(const struct place_rank_owner *a, const struct place_rank_owner *b)
{
	return place_rank_compare(a, a->nchosen - 1, b, b->nchosen - 1);
}

static int compare_next(const struct place_rank_owner *a, const struct place_rank_owner *b)
{
	return place_rank_compare(a, a->nchosen, b, b->nchosen);
}

static int compare_id(const struct place_rank_owner *a, const struct place_rank_owner *b)
{
	return (a->id > b->id) - (a->id < b->id);
}

typedef int (*compare_fn)(const struct place_rank_owner *a, const struct place_rank_owner *b);

static size_t owners_index(const struct owners *l, const struct place_rank_owner *o,
			   compare_fn compare)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare(l->item[mid], o) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void owners_insert(struct owners *l, struct place_rank_owner *o, compare_fn compare)
{
	size_t at = owners_index(l, o, compare);

	memmove(l->item + at + 1, l->item + at, (l->count++ - at) * sizeof(o));
	l->item[at] = o;
}

static void owners_remove(struct owners *l, struct place_rank_owner *o, compare_fn compare)
{
	size_t at = owners_index(l, o, compare);

	memmove(l->item + at, l->item + at + 1, (--l->count - at) * sizeof(o));
}

/* Takes an owner out of the lists that depend on its candidates, before these change. */
static void detach(struct place_set *s, struct place_rank_owner *o)
{
	if (o->nchosen > 0)
		owners_remove(&s->last, o, compare_last);
	if (o->nchosen < o->count)
		owners_remove(&s->next, o, compare_next);
}

static void attach(struct place_set *s, struct place_rank_owner *o)
{
	if (o->nchosen > 0)
		owners_insert(&s->last, o, compare_last);
	if (o->nchosen < o->count)
		owners_insert(&s->next, o, compare_next);
}

static struct place_rank_owner *owner_find(const struct place_set *s, uint32_t id)
{
	const struct place_rank_owner wanted = {.id = id};
	size_t at = owners_index(&s->all, &wanted, compare_id);

	return at < s->all.count && s->all.item[at]->id == id ? s->all.item[at] : NULL;
}

static int owners_reserve(struct owners *l, size_t count)
{
	while (l->capacity < count) {
		struct place_rank_owner **grown =
			base_grow(l->item, l->capacity, &l->capacity, sizeof(*l->item));

		if (grown == NULL)
			return -ENOMEM;
		l->item = grown;
	}
	return 0;
}

/* Returns the owner, made if needed; each list then has room for all owners. NULL if memory is
 * short. */
static struct place_rank_owner *owner_take(struct place_set *s, uint32_t id)
{
	struct place_rank_owner *o = owner_find(s, id);
	size_t n = s->all.count + 1;

	if (o != NULL)
		return o;
	if (owners_reserve(&s->all, n) < 0 || owners_reserve(&s->last, n) < 0 ||
	    owners_reserve(&s->next, n) < 0)
		return NULL;
	o = calloc(1, sizeof(*o));
	if (o == NULL)
		return NULL;
	o->id = id;
	owners_insert(&s->all, o, compare_id);
	return o;
}

/* ---- sets ---- */

static void set_free(void *content)
{
	struct place_set *s = content;

	for (size_t i = 0; i < s->all.count; i++)
		place_rank_free(s->all.item[i]);
	free(s->all.item);
	free(s->last.item);
	free(s->next.item);
	undo_pairs_fini(&s->shown);
	free(s);
}

int place_init(struct places *p, uint64_t seed)
{
	memset(p, 0, sizeof(*p));
	return undo_table_init(&p->sets, sizeof(struct undo_entry), seed, set_free, free);
}

/* Forgets the changes of the batch and frees the candidates that it removed. */
static void changes_end(struct places *p)
{
	for (size_t i = 0; i < p->nchanges; i++)
		if (p->changes[i].is_whole && !p->changes[i].is_added)
			free(p->changes[i].candidate);
	p->nchanges = 0;
}

void place_fini(struct places *p)
{
	changes_end(p);
	free(p->changes);
	undo_table_fini(&p->sets);
}

static struct undo_entry *entry_find(const struct places *p, const uint8_t *zone,
				     const uint8_t *name, enum place_kind kind)
{
	struct undo_key key;

	if (p->sets.count == 0)
		return NULL;
	undo_table_key(&p->sets, &key, zone, name, (uint8_t)kind);
	return undo_table_find(&p->sets, &key);
}

struct place_set *place_find(const struct places *p, const uint8_t *zone, const uint8_t *name,
			     enum place_kind kind)
{
	struct undo_entry *e = entry_find(p, zone, name, kind);

	return e == NULL ? NULL : e->content;
}

struct place_set *place_begin(struct places *p, const uint8_t *zone, const uint8_t *name,
			      enum place_kind kind, uint64_t capacity)
{
	struct place_set *s = calloc(1, sizeof(*s));
	struct undo_entry *e;
	struct undo_key key;

	undo_table_key(&p->sets, &key, zone, name, (uint8_t)kind);
	e = s == NULL ? NULL : undo_table_take(&p->sets, &key);
	if (e == NULL || undo_pairs_init(&s->shown, false) < 0) {
		free(s);
		return NULL;
	}
	s->seed = p->sets.seed;
	s->capacity = capacity;
	s->nraw = kind == PLACE_SRVS ? SRV_NRAW : 0;
	s->is_counted = kind == PLACE_POINTERS;
	s->is_new = true;
	return undo_table_put(&p->sets, e, s) < 0 ? NULL : s;
}

bool place_is_short(const struct place_set *s)
{
	return s->nchosen < s->count;
}

bool place_is_over(const struct place_set *s)
{
	return s->nchosen == s->count && s->used <= s->capacity / 2;
}

int place_end(struct places *p, const uint8_t *zone, const uint8_t *name, enum place_kind kind)
{
	struct undo_entry *e = entry_find(p, zone, name, kind);
	struct place_set *s = e == NULL ? NULL : e->content;
	uint64_t nwaiting;
	int ret;

	if (s == NULL)
		return 0;
	nwaiting = s->is_counted ? s->count - s->nchosen : 0;
	ret = undo_table_put(&p->sets, e, NULL);
	if (ret == 0)
		p->nwaiting -= nwaiting;
	return ret;
}

/* ---- choosing ---- */

static uint64_t shown_hash(const struct place_set *s, const uint8_t *key, size_t nbytes)
{
	return base_hash(key, nbytes, s->seed);
}

static bool is_shown(const struct place_set *s, const struct place_candidate *c)
{
	return undo_pairs_count(&s->shown, shown_hash(s, c->key, c->nbytes)) > 0;
}

/* Counts a candidate that got a place or lost it. Several owners may have the same: it takes places
 * once, and only the first and the last of them change what is shown. The first error remains. */
static void show(struct place_set *s, const struct place_candidate *c, bool is_chosen,
		 place_fn on_change, void *arg, int *ret)
{
	uint64_t hash = shown_hash(s, c->key, c->nbytes), member = 1ull << 32 | c->owner;
	bool was_shown = is_shown(s, c);
	int n = is_chosen ? undo_pairs_add(&s->shown, hash, member)
			  : undo_pairs_remove(&s->shown, hash, member);

	undo_pairs_commit(&s->shown);
	if (n < 0 && *ret >= 0)
		*ret = n;
	if (was_shown == is_shown(s, c))
		return;
	s->used = is_chosen ? s->used + c->cost : s->used - c->cost;
	if (on_change != NULL && *ret >= 0)
		*ret = on_change(arg, c, is_chosen);
}

static void choose_next(struct place_set *s, place_fn on_change, void *arg, int *ret)
{
	struct place_rank_owner *o = s->next.item[0];
	const struct place_candidate *c = place_rank_get(o, o->nchosen);

	detach(s, o);
	o->nchosen++;
	attach(s, o);
	s->nchosen++;
	show(s, c, true, on_change, arg, ret);
}

static void drop_last(struct place_set *s, place_fn on_change, void *arg, int *ret)
{
	struct place_rank_owner *o = s->last.item[s->last.count - 1];
	const struct place_candidate *c = place_rank_get(o, o->nchosen - 1);

	detach(s, o);
	o->nchosen--;
	attach(s, o);
	s->nchosen--;
	show(s, c, false, on_change, arg, ret);
}

/* Returns whether the first unchosen candidate is to be chosen: it fits, or precedes a chosen one.
 */
static bool is_due(const struct place_set *s)
{
	const struct place_rank_owner *next, *last;
	const struct place_candidate *c;

	if (s->next.count == 0)
		return false;
	next = s->next.item[0];
	c = place_rank_get(next, next->nchosen);
	if (is_shown(s, c) || s->used + c->cost <= s->capacity)
		return true;
	if (s->last.count == 0)
		return false;
	last = s->last.item[s->last.count - 1];
	return place_rank_compare(next, next->nchosen, last, last->nchosen - 1) < 0;
}

/* Makes the chosen ones the first in the order again, as many as fit. Each step chooses one that
 * precedes all unchosen, so the steps end. */
static int settle(struct places *p, struct place_set *s, size_t nwaiting_before, place_fn on_change,
		  void *arg)
{
	int ret = 0;

	while (ret >= 0) {
		while (s->used > s->capacity)
			drop_last(s, on_change, arg, &ret);
		if (!is_due(s))
			break;
		choose_next(s, on_change, arg, &ret);
	}
	if (s->is_counted)
		p->nwaiting += s->count - s->nchosen - nwaiting_before;
	return ret < 0 ? ret : 0;
}

/* ---- candidates ---- */

/* Writes what a candidate is compared by to `key`. Lengths of labels are below 'A'. */
static void key_of(const struct place_set *s, uint8_t key[static KEY_MAX], const uint8_t *spelled,
		   size_t nbytes)
{
	memcpy(key, spelled, nbytes);
	for (size_t i = s->nraw; i < nbytes; i++)
		if (key[i] >= 'A' && key[i] <= 'Z')
			key[i] = (uint8_t)(key[i] + 32);
}

static struct place_change *change_add(struct places *p)
{
	struct place_change *grown =
		base_grow(p->changes, p->nchanges, &p->capacity, sizeof(*grown));

	if (grown == NULL)
		return NULL;
	p->changes = grown;
	return &grown[p->nchanges];
}

/* Puts a candidate among those of its owner. One that precedes a chosen one is chosen at first. */
static int put(struct place_set *s, struct place_rank_owner *o, struct place_candidate *c,
	       place_fn on_change, void *arg)
{
	struct place_rank_at at;
	bool is_chosen;
	int ret;

	detach(s, o);
	ret = place_rank_insert(o, c, &at);
	is_chosen = ret == 0 && at.rank < o->nchosen;
	o->nchosen += is_chosen;
	attach(s, o);
	if (ret < 0)
		return ret;
	s->count++;
	s->nchosen += is_chosen;
	if (is_chosen)
		show(s, c, true, on_change, arg, &ret);
	return ret < 0 ? ret : 0;
}

static int take_out(struct place_set *s, struct place_rank_owner *o,
		    const struct place_candidate *c, place_fn on_change, void *arg)
{
	struct place_rank_at at;
	bool is_chosen;
	int ret = 0;

	place_rank_find(o, c->key, c->nbytes, &at);
	is_chosen = at.rank < o->nchosen;
	detach(s, o);
	place_rank_remove(o, &at);
	o->nchosen -= is_chosen;
	s->nchosen -= is_chosen;
	attach(s, o);
	s->count--;
	if (is_chosen)
		show(s, c, false, on_change, arg, &ret);
	return ret < 0 ? ret : 0;
}

int place_add(struct places *p, struct place_set *s, uint32_t owner, const uint8_t *spelled,
	      size_t nbytes, uint16_t cost, place_fn on_change, void *arg)
{
	size_t nwaiting = s->count - s->nchosen;
	struct place_change *change = change_add(p);
	struct place_rank_owner *o = owner_take(s, owner);
	uint8_t key[KEY_MAX];
	struct place_candidate *c;
	struct place_rank_at at;
	int ret = 0;

	if (change == NULL || o == NULL)
		return -ENOMEM;
	key_of(s, key, spelled, nbytes);
	c = place_rank_find(o, key, nbytes, &at);
	*change = (struct place_change){s, c, true, c == NULL};
	if (c != NULL) {
		c->nrefs++;
		p->nchanges += !s->is_new;
		return 0;
	}
	c = place_rank_candidate(owner, key, spelled, nbytes, cost);
	if (c == NULL)
		return -ENOMEM;
	change->candidate = c;
	ret = put(s, o, c, on_change, arg);
	if (ret == -ENOMEM && place_rank_find(o, key, nbytes, &at) == NULL) {
		free(c);
		return ret;
	}
	p->nchanges += !s->is_new;
	return ret < 0 ? ret : settle(p, s, nwaiting, on_change, arg);
}

int place_remove(struct places *p, struct place_set *s, uint32_t owner, const uint8_t *spelled,
		 size_t nbytes, place_fn on_change, void *arg)
{
	size_t nwaiting = s->count - s->nchosen;
	struct place_rank_owner *o = owner_find(s, owner);
	struct place_change *change;
	uint8_t key[KEY_MAX];
	struct place_candidate *c;
	struct place_rank_at at;
	int ret;

	key_of(s, key, spelled, nbytes);
	c = place_rank_find(o, key, nbytes, &at);
	if (c == NULL)
		return 0;
	change = change_add(p);
	if (change == NULL)
		return -ENOMEM;
	*change = (struct place_change){s, c, false, c->nrefs == 1};
	p->nchanges += !s->is_new;
	if (--c->nrefs > 0)
		return 0;
	ret = take_out(s, o, c, on_change, arg);
	if (s->is_new)
		free(c);
	return ret < 0 ? ret : settle(p, s, nwaiting, on_change, arg);
}

const struct place_candidate *place_get(const struct place_set *s, uint32_t owner,
					const uint8_t *spelled, size_t nbytes, bool *is_chosen)
{
	const struct place_rank_owner *o = owner_find(s, owner);
	uint8_t key[KEY_MAX];
	const struct place_candidate *c;
	struct place_rank_at at;

	key_of(s, key, spelled, nbytes);
	c = place_rank_find(o, key, nbytes, &at);
	*is_chosen = c != NULL && at.rank < o->nchosen;
	return c;
}

bool place_is_shown(const struct place_set *s, const uint8_t *spelled, size_t nbytes)
{
	uint8_t key[KEY_MAX];

	key_of(s, key, spelled, nbytes);
	return undo_pairs_count(&s->shown, shown_hash(s, key, nbytes)) > 0;
}

int place_each(const struct place_set *s, enum place_which which, place_fn each, void *arg)
{
	const struct owners *l = which == PLACE_ALL	 ? &s->all
				 : which == PLACE_CHOSEN ? &s->last
							 : &s->next;
	int ret = 0;

	for (size_t i = 0; i < l->count && ret == 0; i++) {
		const struct place_rank_owner *o = l->item[i];

		ret = place_rank_each(o, which == PLACE_WAITING ? o->nchosen : 0,
				      which == PLACE_CHOSEN ? o->nchosen : o->count, each, arg);
	}
	return ret;
}

size_t place_count(const struct place_set *s)
{
	return s->count;
}

/* ---- the end of a batch ---- */

static void commit_set(void *arg, struct undo_entry *e)
{
	struct place_set *s = e->content;

	(void)arg;
	if (s != NULL)
		s->is_new = false;
}

void place_commit(struct places *p)
{
	changes_end(p);
	undo_table_commit(&p->sets, commit_set, NULL);
}

/* Takes one change back. What was chosen follows, since it depends on the candidates alone. */
static void change_undo(struct places *p, const struct place_change *change)
{
	struct place_set *s = change->set;
	struct place_candidate *c = change->candidate;
	size_t nwaiting;

	nwaiting = s->count - s->nchosen;
	c->nrefs = change->is_added ? c->nrefs - 1 : c->nrefs + 1;
	if (!change->is_whole)
		return;
	if (change->is_added) {
		take_out(s, owner_find(s, c->owner), c, NULL, NULL);
		free(c);
	} else if (put(s, owner_find(s, c->owner), c, NULL, NULL) < 0) {
		/* Without memory the candidate is not known until its next change. */
		free(c);
	}
	settle(p, s, nwaiting, NULL, NULL);
}

static void undo_set(void *arg, struct undo_entry *e)
{
	const struct place_set *s = e->content;
	struct places *p = arg;

	if (s != NULL && s->is_new && s->is_counted)
		p->nwaiting -= s->count - s->nchosen;
}

void place_undo(struct places *p)
{
	while (p->nchanges > 0)
		change_undo(p, &p->changes[--p->nchanges]);
	undo_table_undo(&p->sets, undo_set, p);
}
