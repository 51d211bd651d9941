/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "push/index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dns/type.h"

enum { BUCKETS_MAX = 1 << 20 };

/* The hash tables are made for as many subscriptions as there may be and never grow: moving them
 * would hold up the worker, and until they are used they take no memory. There are no more names
 * and topics than subscriptions. Clients may have subscribed to any number of types at a name, so
 * nothing but the walk goes through all topics of one. */
struct push_index {
	struct push_name **names;
	struct push_topic **topics;		  /* by name and type */
	struct push_subscription **subscriptions; /* by subscriber and question */
	size_t nbuckets;			  /* of each; a power of two */
	uint64_t count;
	uint64_t gone_version; /* that the names which are marked are gone as of */
	struct base_slab slab;

	/* the walk in hand */
	struct push_topic *walk_topic;	/* NULL: it has ended */
	struct push_subscription *walk; /* the next one; NULL: that of the next topic */
};

/* ---- hashes ---- */

static uint64_t name_hash(const void *zone, const uint8_t *lower, size_t nbytes)
{
	return base_hash(lower, nbytes, (uint64_t)(uintptr_t)zone);
}

static uint64_t question_hash(const struct push_subscriber *s, const struct push_name *name,
			      uint16_t type, uint16_t rrclass)
{
	const void *of[] = {s, name};

	return base_hash(of, sizeof(of), (uint64_t)type << 16 | rrclass);
}

static struct push_name **name_bucket(const struct push_index *x, uint64_t hash)
{
	return &x->names[hash & (x->nbuckets - 1)];
}

static struct push_topic **topic_bucket(const struct push_index *x, const struct push_name *name,
					uint16_t type)
{
	return &x->topics[base_hash(&name, sizeof(name), type) & (x->nbuckets - 1)];
}

static struct push_subscription **question_bucket(const struct push_index *x,
						  const struct push_subscriber *s,
						  const struct push_name *name, uint16_t type,
						  uint16_t rrclass)
{
	return &x->subscriptions[question_hash(s, name, type, rrclass) & (x->nbuckets - 1)];
}

/* ---- the tables ---- */

static struct push_subscription **bucket_of(const struct push_index *x,
					    const struct push_subscription *sub)
{
	return question_bucket(x, sub->subscriber, sub->topic->name, sub->topic->type,
			       sub->rrclass);
}

static void link_name(struct push_index *x, struct push_name *name)
{
	struct push_name **bucket =
		name_bucket(x, name_hash(name->zone, name->bytes, name->nbytes));

	name->next = *bucket;
	*bucket = name;
}

/* ---- the index ---- */

struct push_index *push_index_new(size_t most)
{
	struct push_index *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return NULL;
	base_slab_init(&x->slab);
	x->nbuckets = 1;
	while (x->nbuckets < most && x->nbuckets < BUCKETS_MAX)
		x->nbuckets *= 2;
	x->names = calloc(x->nbuckets, sizeof(*x->names));
	x->topics = calloc(x->nbuckets, sizeof(*x->topics));
	x->subscriptions = calloc(x->nbuckets, sizeof(*x->subscriptions));
	if (x->names == NULL || x->topics == NULL || x->subscriptions == NULL) {
		push_index_free(x);
		return NULL;
	}
	return x;
}

void push_index_free(struct push_index *x)
{
	if (x == NULL)
		return;
	assert(x->count == 0);
	base_slab_fini(&x->slab);
	free(x->names);
	free(x->topics);
	free(x->subscriptions);
	free(x);
}

struct push_name *push_index_name(const struct push_index *x, const void *zone,
				  const uint8_t *lower, size_t nbytes)
{
	struct push_name *name = *name_bucket(x, name_hash(zone, lower, nbytes));

	while (name != NULL && (name->zone != zone || name->nbytes != nbytes ||
				memcmp(name->bytes, lower, nbytes) != 0))
		name = name->next;
	return name;
}

