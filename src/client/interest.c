/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "client/interest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dns/type.h"

enum { BUCKETS_LEAST = 64, SALT = 0x696e };

void client_interests_init(struct client_interests *t)
{
	*t = (struct client_interests){.last = &t->first, .touched_end = &t->touched};
}

static void interest_free(struct client_interest *i)
{
	while (i->subscriptions != NULL) {
		struct client_subscription *s = i->subscriptions;

		i->subscriptions = s->next;
		free(s);
	}
	client_records_fini(&i->records);
	free(i);
}

void client_interests_fini(struct client_interests *t)
{
	while (t->first != NULL) {
		struct client_interest *i = t->first;

		t->first = i->next;
		interest_free(i);
	}
	free(t->buckets);
	client_interests_init(t);
}

/* ---- by name ---- */

static size_t bucket_of(const struct client_interests *t, const uint8_t *lower)
{
	return base_hash(lower, dns_name_nbytes(lower), SALT) & (t->nbuckets - 1);
}

struct client_interest *client_interests_find(const struct client_interests *t, const uint8_t *name)
{
	struct client_interest *at;
	uint8_t lower[DNS_NAME_MAX];

	if (t->nbuckets == 0)
		return NULL;
	dns_name_lower(lower, name);
	at = t->buckets[bucket_of(t, lower)];
	while (at != NULL && !dns_name_equal(at->name, lower))
		at = at->next_in_bucket;
	return at;
}

struct client_interest *client_interests_next(const struct client_interest *i)
{
	struct client_interest *at = i->next_in_bucket;

	while (at != NULL && !dns_name_equal(at->name, i->name))
		at = at->next_in_bucket;
	return at;
}

static void bucket_add(struct client_interests *t, struct client_interest *i)
{
	struct client_interest **bucket = &t->buckets[bucket_of(t, i->name)];

	i->next_in_bucket = *bucket;
	*bucket = i;
}

static int table_grow(struct client_interests *t)
{
	size_t n = t->nbuckets == 0 ? BUCKETS_LEAST : t->nbuckets * 2;
	struct client_interest **buckets;

	if (t->n < t->nbuckets)
		return 0;
	buckets = calloc(n, sizeof(struct client_interest *));
	if (buckets == NULL)
		return t->nbuckets == 0 ? -ENOMEM : 0;
	free(t->buckets);
	t->buckets = buckets;
	t->nbuckets = n;
	for (struct client_interest *i = t->first; i != NULL; i = i->next)
		bucket_add(t, i);
	return 0;
}

static void table_remove(struct client_interests *t, struct client_interest *i)
{
	struct client_interest **at = &t->buckets[bucket_of(t, i->name)];

	while (*at != i)
		at = &(*at)->next_in_bucket;
	*at = i->next_in_bucket;
	*i->link = i->next;
	if (i->next != NULL)
		i->next->link = i->link;
	else
		t->last = i->link;
	t->n--;
}

/* ---- making ---- */

static bool types_have(const uint16_t *types, unsigned ntypes, uint16_t type)
{
	for (unsigned i = 0; i < ntypes; i++)
		if (types[i] == type || types[i] == DNS_TYPE_ANY)
			return true;
	return false;
}

bool client_interest_has_type(const struct client_interest *i, uint16_t type)
{
	return i->wire_type == DNS_TYPE_ANY || i->wire_type == type || type == DNS_TYPE_CNAME;
}

/* Adds the types to those that are polled. Returns 0 or -ENOSPC. */
static int polls_add(struct client_interest *i, const uint16_t *types, unsigned ntypes)
{
	for (unsigned k = 0; k < ntypes; k++) {
		bool has = false;

		for (unsigned p = 0; p < i->npolls; p++)
			has |= i->polls[p].type == types[k];
		if (has)
			continue;
		if (i->npolls == CLIENT_POLLS_MAX)
			return -ENOSPC;
		i->polls[i->npolls++] = (struct client_poll){.interest = i, .type = types[k]};
		i->is_current &= i->push == CLIENT_PUSH_ACCEPTED;
	}
	return 0;
}

