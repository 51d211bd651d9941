/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../follower.h"
#include "../memory.h"
#include "base/buf.h"
#include "dns/type.h"
#include "follow/node.h"
#include "follow/watch.h"

/* A client and a follower that replace client/client.h and follow/follow.h in this program: what is
 * subscribed to is made what `zone` has by sync(), and settle() calls the watch as long as it wants
 * to be called. */

enum { TURNS = 200, SUBSCRIPTIONS_MAX = 64, RECORDS_MAX = 32, RDATA_MAX = 300 };

static const uint8_t domain[] = "\3lab";

struct record {
	const char *owner;
	uint16_t type;
	const char *rdata;
};

/* What is followed, and what was reported. */
struct following {
	struct client_subscription subscription; /* the first member */
	uint8_t name[DNS_NAME_MAX];
	const struct record *known[RECORDS_MAX];
	size_t nknown;
	bool is_used, is_synced, is_refreshed;
};

static struct following followings[SUBSCRIPTIONS_MAX];
static const struct record *zone; /* the end has no owner */
static const char *refused;	  /* a name that servers refuse to answer about, or NULL */
static bool is_reachable = true;
static uint64_t now_ms;
static bool has_none;

static void name_from(uint8_t out[static DNS_NAME_MAX], const char *text)
{
	assert_true(dns_name_from_text(out, text, strlen(text), NULL) > 0);
}

static size_t rdata_write(uint8_t out[static RDATA_MAX], const struct record *r)
{
	struct base_out o = base_out_over(out, RDATA_MAX);
	uint8_t name[DNS_NAME_MAX], address[4];
	unsigned numbers[3];
	char target[64];

	if (r->type == DNS_TYPE_SRV) {
		assert_int_equal(sscanf(r->rdata, "%u %u %u %63s", &numbers[0], &numbers[1],
					&numbers[2], target),
				 4);
		for (int i = 0; i < 3; i++)
			base_out_u16(&o, (uint16_t)numbers[i]);
		name_from(name, target);
		base_out_bytes(&o, name, dns_name_nbytes(name));
	} else if (r->type == DNS_TYPE_A) {
		assert_int_equal(inet_pton(AF_INET, r->rdata, address), 1);
		base_out_bytes(&o, address, sizeof(address));
	} else if (r->type == DNS_TYPE_TXT) {
		for (const char *at = r->rdata; *at != '\0'; at += strcspn(at, " ")) {
			at += *at == ' ';
			base_out_u8(&o, (uint8_t)strcspn(at, " "));
			base_out_bytes(&o, at, strcspn(at, " "));
		}
	} else {
		name_from(name, r->rdata);
		base_out_bytes(&o, name, dns_name_nbytes(name));
	}
	return base_out_nbytes(&o);
}

static void event_send(const struct following *f, enum client_event event, const struct record *r,
		       client_event_fn on_event, void *arg)
{
	uint8_t rdata[RDATA_MAX];
	const struct dns_record record = {.owner = f->name,
					  .type = r->type,
					  .ttl = 60,
					  .rdata = rdata,
					  .nbytes = (uint16_t)rdata_write(rdata, r)};

	on_event(arg, event, &record);
}

static bool is_followed(const struct following *f, const struct record *r)
{
	uint8_t owner[DNS_NAME_MAX];
	bool has_type = r->type == DNS_TYPE_CNAME;

	name_from(owner, r->owner);
	for (unsigned i = 0; i < f->subscription.ntypes; i++)
		has_type |= f->subscription.types[i] == r->type;
	return has_type && dns_name_equal(owner, f->name);
}

static bool is_same(const struct record *a, const struct record *b)
{
	return a->type == b->type && strcmp(a->rdata, b->rdata) == 0;
}

