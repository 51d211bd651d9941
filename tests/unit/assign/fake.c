/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fake.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../follower.h"
#include "../memory.h"
#include "dns/type.h"
#include "spec/rdata.h"

enum { RECORDS_MAX = 64, SUBSCRIPTIONS_MAX = 64, RDATA_MAX = 8192, TURNS = 100 };

struct record {
	uint8_t owner[DNS_NAME_MAX];
	uint16_t type, nbytes;
	uint8_t rdata[RDATA_MAX];
	unsigned number; /* no two records have the same; 0: there is none here */
};

/* What is subscribed to, and which records were reported. */
struct following {
	struct client_subscription subscription; /* the first member */
	uint8_t name[DNS_NAME_MAX];
	struct record *known[RECORDS_MAX]; /* copies */
	bool is_used, is_current;
};

static struct record zone[RECORDS_MAX];
static struct following followings[SUBSCRIPTIONS_MAX];
static unsigned number;
static bool is_reachable;
static const char *refused;
static uint64_t now_ms;

static void name_from(uint8_t out[static DNS_NAME_MAX], const char *text)
{
	assert_true(dns_name_from_text(out, text, strlen(text), NULL) > 0);
}

/* ---- the zone ---- */

static void following_end(struct following *f)
{
	for (size_t k = 0; k < RECORDS_MAX; k++)
		free(f->known[k]);
	*f = (struct following){0};
}

void fake_reset(void)
{
	memset(zone, 0, sizeof(zone));
	for (size_t i = 0; i < SUBSCRIPTIONS_MAX; i++)
		following_end(&followings[i]);
	is_reachable = true;
	refused = NULL;
	follower_wake_ms = UINT64_MAX;
}

void fake_add(const char *owner, uint16_t type, const char *value)
{
	struct record *r = zone;
	uint8_t target[DNS_NAME_MAX];

	while (r->number != 0)
		r++;
	assert_true(r < zone + RECORDS_MAX);
	name_from(r->owner, owner);
	r->type = type;
	r->number = ++number;
	if (type == DNS_TYPE_PTR) {
		name_from(target, value);
		r->nbytes = (uint16_t)dns_name_nbytes(target);
		memcpy(r->rdata, target, r->nbytes);
	} else {
		r->nbytes = (uint16_t)spec_rdata_write(r->rdata, RDATA_MAX, value, strlen(value));
		assert_true(r->nbytes > 0);
	}
}

void fake_remove(const char *owner)
{
	uint8_t name[DNS_NAME_MAX];

	name_from(name, owner);
	for (size_t i = 0; i < RECORDS_MAX; i++)
		if (zone[i].number != 0 && dns_name_equal(zone[i].owner, name))
			zone[i].number = 0;
}

void fake_reach(bool reachable)
{
	is_reachable = reachable;
}

void fake_refuse(const char *owner)
{
	refused = owner;
}

static bool is_refused(const struct following *f)
{
	uint8_t name[DNS_NAME_MAX];

	if (refused == NULL)
		return false;
	name_from(name, refused);
	return dns_name_equal(name, f->name);
}

/* ---- delivering ---- */

static void event_send(const struct following *f, client_event_fn on_event, void *arg,
		       enum client_event event, const struct record *r)
{
	const struct dns_record record = {.owner = f->name,
					  .type = r->type,
					  .ttl = 5,
					  .rdata = r->rdata,
					  .nbytes = r->nbytes};

	on_event(arg, event, &record);
}

static bool is_of(const struct following *f, const struct record *r)
{
	return r->number != 0 && r->type == f->subscription.types[0] &&
	       dns_name_equal(r->owner, f->name);
}

static bool has(const struct record *all, const struct record *r)
{
	for (size_t i = 0; i < RECORDS_MAX; i++)
		if (all[i].number == r->number)
			return true;
	return false;
}

static struct record **known_find(struct following *f, const struct record *r)
{
	struct record **free_one = NULL;

	for (size_t k = 0; k < RECORDS_MAX; k++)
		if (f->known[k] == NULL)
			free_one = &f->known[k];
		else if (f->known[k]->number == r->number)
			return &f->known[k];
	assert_non_null(free_one);
	return free_one;
}