static struct client_interest *interest_new(struct client_interests *t, const uint8_t *name,
					    uint16_t wire_type)
{
	struct client_interest *i = calloc(1, sizeof(*i));

	if (i == NULL || table_grow(t) < 0) {
		free(i);
		return NULL;
	}
	dns_name_lower(i->name, name);
	i->wire_type = wire_type;
	client_records_init(&i->records);
	i->link = t->last;
	*t->last = i;
	t->last = &i->next;
	bucket_add(t, i);
	t->n++;
	return i;
}

int client_interests_add(struct client_interests *t, const uint8_t *name, const uint16_t *types,
			 unsigned ntypes, client_event_fn on_event, void *arg,
			 struct client_subscription **out, bool *is_new)
{
	uint16_t wire_type = ntypes == 1 ? types[0] : DNS_TYPE_ANY;
	struct client_interest *i = client_interests_find(t, name);
	struct client_subscription *s = calloc(1, sizeof(*s));
	int ret;

	if (s == NULL)
		return -ENOMEM;
	while (i != NULL && i->wire_type != wire_type)
		i = client_interests_next(i);
	*is_new = i == NULL;
	if (i == NULL)
		i = interest_new(t, name, wire_type);
	ret = i == NULL ? -ENOMEM : polls_add(i, types, ntypes);
	if (ret < 0) {
		free(s);
		return ret;
	}
	*s = (struct client_subscription){
		.interest = i, .on_event = on_event, .arg = arg, .ntypes = ntypes};
	memcpy(s->types, types, ntypes * sizeof(*types));
	s->next = i->subscriptions;
	i->subscriptions = s;
	i->is_ended = false;	      /* it may have lost its last one in this turn */
	client_interests_touch(t, i); /* reports what it has already */
	*out = s;
	return 0;
}

void client_interests_end(struct client_interests *t, struct client_subscription *s)
{
	struct client_interest *i = s->interest;

	s->is_ended = i->is_ended = true;
	for (const struct client_subscription *at = i->subscriptions; at != NULL; at = at->next)
		i->is_ended &= at->is_ended;
	if (i->is_in_ended)
		return;
	i->is_in_ended = true;
	i->next_ended = t->ended;
	t->ended = i;
}

/* ---- reports ---- */

static void bytes_count(struct client_interests *t, struct client_interest *i)
{
	t->nbytes += i->records.nbytes - i->counted;
	i->counted = i->records.nbytes;
}

void client_interests_touch(struct client_interests *t, struct client_interest *i)
{
	bytes_count(t, i);
	if (i->is_touched)
		return;
	i->is_touched = true;
	i->next_touched = NULL;
	*t->touched_end = i;
	t->touched_end = &i->next_touched;
}

void client_interests_complete(struct client_interests *t, struct client_interest *i, uint16_t type)
{
	client_records_confirm(&i->records, type);
	client_interests_touch(t, i);
}

void client_interests_fail(struct client_interests *t, struct client_interest *i)
{
	i->has_failed = true;
	client_interests_touch(t, i);
}

static void event_send(struct client_subscription *s, enum client_event event, uint16_t type,
		       uint32_t ttl, const uint8_t *rdata, uint16_t nbytes)
{
	const struct dns_record record = {
		.owner = s->interest->name,
		.type = type,
		.ttl = ttl,
		.rdata = rdata,
		.nbytes = nbytes,
	};

	if (!s->is_ended && (types_have(s->types, s->ntypes, type) || type == DNS_TYPE_CNAME))
		s->on_event(s->arg, event, &record);
}

static const enum client_event events[] = {
	[CLIENT_ADDED] = CLIENT_EVENT_ADDED,
	[CLIENT_REMOVED] = CLIENT_EVENT_REMOVED,
	[CLIENT_CHANGED] = CLIENT_EVENT_CHANGED,
};