static void following_sync(struct following *f)
{
	const struct client_subscription *s = &f->subscription;
	bool was_synced = f->is_synced;
	size_t nkept = 0;

	f->is_synced = f->is_refreshed = true;
	for (size_t i = 0; i < f->nknown; i++) {
		const struct record *r = zone, *was = f->known[i];

		while (r->owner != NULL && !(is_followed(f, r) && is_same(r, was)))
			r++;
		if (r->owner != NULL)
			f->known[nkept++] = was;
		else
			event_send(f, CLIENT_EVENT_REMOVED, was, s->on_event, s->arg);
	}
	f->nknown = nkept;
	for (const struct record *r = zone; r->owner != NULL && f->is_used; r++) {
		bool has = !is_followed(f, r);

		for (size_t i = 0; i < f->nknown; i++)
			has |= is_same(f->known[i], r);
		if (has)
			continue;
		assert_true(f->nknown < RECORDS_MAX);
		f->known[f->nknown++] = r;
		event_send(f, CLIENT_EVENT_ADDED, r, s->on_event, s->arg);
	}
	if (!was_synced && f->is_used)
		s->on_event(s->arg, CLIENT_EVENT_CURRENT, NULL);
}

/* Has all that is followed be what the zone has. */
static void sync(void)
{
	for (size_t i = 0; i < SUBSCRIPTIONS_MAX; i++)
		if (followings[i].is_used && is_reachable)
			following_sync(&followings[i]);
		else if (followings[i].is_used)
			followings[i].subscription.on_event(followings[i].subscription.arg,
							    CLIENT_EVENT_FAILED, NULL);
	if (follower_user != NULL && follower_user->wants_turns)
		follower_user->is_dirty = true;
}

/* Goes on until nothing is to be done any more, or for a while: a watch that is lost always wants
 * to be called. */
static void settle(void)
{
	for (int i = 0; i < TURNS; i++) {
		sync();
		now_ms++;
		if (!follower_user->is_dirty && follower_wake_ms == UINT64_MAX)
			return;
		if (!follower_user->is_dirty && now_ms < follower_wake_ms)
			now_ms = follower_wake_ms;
		follower_user->is_dirty = false;
		follower_user->settle(follower_user->arg, now_ms);
	}
}

static void zone_set(const struct record *records)
{
	zone = records;
	settle();
}

/* ---- client/client.h ---- */

int client_subscribe(struct client *c, const uint8_t *name, const uint16_t *types, unsigned ntypes,
		     client_event_fn on_event, void *arg, struct client_subscription **out)
{
	struct following *f = followings;
	void *memory = malloc(1); /* a subscription may fail, too */

	(void)c;
	if (memory == NULL)
		return -ENOMEM;
	free(memory);
	while (f->is_used)
		f++;
	assert_true(f < followings + SUBSCRIPTIONS_MAX);
	*f = (struct following){.is_used = true};
	f->subscription.ntypes = ntypes;
	f->subscription.on_event = on_event;
	f->subscription.arg = arg;
	memcpy(f->subscription.types, types, ntypes * sizeof(*types));
	memcpy(f->name, name, dns_name_nbytes(name));
	*out = &f->subscription;
	return 0;
}

void client_unsubscribe(struct client *c, struct client_subscription *s)
{
	(void)c;
	((struct following *)s)->is_used = false;
}

void client_subscription_each(const struct client_subscription *s, client_event_fn report,
			      void *arg)
{
	/* Rdata is valid as long as nothing changes: longer than an event. */
	static uint8_t rdata[RECORDS_MAX][RDATA_MAX];
	const struct following *f = (const struct following *)s;

	for (size_t i = 0; i < f->nknown; i++) {
		size_t nbytes = rdata_write(rdata[i], f->known[i]);

		report(arg, CLIENT_EVENT_ADDED,
		       &(struct dns_record){.owner = f->name,
					    .type = f->known[i]->type,
					    .ttl = 60,
					    .rdata = rdata[i],
					    .nbytes = (uint16_t)nbytes});
	}
}

