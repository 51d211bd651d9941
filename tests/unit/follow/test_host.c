/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "dns/type.h"
#include "follow/host.h"

/* A client that replaces client/client.h in this program: the tests give each name its records, and
 * report them. */

enum { NAMES_MAX = 16, RECORDS_MAX = 4 };

struct known {
	struct client_subscription subscription; /* the first member */
	uint8_t name[DNS_NAME_MAX];
	bool is_used;
	enum client_known known;
	const char *alias;		    /* NULL: none */
	const char *addresses[RECORDS_MAX]; /* NULL: no more */
};

static struct known knowns[NAMES_MAX];
static unsigned nchanged;

static void name_from(uint8_t out[static DNS_NAME_MAX], const char *text)
{
	assert_true(dns_name_from_text(out, text, strlen(text), NULL) > 0);
}

/* ---- client/client.h ---- */

int client_subscribe(struct client *c, const uint8_t *name, const uint16_t *types, unsigned ntypes,
		     client_event_fn on_event, void *arg, struct client_subscription **out)
{
	struct known *k = knowns;
	void *memory = malloc(1); /* a subscription may fail, too */

	(void)c;
	(void)types;
	(void)ntypes;
	if (memory == NULL)
		return -ENOMEM;
	free(memory);
	while (k->is_used)
		k++;
	assert_true(k < knowns + NAMES_MAX);
	*k = (struct known){.is_used = true};
	k->subscription.on_event = on_event;
	k->subscription.arg = arg;
	memcpy(k->name, name, dns_name_nbytes(name));
	*out = &k->subscription;
	return 0;
}

void client_unsubscribe(struct client *c, struct client_subscription *s)
{
	(void)c;
	((struct known *)s)->is_used = false;
}

void client_subscription_each(const struct client_subscription *s, client_event_fn report,
			      void *arg)
{
	const struct known *k = (const struct known *)s;
	struct dns_record record = {.owner = k->name, .ttl = 60};
	uint8_t rdata[DNS_NAME_MAX];

	record.rdata = rdata;
	if (k->alias != NULL) {
		name_from(rdata, k->alias);
		record.type = DNS_TYPE_CNAME;
		record.nbytes = (uint16_t)dns_name_nbytes(rdata);
		report(arg, CLIENT_EVENT_ADDED, &record);
	}
	for (unsigned i = 0; i < RECORDS_MAX && k->addresses[i] != NULL; i++) {
		bool is_v6 = strchr(k->addresses[i], ':') != NULL;

		record.type = is_v6 ? DNS_TYPE_AAAA : DNS_TYPE_A;
		record.nbytes = is_v6 ? 16 : 4;
		assert_int_equal(inet_pton(is_v6 ? AF_INET6 : AF_INET, k->addresses[i], rdata), 1);
		report(arg, CLIENT_EVENT_ADDED, &record);
	}
}

enum client_known client_known(const struct client *c, const struct client_subscription *s)
{
	(void)c;
	return ((const struct known *)s)->known;
}

void client_refresh(struct client *c, struct client_subscription *s)
{
	(void)c;
	((struct known *)s)->known = CLIENT_KNOWN_NOT_YET;
}

/* ---- hosts ---- */

static void on_touched(void *arg)
{
	(void)arg;
}

static void on_changed(void *arg, struct follow_host_user *user)
{
	(void)arg;
	(void)user;
	nchanged++;
}

struct fixture {
	struct follow_tracks tracks;
	struct follow_hosts hosts;
	struct follow_host_user user;
};

static void fixture_init(struct fixture *f)
{
	memset(knowns, 0, sizeof(knowns));
	nchanged = 0;
	*f = (struct fixture){.hosts = {.on_touched = on_touched, .on_changed = on_changed}};
	f->hosts.tracks = &f->tracks;
}

static void fixture_fini(struct fixture *f)
{
	follow_host_leave(&f->user);
	assert_int_equal(f->hosts.entries.n, 0);
	assert_null(f->hosts.dirty);
	follow_hosts_fini(&f->hosts);
	for (unsigned i = 0; i < NAMES_MAX; i++)
		assert_false(knowns[i].is_used);
}

static int use(struct fixture *f, const char *name)
{
	uint8_t wire[DNS_NAME_MAX];

	name_from(wire, name);
	return follow_host_use(&f->hosts, &f->user, wire);
}

/* Returns what is known of a name that is followed. */
static struct known *known_of(const char *name)
{
	uint8_t wire[DNS_NAME_MAX];
	struct known *k = knowns;

	name_from(wire, name);
	while (k < knowns + NAMES_MAX && !(k->is_used && dns_name_equal(k->name, wire)))
		k++;
	assert_true(k < knowns + NAMES_MAX);
	return k;
}

/* Has the records of a name reported, or some of them: `known` is how far they are known. */
static void report(const char *name, enum client_known known)
{
	struct known *k = known_of(name);

	k->known = known;
	k->subscription.on_event(
		k->subscription.arg,
		known == CLIENT_KNOWN_NOT_YET ? CLIENT_EVENT_ADDED : CLIENT_EVENT_CURRENT, NULL);
}