static void removals_send(struct following *f)
{
	for (size_t k = 0; k < RECORDS_MAX; k++) {
		struct record *gone = f->known[k];

		if (gone == NULL || has(zone, gone))
			continue;
		f->known[k] = NULL;
		event_send(f, f->subscription.on_event, f->subscription.arg, CLIENT_EVENT_REMOVED,
			   gone);
		free(gone);
	}
}

static void additions_send(struct following *f)
{
	for (size_t i = 0; i < RECORDS_MAX && f->is_used; i++) {
		struct record **at = is_of(f, &zone[i]) ? known_find(f, &zone[i]) : NULL;
		int left;

		if (at == NULL || *at != NULL)
			continue;
		left = memory_pause();
		*at = malloc(sizeof(**at));
		assert_non_null(*at);
		**at = zone[i];
		memory_fail_after(left);
		event_send(f, f->subscription.on_event, f->subscription.arg, CLIENT_EVENT_ADDED,
			   *at);
	}
}

static void following_deliver(struct following *f)
{
	const struct client_subscription *s = &f->subscription;

	if (!is_reachable || is_refused(f)) {
		s->on_event(s->arg, CLIENT_EVENT_FAILED, NULL);
		return;
	}
	removals_send(f);
	additions_send(f);
	if (f->is_used && !f->is_current) {
		f->is_current = true;
		s->on_event(s->arg, CLIENT_EVENT_CURRENT, NULL);
	}
}

void fake_deliver(void)
{
	now_ms++;
	for (size_t i = 0; i < SUBSCRIPTIONS_MAX; i++)
		if (followings[i].is_used)
			following_deliver(&followings[i]);
	if (follower_user == NULL ||
	    (!follower_user->is_dirty && !follower_user->wants_turns && now_ms < follower_wake_ms))
		return;
	follower_user->is_dirty = false;
	follower_user->settle(follower_user->arg, now_ms);
}

void fake_settle(void)
{
	for (int i = 0; i < TURNS; i++) {
		fake_deliver();
		if (follower_user != NULL && !follower_user->is_dirty &&
		    follower_wake_ms != UINT64_MAX && now_ms < follower_wake_ms)
			now_ms = follower_wake_ms;
	}
}

unsigned fake_nsubscriptions(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < SUBSCRIPTIONS_MAX; i++)
		n += followings[i].is_used;
	return n;
}

/* ---- client/client.h ---- */

int client_subscribe(struct client *c, const uint8_t *name, const uint16_t *types, unsigned ntypes,
		     client_event_fn on_event, void *arg, struct client_subscription **out)
{
	struct following *f = followings;
	void *memory = malloc(1); /* a subscription may fail, too */

	(void)c;
	assert_int_equal(ntypes, 1);
	if (memory == NULL)
		return -ENOMEM;
	free(memory);
	while (f->is_used)
		f++;
	assert_true(f < followings + SUBSCRIPTIONS_MAX);
	*f = (struct following){.is_used = true};
	f->subscription.ntypes = ntypes;
	f->subscription.types[0] = types[0];
	f->subscription.on_event = on_event;
	f->subscription.arg = arg;
	memcpy(f->name, name, dns_name_nbytes(name));
	*out = &f->subscription;
	return 0;
}

void client_want_large(struct client_subscription *s)
{
	(void)s;
}

void client_want_often(struct client_subscription *s, uint32_t most_ms)
{
	(void)s;
	(void)most_ms;
}

void client_unsubscribe(struct client *c, struct client_subscription *s)
{
	(void)c;
	following_end((struct following *)s);
}

void client_subscription_each(const struct client_subscription *s, client_event_fn report,
			      void *arg)
{
	const struct following *f = (const struct following *)s;

	for (size_t k = 0; k < RECORDS_MAX; k++)
		if (f->known[k] != NULL)
			event_send(f, report, arg, CLIENT_EVENT_ADDED, f->known[k]);
}

enum client_known client_known(const struct client *c, const struct client_subscription *s)
{
	const struct following *f = (const struct following *)s;

	(void)c;
	if (!is_reachable)
		return CLIENT_KNOWN_UNREACHED;
	if (is_refused(f))
		return CLIENT_KNOWN_REFUSED;
	return f->is_current ? CLIENT_KNOWN_PUSHED : CLIENT_KNOWN_NOT_YET;
}

void client_refresh(struct client *c, struct client_subscription *s)
{
	(void)c;
	(void)s;
}