enum client_known client_known(const struct client *c, const struct client_subscription *s)
{
	const struct following *f = (const struct following *)s;
	uint8_t name[DNS_NAME_MAX];

	(void)c;
	if (!is_reachable)
		return CLIENT_KNOWN_UNREACHED;
	if (refused != NULL) {
		name_from(name, refused);
		if (dns_name_equal(name, f->name))
			return CLIENT_KNOWN_REFUSED;
	}
	return f->is_synced && f->is_refreshed ? CLIENT_KNOWN_PUSHED : CLIENT_KNOWN_NOT_YET;
}

void client_refresh(struct client *c, struct client_subscription *s)
{
	(void)c;
	((struct following *)s)->is_refreshed = false;
}

/* ---- follow/follow.h ---- */

bool follow_has_none(const struct follow *f)
{
	(void)f;
	return has_none;
}

/* ---- a watch, and what it has reported ---- */

static struct follow_watch *watch;
static char seen[2048]; /* a sign, port and state of each event */
static size_t nshown;

static void on_event(void *arg, enum follow_watch_event event, const struct find_instance *now,
		     const struct find_instance *before)
{
	static const char signs[] = {
		[FOLLOW_WATCH_ADDED] = '+',    [FOLLOW_WATCH_CHANGED] = '~',
		[FOLLOW_WATCH_REMOVED] = '-',  [FOLLOW_WATCH_MOVED] = '>',
		[FOLLOW_WATCH_DRAINING] = 'd', [FOLLOW_WATCH_CURRENT] = '=',
		[FOLLOW_WATCH_LOST] = '!',
	};
	size_t n = strlen(seen), nall;

	(void)arg;
	follow_watch_instances(watch, &nall);
	nshown += event == FOLLOW_WATCH_ADDED;
	nshown -= event == FOLLOW_WATCH_REMOVED;
	assert_int_equal(nall, nshown);
	assert_int_equal(before != NULL, event == FOLLOW_WATCH_CHANGED ||
						 event == FOLLOW_WATCH_MOVED ||
						 event == FOLLOW_WATCH_DRAINING);
	if (now == NULL)
		snprintf(seen + n, sizeof(seen) - n, "%c ", signs[event]);
	else
		snprintf(seen + n, sizeof(seen) - n, "%c%u/%zu ", signs[event], now->port,
			 now->naddresses);
}

static int watch_begin(const char *text)
{
	char why[FIND_NAME_WHY_MAX];
	struct find_name name;

	seen[0] = '\0';
	nshown = 0;
	assert_int_equal(find_name_from_text(&name, text, domain, why), 0);
	return follow_watch_new(&watch, NULL, &name, on_event, NULL);
}

static void watch_end(void)
{
	follow_watch_free(watch);
	for (size_t i = 0; i < SUBSCRIPTIONS_MAX; i++)
		assert_false(followings[i].is_used);
}

/* Checks what was reported since the last call. */
static void expect(const char *events)
{
	assert_string_equal(seen, events);
	seen[0] = '\0';
}

#define HTTP "_http._tcp.lab"
#define PTR_1                                          \
	{                                              \
		HTTP, DNS_TYPE_PTR, "a._http._tcp.lab" \
	}
#define SRV_1                                                    \
	{                                                        \
		"a._http._tcp.lab", DNS_TYPE_SRV, "0 0 1 n1.lab" \
	}
#define TXT_1                                            \
	{                                                \
		"a._http._tcp.lab", DNS_TYPE_TXT, "id=1" \
	}
#define PTR_2                                          \
	{                                              \
		HTTP, DNS_TYPE_PTR, "b._http._tcp.lab" \
	}
#define SRV_2                                                    \
	{                                                        \
		"b._http._tcp.lab", DNS_TYPE_SRV, "0 0 2 n2.lab" \
	}
#define TXT_2                                            \
	{                                                \
		"b._http._tcp.lab", DNS_TYPE_TXT, "id=2" \
	}