struct push_subscription *push_index_find(const struct push_index *x,
					  const struct push_subscriber *s,
					  const struct push_question *q)
{
	uint8_t lower[DNS_NAME_MAX];
	struct push_name *name = push_index_name(x, q->zone, lower, dns_name_lower(lower, q->name));
	struct push_subscription *sub;

	if (name == NULL)
		return NULL;
	sub = *question_bucket(x, s, name, q->type, q->rrclass);
	while (sub != NULL && (sub->subscriber != s || sub->topic->name != name ||
			       sub->topic->type != q->type || sub->rrclass != q->rrclass))
		sub = sub->next;
	return sub;
}

/* ---- adding ---- */

static struct push_name *name_add(struct push_index *x, const struct push_question *q)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t nbytes = dns_name_lower(lower, q->name);
	struct push_name *name = push_index_name(x, q->zone, lower, nbytes);

	if (name != NULL)
		return name;
	name = base_slab_alloc(&x->slab, sizeof(*name) + nbytes);
	if (name == NULL)
		return NULL;
	memset(name, 0, sizeof(*name));
	name->zone = q->zone;
	name->number = q->number;
	name->nbytes = (uint8_t)nbytes;
	memcpy(name->bytes, lower, nbytes);
	link_name(x, name);
	return name;
}

static void name_remove_if_empty(struct push_index *x, struct push_name *name)
{
	struct push_name **at;

	/* A name in a change keeps its group until the delivery has ended: it removes the name. */
	if (!LIST_EMPTY(&name->topics) || name->group != NULL)
		return;
	at = name_bucket(x, name_hash(name->zone, name->bytes, name->nbytes));
	while (*at != name)
		at = &(*at)->next;
	*at = name->next;
	base_slab_free(&x->slab, name, sizeof(*name) + name->nbytes);
}

static struct push_topic *topic_add(struct push_index *x, struct push_name *name, uint16_t type)
{
	struct push_topic **bucket = topic_bucket(x, name, type), *t = *bucket;

	while (t != NULL && (t->name != name || t->type != type))
		t = t->next;
	if (t != NULL)
		return t;
	t = base_slab_alloc(&x->slab, sizeof(*t));
	if (t == NULL)
		return NULL;
	*t = (struct push_topic){.name = name, .type = type, .next = *bucket};
	*bucket = t;
	LIST_INSERT_HEAD(&name->topics, t, by_name);
	return t;
}

static void walk_topic(struct push_index *x, struct push_topic *t)
{
	x->walk_topic = t;
	x->walk = t == NULL ? NULL : LIST_FIRST(&t->subscriptions);
}

static void topic_remove_if_empty(struct push_index *x, struct push_topic *t)
{
	struct push_topic **at = topic_bucket(x, t->name, t->type);

	if (t->count > 0)
		return;
	if (x->walk_topic == t)
		walk_topic(x, LIST_NEXT(t, by_name));
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	LIST_REMOVE(t, by_name);
	base_slab_free(&x->slab, t, sizeof(*t));
}

static bool has_at(const struct push_subscriber *s, const struct push_name *name)
{
	const struct push_subscription *sub;

	SLIST_FOREACH (sub, &s->subscriptions, by_subscriber)
		if (sub->topic->name == name)
			return true;
	return false;
}

/* Returns the version after which changes are sent for a new subscription; its initial records are
 * those of `version`. A change of the name that is being sent may be older and undo some of them:
 * one that matched a subscription that has ended since; or one that removes all types at the name,
 * which matched others of the session there. The changes after it have to follow. */
static uint64_t changes_after(const struct push_index *x, const struct push_subscriber *s,
			      const struct push_name *name, uint64_t version)
{
	if (name->group == NULL)
		return version;
	if (s->set != NULL && s->has_left && s->set_version < version)
		return s->set_version;
	if (name->is_gone && x->gone_version < version && has_at(s, name))
		return x->gone_version;
	return version;
}