/* To all subscriptions that know what there was. */
static void change_send(void *arg, enum client_change change, uint16_t type, uint32_t ttl,
			const uint8_t *rdata, uint16_t nbytes)
{
	const struct client_interest *i = arg;

	for (struct client_subscription *s = i->subscriptions; s != NULL; s = s->next)
		if (s->has_known)
			event_send(s, events[change], type, ttl, rdata, nbytes);
}

/* To a subscription that knows nothing yet. */
static void known_send(void *arg, enum client_change change, uint16_t type, uint32_t ttl,
		       const uint8_t *rdata, uint16_t nbytes)
{
	event_send(arg, events[change], type, ttl, rdata, nbytes);
}

static void interest_flush(struct client_interests *t, struct client_interest *i)
{
	/* New subscriptions are added to the front, and wait for the next flush. */
	struct client_subscription *first = i->subscriptions;
	bool has_failed = i->has_failed;

	i->has_failed = false;
	if (!i->is_hidden)
		client_records_flush(&i->records, change_send, i);
	bytes_count(t, i);
	for (struct client_subscription *s = first; s != NULL; s = s->next) {
		if (!s->has_known && !i->is_hidden) {
			client_records_each(&i->records, known_send, s);
			s->has_known = true;
		}
		if (i->is_current && s->has_known && !s->has_current && !s->is_ended) {
			s->has_current = true;
			s->on_event(s->arg, CLIENT_EVENT_CURRENT, NULL);
		}
		if (has_failed && !s->is_ended)
			s->on_event(s->arg, CLIENT_EVENT_FAILED, NULL);
	}
}

struct each {
	const struct client_subscription *s;
	client_event_fn report;
	void *arg;
};

static void each_send(void *arg, enum client_change change, uint16_t type, uint32_t ttl,
		      const uint8_t *rdata, uint16_t nbytes)
{
	const struct each *e = arg;
	struct client_subscription as = *e->s;

	as.on_event = e->report;
	as.arg = e->arg;
	event_send(&as, events[change], type, ttl, rdata, nbytes);
}

void client_subscription_each(const struct client_subscription *s, client_event_fn report,
			      void *arg)
{
	struct each e = {s, report, arg};

	client_records_each(&s->interest->records, each_send, &e);
}

void client_interests_flush(struct client_interests *t)
{
	bool had_any = t->touched != NULL;

	while (t->touched != NULL) {
		struct client_interest *i = t->touched;

		/* It may be touched again while it is flushed: take it out of the list before. */
		t->touched = i->next_touched;
		if (t->touched == NULL)
			t->touched_end = &t->touched;
		i->is_touched = false;
		interest_flush(t, i);
	}
	if (had_any && t->on_flushed != NULL)
		t->on_flushed(t->arg);
}

/* ---- the end ---- */

static void subscriptions_reap(struct client_interest *i)
{
	struct client_subscription **at = &i->subscriptions;

	while (*at != NULL) {
		struct client_subscription *s = *at;

		if (!s->is_ended) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		free(s);
	}
}

/* Takes ended interests out of the list of the touched. */
static void touched_reap(struct client_interests *t)
{
	struct client_interest **at = &t->touched;

	while (*at != NULL) {
		if ((*at)->is_ended)
			*at = (*at)->next_touched;
		else
			at = &(*at)->next_touched;
	}
	t->touched_end = at;
}

void client_interests_reap(struct client_interests *t,
			   void (*on_end)(void *arg, struct client_interest *i), void *arg)
{
	if (t->ended == NULL)
		return;
	touched_reap(t);
	while (t->ended != NULL) {
		struct client_interest *i = t->ended;

		t->ended = i->next_ended;
		i->is_in_ended = false;
		subscriptions_reap(i);
		if (!i->is_ended)
			continue;
		on_end(arg, i);
		table_remove(t, i);
		t->nbytes -= i->counted;
		interest_free(i);
	}
}