#define A_1                                       \
	{                                         \
		"n1.lab", DNS_TYPE_A, "192.0.2.1" \
	}
#define A_2                                       \
	{                                         \
		"n2.lab", DNS_TYPE_A, "192.0.2.2" \
	}
#define SRV_0                                      \
	{                                          \
		HTTP, DNS_TYPE_SRV, "0 0 9 n1.lab" \
	}

static const struct record none[] = {{NULL, 0, NULL}};
static const struct record one[] = {PTR_1, SRV_1, TXT_1, A_1, {NULL, 0, NULL}};
static const struct record two[] = {PTR_1, SRV_1, TXT_1,	  A_1, PTR_2, SRV_2,
				    TXT_2, A_2,	  {NULL, 0, NULL}};
static const struct record moved[] = {
	PTR_1, {"a._http._tcp.lab", DNS_TYPE_SRV, "0 0 3 n2.lab"}, TXT_1, A_2, {NULL, 0, NULL}};
static const struct record draining[] = {
	SRV_1, {"a._http._tcp.lab", DNS_TYPE_TXT, "id=1 state=draining"}, A_1, {NULL, 0, NULL}};
static const struct record failed[] = {
	PTR_1, SRV_1, {"a._http._tcp.lab", DNS_TYPE_TXT, "state=failed"}, A_1, {NULL, 0, NULL}};
static const struct record unlisted[] = {SRV_1, TXT_1, A_1, {NULL, 0, NULL}};
static const struct record alone[] = {SRV_0, A_1, {NULL, 0, NULL}};
static const struct record beside[] = {SRV_0, PTR_1, SRV_1, TXT_1, A_1, {NULL, 0, NULL}};
static const struct record several[] = {
	SRV_1, {"a._http._tcp.lab", DNS_TYPE_SRV, "0 0 2 n2.lab"}, A_1, A_2, {NULL, 0, NULL}};
static const struct record alias[] = {{"www.lab", DNS_TYPE_CNAME, "n1.lab"}, A_1, {NULL, 0, NULL}};
static const struct record ring[] = {{"www.lab", DNS_TYPE_CNAME, "n1.lab"},
				     {"n1.lab", DNS_TYPE_CNAME, "www.lab"},
				     {NULL, 0, NULL}};

static void instances_of_a_type_come_move_and_go(void **state)
{
	(void)state;
	zone = none;
	assert_int_equal(watch_begin(HTTP), 0);
	settle();
	expect("= ");
	assert_true(follow_watch_is_current(watch) && follow_watch_is_pushed(watch));
	zone_set(one);
	expect("+1/1 ");
	zone_set(two);
	expect("+2/1 ");
	zone_set(one);
	expect("-2/1 ");
	zone_set(moved);
	expect(">3/1 ");
	zone_set(one);
	expect(">1/1 ");
	zone_set(none);
	expect("-1/1 ");
	watch_end();
}

static void an_instance_that_drains_remains_without_its_listing(void **state)
{
	(void)state;
	zone = one;
	assert_int_equal(watch_begin(HTTP), 0);
	settle();
	expect("+1/1 = ");
	zone_set(draining);
	expect("d1/1 ");
	zone_set(one);
	expect("~1/1 ");
	zone_set(unlisted); /* for no reason */
	expect("-1/1 ");
	zone_set(draining); /* it was not known before */
	expect("");
	zone_set(one);
	expect("+1/1 ");
	zone_set(failed);
	expect("-1/1 ");
	zone_set(one);
	expect("+1/1 ");
	watch_end();
}

static void srv_records_of_a_type_are_shown_while_it_has_no_instances(void **state)
{
	(void)state;
	zone = alone;
	assert_int_equal(watch_begin(HTTP), 0);
	settle();
	expect("+9/1 = ");
	zone_set(beside);
	expect("-9/1 +1/1 ");
	zone_set(alone);
	expect("-1/1 +9/1 ");
	watch_end();
	zone = beside;
	assert_int_equal(watch_begin(HTTP), 0);
	settle();
	expect("+1/1 = ");
	zone_set(one);
	zone_set(none);
	expect("-1/1 ");
	watch_end();
}