/* ---- the tests ---- */

static void addresses_are_in_an_order_of_their_own(void **state)
{
	static const char *const given[] = {"127.0.0.2", "::1", "127.0.0.1"};
	const struct follow_host *end;
	struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_int_equal(use(&f, "n1.lab"), 0);
	assert_null(follow_host_end(f.user.host));
	memcpy(known_of("n1.lab")->addresses, given, sizeof(given));
	report("n1.lab", CLIENT_KNOWN_PUSHED);
	assert_int_equal(follow_hosts_settle(&f.hosts), 0);
	assert_int_equal(nchanged, 1);
	end = follow_host_end(f.user.host);
	assert_non_null(end);
	assert_int_equal(end->naddresses, 3);
	assert_int_equal(
		((const struct sockaddr_in *)(const void *)&end->addresses[1])->sin_addr.s_addr,
		htonl(0x7f000001));
	assert_int_equal(end->addresses[0].ss_family, AF_INET6);
	fixture_fini(&f);
}

static void an_alias_is_followed_and_left(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_int_equal(use(&f, "www.lab"), 0);
	known_of("www.lab")->alias = "n1.lab";
	report("www.lab", CLIENT_KNOWN_PUSHED);
	assert_int_equal(follow_hosts_settle(&f.hosts), 0);
	assert_null(follow_host_end(f.user.host));
	report("n1.lab", CLIENT_KNOWN_REFUSED);
	assert_int_equal(follow_hosts_settle(&f.hosts), 0);
	assert_int_equal(follow_host_end(f.user.host)->naddresses, 0);
	known_of("www.lab")->alias = NULL;
	known_of("www.lab")->addresses[0] = "127.0.0.1";
	report("www.lab", CLIENT_KNOWN_PUSHED);
	assert_int_equal(follow_hosts_settle(&f.hosts), 0);
	assert_int_equal(f.hosts.entries.n, 1);
	assert_int_equal(follow_host_end(f.user.host)->naddresses, 1);
	fixture_fini(&f);
}

/* The host that is left waits, in the same list, for its own records. */
static void a_host_that_is_left_while_it_waits_is_gone(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_int_equal(use(&f, "www.lab"), 0);
	known_of("www.lab")->alias = "n1.lab";
	report("www.lab", CLIENT_KNOWN_PUSHED);
	assert_int_equal(follow_hosts_settle(&f.hosts), 0);
	known_of("www.lab")->alias = "n2.lab";
	report("www.lab", CLIENT_KNOWN_PUSHED);
	report("n1.lab", CLIENT_KNOWN_NOT_YET);
	assert_int_equal(follow_hosts_settle(&f.hosts), 0);
	assert_null(f.hosts.dirty);
	assert_int_equal(f.hosts.entries.n, 2);
	report("n2.lab", CLIENT_KNOWN_PUSHED);
	assert_int_equal(follow_hosts_settle(&f.hosts), 0);
	assert_non_null(follow_host_end(f.user.host));
	fixture_fini(&f);
}

static void a_host_waits_until_its_records_are_known(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_int_equal(use(&f, "n1.lab"), 0);
	report("n1.lab", CLIENT_KNOWN_NOT_YET);
	assert_int_equal(follow_hosts_settle(&f.hosts), 0);
	assert_ptr_equal(f.hosts.dirty, f.user.host);
	assert_int_equal(nchanged, 0);
	report("n1.lab", CLIENT_KNOWN_POLLED);
	assert_int_equal(follow_hosts_settle(&f.hosts), 0);
	assert_null(f.hosts.dirty);
	assert_int_equal(nchanged, 1);
	fixture_fini(&f);
}

static void short_memory_leaves_things_as_they_were(void **state)
{
	struct fixture f;
	int n = 0, ret;

	(void)state;
	fixture_init(&f);
	do {
		memory_fail_after(n++);
		ret = use(&f, "www.lab");
		memory_fail_after(MEMORY_ENOUGH);
		assert_int_equal(f.hosts.entries.n, ret < 0 ? 0 : 1);
	} while (ret < 0);
	known_of("www.lab")->alias = "n1.lab";
	report("www.lab", CLIENT_KNOWN_PUSHED);
	n = 0;
	do {
		memory_fail_after(n++);
		ret = follow_hosts_settle(&f.hosts);
		memory_fail_after(MEMORY_ENOUGH);
		assert_int_equal(f.hosts.entries.n, ret < 0 ? 1 : 2);
		assert_int_equal(f.hosts.dirty != NULL, ret < 0);
	} while (ret < 0);
	fixture_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_in_an_order_of_their_own),
		cmocka_unit_test(an_alias_is_followed_and_left),
		cmocka_unit_test(a_host_that_is_left_while_it_waits_is_gone),
		cmocka_unit_test(a_host_waits_until_its_records_are_known),
		cmocka_unit_test(short_memory_leaves_things_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