struct push_subscription *push_index_add(struct push_index *x, struct push_subscriber *s,
					 const struct push_question *q, uint16_t id,
					 uint64_t version)
{
	struct push_name *name = name_add(x, q);
	struct push_topic *t = name == NULL ? NULL : topic_add(x, name, q->type);
	struct push_subscription *sub = t == NULL ? NULL : base_slab_alloc(&x->slab, sizeof(*sub)),
				 **at;

	if (sub == NULL) {
		if (t != NULL)
			topic_remove_if_empty(x, t);
		if (name != NULL)
			name_remove_if_empty(x, name);
		return NULL;
	}
	*sub = (struct push_subscription){
		.topic = t,
		.subscriber = s,
		.version = changes_after(x, s, name, version),
		.rrclass = q->rrclass,
		.operation = {.id = id},
	};
	LIST_INSERT_HEAD(&t->subscriptions, sub, by_topic);
	SLIST_INSERT_HEAD(&s->subscriptions, sub, by_subscriber);
	at = bucket_of(x, sub);
	sub->next = *at;
	*at = sub;
	t->count++;
	s->count++;
	x->count++;
	return sub;
}

/* ---- removing ---- */

/* A client applies what was sent for a subscription to its others at the name as well. If changes
 * after that are not delivered yet, they must be sent for those others when it ends, even if their
 * initial records have them. */
static void hand_on(const struct push_subscription *sub)
{
	struct push_subscription *other;

	SLIST_FOREACH (other, &sub->subscriber->subscriptions, by_subscriber)
		if (other->topic->name == sub->topic->name && other->version > sub->version)
			other->version = sub->version;
}

static void subscription_free(struct push_index *x, struct push_subscription *sub)
{
	struct push_topic *t = sub->topic;
	struct push_name *name = t->name;
	struct push_subscription **at = bucket_of(x, sub);

	if (sub->subscriber->set != NULL && name->group != NULL)
		sub->subscriber->has_left = true;
	if (x->walk == sub)
		x->walk = LIST_NEXT(sub, by_topic);
	while (*at != sub)
		at = &(*at)->next;
	*at = sub->next;
	LIST_REMOVE(sub, by_topic);
	SLIST_REMOVE(&sub->subscriber->subscriptions, sub, push_subscription, by_subscriber);
	sub->subscriber->count--;
	t->count--;
	base_slab_free(&x->slab, sub, sizeof(*sub));
	topic_remove_if_empty(x, t);
	name_remove_if_empty(x, name);
	x->count--;
}

void push_index_remove(struct push_index *x, struct push_subscription *sub)
{
	hand_on(sub);
	subscription_free(x, sub);
}

void push_index_clear(struct push_index *x, struct push_subscriber *s)
{
	while (!SLIST_EMPTY(&s->subscriptions))
		subscription_free(x, SLIST_FIRST(&s->subscriptions));
}

void push_index_mark_gone(struct push_index *x, struct push_name *name, uint64_t version)
{
	assert(name->group != NULL);
	name->is_gone = true;
	x->gone_version = version;
}

void push_index_release(struct push_index *x, struct push_name *name)
{
	name->group = NULL;
	name->is_gone = false;
	name_remove_if_empty(x, name);
}

/* ---- figures ---- */

uint64_t push_index_count(const struct push_index *x)
{
	return x->count;
}

size_t push_index_memory(const struct push_index *x)
{
	return sizeof(*x) + 3 * x->nbuckets * sizeof(void *) + base_slab_memory(&x->slab);
}

/* ---- the walk ---- */

void push_index_walk(struct push_index *x, struct push_name *name)
{
	assert(name->group != NULL);
	walk_topic(x, LIST_FIRST(&name->topics));
}

struct push_subscription *push_index_walk_next(struct push_index *x)
{
	struct push_subscription *sub;

	while (x->walk == NULL && x->walk_topic != NULL)
		walk_topic(x, LIST_NEXT(x->walk_topic, by_name));
	sub = x->walk;
	if (sub != NULL)
		x->walk = LIST_NEXT(sub, by_topic);
	return sub;
}