static void an_instance_is_one_for_each_srv_record(void **state)
{
	(void)state;
	zone = several;
	assert_int_equal(watch_begin("a." HTTP), 0);
	settle();
	expect("+1/1 +2/1 = ");
	zone_set(unlisted);
	assert_string_equal(seen, "-2/1 ~1/1 ");
	seen[0] = '\0';
	zone_set(none);
	expect("-1/1 ");
	watch_end();
}

static void the_aliases_of_a_host_are_followed_but_not_in_a_ring(void **state)
{
	(void)state;
	zone = alias;
	assert_int_equal(watch_begin("www.lab:7"), 0);
	settle();
	expect("+7/1 = ");
	zone_set(ring);
	expect("-7/1 ");
	zone_set(alias);
	expect("+7/1 ");
	watch_end();
}

static void a_host_that_is_refused_has_no_addresses(void **state)
{
	(void)state;
	zone = one;
	refused = "n1.lab";
	assert_int_equal(watch_begin(HTTP), 0);
	follower_user->is_dirty = true;
	settle();
	assert_non_null(strchr(seen, '='));
	watch_end();
	refused = NULL;
}

static void without_an_answer_a_watch_is_lost_until_there_is_one(void **state)
{
	(void)state;
	zone = one;
	assert_int_equal(watch_begin(HTTP), 0);
	settle();
	expect("+1/1 = ");
	is_reachable = false;
	sync();
	follower_user->settle(follower_user->arg, now_ms);
	follower_user->settle(follower_user->arg, now_ms);
	expect("! ");
	assert_false(follow_watch_is_current(watch));
	is_reachable = true;
	zone_set(two);
	expect("+2/1 = ");
	has_none = true;
	follower_user->is_dirty = true;
	settle();
	expect("! ");
	has_none = false;
	follower_user->is_dirty = true;
	settle();
	expect("= ");
	watch_end();
}

static void an_address_stands_for_itself(void **state)
{
	(void)state;
	zone = none;
	assert_int_equal(watch_begin("192.0.2.9:5"), 0);
	settle();
	expect("+5/1 = ");
	watch_end();
}

static void nothing_is_lost_when_memory_is_short(void **state)
{
	static const struct record *const zones[] = {one,  two,	   moved, draining, one,
						     none, beside, alone, two};
	bool has_failed = true;

	(void)state;
	for (int n = 0; has_failed; n++) {
		zone = none;
		memory_fail_after(n);
		while (watch_begin(HTTP) < 0)
			assert_true(memory_has_failed());
		for (size_t i = 0; i < sizeof(zones) / sizeof(*zones); i++) {
			bool has_one = false, has_two = false;
			size_t nall;

			zone_set(zones[i]);
			follow_watch_instances(watch, &nall);
			has_one = zones[i] != none;
			has_two = zones[i] == two;
			assert_int_equal(nall, has_one + has_two);
		}
		has_failed = memory_has_failed();
		memory_fail_after(MEMORY_ENOUGH);
		watch_end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instances_of_a_type_come_move_and_go),
		cmocka_unit_test(an_instance_that_drains_remains_without_its_listing),
		cmocka_unit_test(srv_records_of_a_type_are_shown_while_it_has_no_instances),
		cmocka_unit_test(an_instance_is_one_for_each_srv_record),
		cmocka_unit_test(the_aliases_of_a_host_are_followed_but_not_in_a_ring),
		cmocka_unit_test(a_host_that_is_refused_has_no_addresses),
		cmocka_unit_test(without_an_answer_a_watch_is_lost_until_there_is_one),
		cmocka_unit_test(an_address_stands_for_itself),
		cmocka_unit_test(nothing_is_lost_when_memory_is_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
