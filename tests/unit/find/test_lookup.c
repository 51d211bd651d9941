/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "base/address.h"
#include "base/secret.h"
#include "fake.h"
#include "find/find.h"

enum { STALE_MS = 3600000, TIMEOUT_MS = 5000 };

static const uint8_t domain[] = "\3lab";

static const struct fake_record web[] = {
	{"_http._tcp.lab", "PTR", 120, "web-1._http._tcp.lab"},
	{"_http._tcp.lab", "PTR", 120, "web-2._http._tcp.lab"},
	{"web-1._http._tcp.lab", "SRV", 120, "10 1 80 n1.lab"},
	{"web-1._http._tcp.lab", "TXT", 60, "path=/1"},
	{"web-2._http._tcp.lab", "SRV", 120, "20 1 8080 n2.lab"},
	{"web-2._http._tcp.lab", "TXT", 120, "path=/2"},
	{"n1.lab", "A", 30, "127.0.0.1"},
	{"n2.lab", "A", 120, "127.0.0.2"},
	{"n2.lab", "A", 120, "127.0.0.3"},
};

/* What a look-up has found. */
struct found {
	bool is_done, is_freed_at_once;
	int error;
	uint64_t at_ms;
	char why[512];
	struct find_set set;
	struct find_lookup *lookup;
};

static struct find *find;

static void on_done(void *arg, int error, const char *why, struct find_set *set, uint64_t now_ms)
{
	struct found *f = arg;

	f->is_done = true;
	f->error = error;
	f->at_ms = now_ms;
	f->set = *set;
	*set = (struct find_set){0};
	snprintf(f->why, sizeof(f->why), "%s", why);
	if (f->is_freed_at_once)
		find_lookup_free(f->lookup);
}

static int begin(struct found *f, const char *text)
{
	char why[FIND_NAME_WHY_MAX];
	struct find_name name;

	assert_int_equal(find_name_from_text(&name, text, domain, why), 0);
	*f = (struct found){.error = 1};
	return find_lookup_new(&f->lookup, find, &name, fake.now_ms + TIMEOUT_MS, on_done, f);
}

/* Looks a name up to the end. */
static struct found look_up(const char *text)
{
	struct found f;

	assert_int_equal(begin(&f, text), 0);
	assert_true(fake_run(&f.is_done, fake.now_ms + TIMEOUT_MS));
	find_lookup_free(f.lookup);
	return f;
}

static void world_start(const struct fake_record *records, size_t nrecords)
{
	fake_start(records, nrecords);
	assert_int_equal(find_new(&find, &fake.events, NULL, STALE_MS), 0);
}

static void world_end(void)
{
	find_free(find);
	fake_end();
}

#define WORLD(records) world_start((records), sizeof(records) / sizeof(*(records)))

static const char *address_of(const struct find_instance *i, size_t n)
{
	static char text[BASE_ADDRESS_TEXT_MAX];

	assert_true(n < i->naddresses);
	return base_address_to_text(text, (const struct sockaddr *)&i->addresses[n]);
}

/* Looks a name up that is not found, for this reason. */
static void look_up_in_vain(const char *text, int error, const char *why)
{
	struct found f = look_up(text);

	assert_int_equal(f.error, error);
	assert_string_equal(f.why, why);
	assert_int_equal(f.set.n, 0);
}

/* ---- what is found ---- */

static void a_type_is_found_with_one_question(void **state)
{
	struct found f;

	(void)state;
	WORLD(web);
	f = look_up("_http._tcp");
	assert_int_equal(f.error, 0);
	assert_int_equal(f.set.n, 2);
	assert_false(f.set.is_stale);
	assert_string_equal(f.set.all[0]->label, "web-1");
	assert_int_equal(f.set.all[0]->ttl_s, 30);
	assert_int_equal(f.set.all[0]->naddresses, 1);
	assert_string_equal(address_of(f.set.all[0], 0), "127.0.0.1@80");
	assert_string_equal(find_instance_find(f.set.all[0], "path")->value, "/1");
	assert_string_equal(f.set.all[1]->label, "web-2");
	assert_int_equal(f.set.all[1]->ttl_s, 120);
	assert_string_equal(address_of(f.set.all[1], 1), "127.0.0.3@8080");
	find_set_fini(&f.set);
	assert_string_equal(fake.log, "PTR _http._tcp.lab.\n");

	/* From the cache, at the same time; and with what is left of the TTL. */
	fake.now_ms += 10000;
	f = look_up("_http._tcp");
	assert_int_equal(f.set.n, 2);
	assert_int_equal(f.set.all[0]->ttl_s, 20);
	assert_true(f.at_ms == fake.now_ms);
	find_set_fini(&f.set);
	assert_int_equal(fake.nasked, 1);
	world_end();
}

static void what_is_missing_is_asked_for(void **state)
{
	struct found f;

	(void)state;
	WORLD(web);
	fake.has_no_additional = true;
	f = look_up("_http._tcp");
	assert_int_equal(f.set.n, 2);
	assert_int_equal(f.set.all[1]->naddresses, 2);
	assert_string_equal(find_instance_find(f.set.all[1], "path")->value, "/2");
	find_set_fini(&f.set);
	assert_int_equal(fake.nasked, 1 + 4 + 4);
	world_end();

	WORLD(web);
	fake.without = "TXT";
	f = look_up("_http._tcp");
	find_set_fini(&f.set);
	assert_string_equal(fake.log, "PTR _http._tcp.lab.\nTXT web-1._http._tcp.lab.\n"
				      "TXT web-2._http._tcp.lab.\n");
	world_end();
}

/* A resolver has in its answer what it happens to know. */
static void without_authority_what_is_not_sent_may_be_there(void **state)
{
	static const struct fake_record records[] = {
		{"i._a._tcp.lab", "SRV", 120, "0 1 1 n1.lab"},
		{"n1.lab", "A", 120, "127.0.0.1"},
		{"n1.lab", "AAAA", 120, "::1"},
	};
	struct found f;

	(void)state;
	WORLD(records);
	fake.without = "AAAA";
	fake.has_no_aa = true;
	f = look_up("i._a._tcp");
	assert_int_equal(f.set.n, 1);
	assert_int_equal(f.set.all[0]->naddresses, 2);
	find_set_fini(&f.set);
	world_end();
}

static void an_instance_is_found_by_name(void **state)
{
	struct found f;

	(void)state;
	WORLD(web);
	f = look_up("web-1._http._tcp");
	assert_int_equal(f.error, 0);
	assert_int_equal(f.set.n, 1);
	assert_int_equal(f.set.all[0]->npairs, 1);
	find_set_fini(&f.set);
	assert_string_equal(fake.log, "SRV web-1._http._tcp.lab.\nTXT web-1._http._tcp.lab.\n");
	look_up_in_vain("web-3._http._tcp", -ENOENT,
			"web-3._http._tcp.lab. does not exist: it has no SRV record");
	world_end();
}

static void a_type_without_pointers_may_have_srv_records(void **state)
{
	static const struct fake_record records[] = {
		{"_db._tcp.lab", "SRV", 120, "0 1 1 n1.lab"},
		{"_db._tcp.lab", "SRV", 120, "0 1 2 n1.lab"},
		{"_no._tcp.lab", "SRV", 120, "0 0 0 ."},
		{"n1.lab", "AAAA", 30, "::1"},
	};
	struct found f;

	(void)state;
	WORLD(records);
	f = look_up("_db._tcp");
	assert_int_equal(f.set.n, 2);
	assert_string_equal(f.set.all[0]->name_text, "_db._tcp.lab.");
	assert_int_equal(f.set.all[0]->port + f.set.all[1]->port, 3);
	assert_int_equal(f.set.all[0]->naddresses, 1);
	find_set_fini(&f.set);
	assert_string_equal(fake.log, "PTR _db._tcp.lab.\nSRV _db._tcp.lab.\n");

	look_up_in_vain("_no._tcp", -ENOENT,
			"_no._tcp.lab. is not available: its SRV record names no host");
	fake.log[0] = '\0';
	look_up_in_vain("_none._tcp", -ENOENT, "_none._tcp.lab. has no instances");
	assert_string_equal(fake.log, "PTR _none._tcp.lab.\n");
	world_end();
}

static void names_and_hosts_are_found(void **state)
{
	static const struct fake_record records[] = {
		{"db.lab", "SRV", 120, "0 1 5432 n1.lab"},
		{"n1.lab", "A", 30, "127.0.0.1"},
		{"n1.lab", "AAAA", 30, "::1"},
	};
	struct found f;

	(void)state;
	WORLD(records);
	f = look_up("db");
	assert_int_equal(f.set.n, 1);
	assert_int_equal(f.set.all[0]->port, 5432);
	assert_int_equal(f.set.all[0]->naddresses, 2);
	find_set_fini(&f.set);
	f = look_up("n1:99");
	assert_int_equal(f.set.n, 1);
	assert_string_equal(f.set.all[0]->target_text, "n1.lab.");
	assert_int_equal(f.set.all[0]->naddresses, 2);
	assert_int_equal(f.set.all[0]->port, 99);
	find_set_fini(&f.set);
	f = look_up("[::1]:99");
	assert_int_equal(f.set.n, 1);
	assert_string_equal(address_of(f.set.all[0], 0), "::1@99");
	find_set_fini(&f.set);
	look_up_in_vain("n1", -ENOENT, "n1.lab. has no SRV records; a host is written HOST:PORT");
	look_up_in_vain("n2:1", -ENOENT, "n2.lab. has no addresses");
	world_end();
}

static void aliases_are_followed(void **state)
{
	static const struct fake_record records[] = {
		{"_a._tcp.lab", "CNAME", 120, "_b._tcp.lab"},
		{"_b._tcp.lab", "PTR", 120, "i._b._tcp.lab"},
		{"i._b._tcp.lab", "SRV", 120, "0 1 1 n1.lab"},
		{"n1.lab", "CNAME", 20, "n2.lab"},
		{"n2.lab", "CNAME", 30, "n3.lab"},
		{"n3.lab", "A", 30, "127.0.0.1"},
		{"x.lab", "CNAME", 30, "y.lab"},
		{"y.lab", "CNAME", 30, "x.lab"},
	};
	struct found f;

	(void)state;
	WORLD(records);
	f = look_up("_a._tcp");
	assert_int_equal(f.set.n, 1);
	assert_string_equal(f.set.all[0]->name_text, "i._b._tcp.lab.");
	assert_string_equal(f.set.all[0]->target_text, "n1.lab.");
	assert_string_equal(address_of(f.set.all[0], 0), "127.0.0.1@1");
	find_set_fini(&f.set);
	look_up_in_vain("x:1", -EBADMSG, "fake: its CNAME records are a loop, or more than 8");
	world_end();
}

static void an_instance_may_have_several_srv_records(void **state)
{
	static const struct fake_record records[] = {
		{"i._a._tcp.lab", "SRV", 120, "1 1 1 n1.lab"},
		{"i._a._tcp.lab", "SRV", 120, "2 1 2 n1.lab"},
		{"i._a._tcp.lab", "TXT", 120, "k=v"},
		{"n1.lab", "A", 30, "127.0.0.1"},
	};
	struct found f;

	(void)state;
	WORLD(records);
	f = look_up("i._a._tcp");
	assert_int_equal(f.set.n, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(f.set.all[i]->port, i + 1);
		assert_int_equal(f.set.all[i]->npairs, 1);
	}
	find_set_fini(&f.set);
	world_end();
}

static void instances_that_do_not_work_are_left_out_of_a_type(void **state)
{
	static const struct fake_record records[] = {
		{"_a._tcp.lab", "PTR", 120, "i1._a._tcp.lab"},
		{"_a._tcp.lab", "PTR", 120, "i2._a._tcp.lab"},
		{"_a._tcp.lab", "PTR", 120, "i3._a._tcp.lab"},
		{"_a._tcp.lab", "PTR", 120, "i4._a._tcp.lab"},
		{"i1._a._tcp.lab", "SRV", 120, "0 1 1 n1.lab"},
		{"i1._a._tcp.lab", "TXT", 120, "state=draining"},
		{"i2._a._tcp.lab", "SRV", 120, "9 1 2 n1.lab"},
		{"i2._a._tcp.lab", "TXT", 120, ""},
		{"i3._a._tcp.lab", "SRV", 120, "0 1 3 n1.lab"},
		{"i3._a._tcp.lab", "TXT", 120, "state=failed"},
		{"i4._a._tcp.lab", "SRV", 120, "0 1 4 n1.lab"},
		{"i4._a._tcp.lab", "TXT", 120, "state=starting"},
		{"n1.lab", "A", 30, "127.0.0.1"},
		{"_b._tcp.lab", "PTR", 120, "i3._a._tcp.lab"},
	};
	struct found f;

	(void)state;
	WORLD(records);
	f = look_up("_a._tcp");
	assert_int_equal(f.set.n, 2);
	assert_int_equal(f.set.all[0]->port, 2);
	assert_int_equal(f.set.all[1]->port, 1);
	find_set_fini(&f.set);
	f = look_up("i3._a._tcp");
	assert_int_equal(f.set.n, 1);
	assert_int_equal(f.set.all[0]->state, DNSSD_FAILED);
	find_set_fini(&f.set);
	look_up_in_vain("_b._tcp", -ENOENT,
			"_b._tcp.lab. has only instances that are starting or have failed");
	world_end();
}

static void types_are_listed(void **state)
{
	static const struct fake_record records[] = {
		{"_services._dns-sd._udp.lab", "PTR", 120, "_http._tcp.lab"},
		{"_services._dns-sd._udp.lab", "PTR", 120, "_ipp._tcp.lab"},
	};
	struct found f = {.error = 1};

	(void)state;
	WORLD(records);
	assert_int_equal(
		find_lookup_new_types(&f.lookup, find, domain, fake.now_ms + 100, on_done, &f), 0);
	assert_true(fake_run(&f.is_done, fake.now_ms + 100));
	find_lookup_free(f.lookup);
	assert_int_equal(f.set.n, 2);
	assert_string_equal(f.set.all[0]->name_text, "_http._tcp.lab.");
	assert_string_equal(f.set.all[0]->type, "_http._tcp");
	assert_string_equal(f.set.all[1]->type, "_ipp._tcp");
	assert_int_equal(fake.nasked, 1);
	find_set_fini(&f.set);
	world_end();
}

/* ---- registries that do not have it, or do not answer ---- */

static void hosts_elsewhere_are_asked_for_at_the_resolvers(void **state)
{
	static const struct fake_record records[] = {
		{"i._a._tcp.lab", "SRV", 120, "0 1 1 www.example.org"},
	};
	struct found f;

	(void)state;
	WORLD(records);
	fake.refused = "www.example.org.";
	fake.resolver = "192.0.2.7";
	f = look_up("i._a._tcp");
	assert_int_equal(f.set.n, 1);
	assert_string_equal(address_of(f.set.all[0], 0), "192.0.2.7@1");
	find_set_fini(&f.set);
	assert_int_equal(fake.nresolved, 2);
	world_end();

	WORLD(records);
	fake.refused = "www.example.org.";
	f = look_up("i._a._tcp");
	assert_int_equal(f.error, 0);
	assert_int_equal(f.set.n, 1);
	assert_int_equal(f.set.all[0]->naddresses, 0);
	find_set_fini(&f.set);
	world_end();
}

static void hosts_in_delegated_zones_are_asked_for_at_the_resolvers(void **state)
{
	static const struct fake_record records[] = {
		{"i._a._tcp.lab", "SRV", 120, "0 1 1 www.example.org"},
	};
	struct found f;

	(void)state;
	WORLD(records);
	fake.referred = "www.example.org.";
	fake.resolver = "192.0.2.7";
	f = look_up("i._a._tcp");
	assert_int_equal(f.set.n, 1);
	assert_string_equal(address_of(f.set.all[0], 0), "192.0.2.7@1");
	find_set_fini(&f.set);
	world_end();
}

static void resolvers_do_not_know_what_registries_have(void **state)
{
	struct found f;

	(void)state;
	WORLD(web);
	f = look_up("n1:80");
	find_set_fini(&f.set);
	fake.now_ms += 200000;
	fake.manner = FAKE_FAILS;
	fake.is_unknown = true;
	f = look_up("n1:80");
	assert_int_equal(f.error, 0);
	assert_true(f.set.is_stale);
	assert_string_equal(address_of(f.set.all[0], 0), "127.0.0.1@80");
	find_set_fini(&f.set);
	look_up_in_vain("n2:80", -EHOSTUNREACH, "the fake fails");
	world_end();

	/* A registry that refuses it shows that the name is elsewhere. */
	WORLD(web);
	fake.refused = "www.example.org.";
	fake.is_unknown = true;
	look_up_in_vain("www.example.org.:80", -ENOENT, "www.example.org. has no addresses");
	world_end();
}

static void registries_that_do_not_answer_are_an_error(void **state)
{
	static const struct {
		enum fake_manner manner;
		int error;
		const char *why;
	} cases[] = {
		{FAKE_REFUSES, -EHOSTUNREACH, "the fake refuses"},
		{FAKE_IS_ABSENT, -EADDRNOTAVAIL, "no registry is known"},
	};
	struct found f;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		WORLD(web);
		fake.manner = cases[i].manner;
		look_up_in_vain("_http._tcp", cases[i].error, cases[i].why);
		world_end();
	}
	WORLD(web);
	fake.manner = FAKE_IS_SILENT;
	f = look_up("_http._tcp");
	assert_int_equal(f.error, -ETIMEDOUT);
	assert_string_equal(f.why, "no answer from the fake");
	assert_in_range(f.at_ms, 1000000 + TIMEOUT_MS - 1, 1000000 + TIMEOUT_MS);
	world_end();
}

static void what_is_there_at_the_deadline_is_found(void **state)
{
	struct found f;

	(void)state;
	WORLD(web);
	fake.without = "AAAA";
	fake.has_no_additional = true;
	assert_int_equal(begin(&f, "web-1._http._tcp"), 0);
	fake.delay_ms = TIMEOUT_MS - 1;
	assert_false(fake_run(&f.is_done, fake.now_ms + TIMEOUT_MS - 1));
	fake.manner = FAKE_IS_SILENT;
	assert_true(fake_run(&f.is_done, fake.now_ms + 1));
	find_lookup_free(f.lookup);
	assert_int_equal(f.error, 0);
	assert_int_equal(f.set.n, 1);
	assert_int_equal(f.set.all[0]->naddresses, 0);
	find_set_fini(&f.set);
	world_end();
}

/* ---- the cache ---- */

static void negative_answers_are_cached_if_they_have_an_soa(void **state)
{
	(void)state;
	WORLD(web);
	for (int i = 0; i < 3; i++)
		look_up_in_vain("_x._tcp", -ENOENT, "_x._tcp.lab. has no instances");
	assert_int_equal(fake.nasked, 1);
	fake.now_ms += 60000; /* the minimum of the SOA */
	look_up_in_vain("_x._tcp", -ENOENT, "_x._tcp.lab. has no instances");
	assert_int_equal(fake.nasked, 2);
	world_end();

	WORLD(web);
	fake.has_no_soa = true;
	look_up_in_vain("_x._tcp", -ENOENT, "_x._tcp.lab. has no instances");
	look_up_in_vain("_x._tcp", -ENOENT, "_x._tcp.lab. has no instances");
	assert_int_equal(fake.nasked, 2);
	world_end();
}

static void a_ttl_of_zero_is_for_one_look_up(void **state)
{
	static const struct fake_record records[] = {
		{"_a._tcp.lab", "PTR", 0, "i._a._tcp.lab"},
		{"i._a._tcp.lab", "SRV", 0, "0 1 1 n1.lab"},
		{"i._a._tcp.lab", "TXT", 0, "a=b"},
		{"n1.lab", "A", 0, "127.0.0.1"},
	};

	(void)state;
	WORLD(records);
	for (unsigned i = 1; i <= 2; i++) {
		struct found f = look_up("_a._tcp");

		assert_int_equal(f.set.n, 1);
		assert_int_equal(f.set.all[0]->ttl_s, 0);
		assert_int_equal(f.set.all[0]->naddresses, 1);
		assert_false(f.set.is_stale);
		assert_int_equal(fake.nasked, i);
		find_set_fini(&f.set);
	}
	world_end();
}

static void look_ups_at_the_same_time_ask_once(void **state)
{
	struct found all[3];

	(void)state;
	WORLD(web);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(begin(&all[i], "_http._tcp"), 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(fake_run(&all[i].is_done, fake.now_ms + 100));
		assert_int_equal(all[i].set.n, 2);
		find_lookup_free(all[i].lookup);
		find_set_fini(&all[i].set);
	}
	assert_int_equal(fake.nasked, 1);
	world_end();
}

/* A question has the time of the look-up that began it; the one that has more asks again. */
static void a_look_up_with_more_time_uses_it(void **state)
{
	static const struct find_name name = {.kind = FIND_TYPE, .name = "\5_http\4_tcp\3lab"};
	struct found a = {0}, b = {0};

	(void)state;
	WORLD(web);
	fake.manner = FAKE_IS_SILENT;
	assert_int_equal(find_lookup_new(&a.lookup, find, &name, fake.now_ms + 100, on_done, &a),
			 0);
	assert_int_equal(find_lookup_new(&b.lookup, find, &name, fake.now_ms + 900, on_done, &b),
			 0);
	assert_false(fake_run(&a.is_done, fake.now_ms + 50));
	fake.manner = FAKE_ANSWERS;
	assert_true(fake_run(&a.is_done, fake.now_ms + 100));
	assert_int_equal(a.error, -ETIMEDOUT);
	assert_true(fake_run(&b.is_done, fake.now_ms + 900));
	assert_int_equal(b.error, 0);
	find_set_fini(&b.set);
	find_lookup_free(a.lookup);
	find_lookup_free(b.lookup);
	world_end();
}

static void stale_data_is_served_while_no_registry_answers(void **state)
{
	const bool never = false;
	uint64_t begin_ms;
	struct found f;

	(void)state;
	WORLD(web);
	f = look_up("_http._tcp");
	find_set_fini(&f.set);
	fake.now_ms += 200000;
	fake.manner = FAKE_IS_SILENT;
	begin_ms = fake.now_ms;
	f = look_up("_http._tcp");
	assert_int_equal(f.error, 0);
	assert_true(f.set.is_stale);
	assert_int_equal(f.set.n, 2);
	assert_true(f.set.all[0]->is_stale);
	assert_int_equal(f.set.all[0]->naddresses, 1);
	assert_true(f.at_ms - begin_ms <= 500);
	find_set_fini(&f.set);

	/* The next one does not wait again. */
	begin_ms = fake.now_ms;
	f = look_up("_http._tcp");
	assert_true(f.set.is_stale);
	assert_true(f.at_ms == begin_ms);
	find_set_fini(&f.set);

	/* A registry that answers again is asked soon. */
	assert_false(fake_run(&never, fake.now_ms + 6000));
	fake.manner = FAKE_ANSWERS;
	assert_false(fake_run(&never, fake.now_ms + 6000));
	f = look_up("_http._tcp");
	assert_int_equal(f.error, 0);
	assert_false(f.set.is_stale);
	find_set_fini(&f.set);

	/* Not for ever. */
	fake.now_ms += STALE_MS + 200000;
	fake.manner = FAKE_REFUSES;
	look_up_in_vain("_http._tcp", -EHOSTUNREACH, "the fake refuses");
	world_end();
}

/* A registry that refuses to answer for a host elsewhere is not silent. */
static void a_refusal_makes_nothing_stale(void **state)
{
	static const struct fake_record records[] = {
		{"_http._tcp.lab", "PTR", 120, "web-1._http._tcp.lab"},
		{"web-1._http._tcp.lab", "SRV", 120, "10 1 80 n1.lab"},
		{"web-1._http._tcp.lab", "TXT", 120, "path=/1"},
		{"n1.lab", "A", 120, "127.0.0.1"},
		{"i._a._tcp.lab", "SRV", 120, "0 1 1 www.example.org"},
	};
	struct found f;

	(void)state;
	WORLD(records);
	f = look_up("_http._tcp");
	find_set_fini(&f.set);
	fake.now_ms += 200000;
	fake.refused = "www.example.org.";
	f = look_up("i._a._tcp");
	find_set_fini(&f.set);
	f = look_up("_http._tcp");
	assert_int_equal(f.set.n, 1);
	assert_false(f.set.is_stale);
	find_set_fini(&f.set);
	world_end();
}

static void what_has_proved_to_be_wrong_is_asked_for_anew(void **state)
{
	static const struct fake_record moved[] = {
		{"_http._tcp.lab", "PTR", 120, "web-1._http._tcp.lab"},
		{"web-1._http._tcp.lab", "SRV", 120, "10 1 81 n1.lab"},
		{"web-1._http._tcp.lab", "TXT", 120, "path=/1"},
		{"n1.lab", "A", 120, "127.0.0.9"},
	};
	struct found f;

	(void)state;
	WORLD(web);
	f = look_up("_http._tcp");
	find_set_fini(&f.set);
	fake.records = moved;
	fake.nrecords = sizeof(moved) / sizeof(*moved);
	f = look_up("_http._tcp");
	assert_int_equal(f.set.n, 2); /* from the cache */
	find_set_fini(&f.set);

	for (unsigned k = 0; k < 3; k++) {
		assert_int_equal(begin(&f, "_http._tcp"), 0);
		if (k == 0)
			find_lookup_want_anew(f.lookup);
		assert_true(fake_run(&f.is_done, fake.now_ms + TIMEOUT_MS));
		assert_int_equal(f.set.n, 1);
		assert_false(f.set.is_stale);
		assert_string_equal(address_of(f.set.all[0], 0), "127.0.0.9@81");
		find_set_fini(&f.set);
		find_lookup_free(f.lookup);
	}

	/* It is better than nothing if no registry answers. */
	fake.manner = FAKE_IS_SILENT;
	assert_int_equal(begin(&f, "_http._tcp"), 0);
	find_lookup_want_anew(f.lookup);
	assert_true(fake_run(&f.is_done, fake.now_ms + TIMEOUT_MS));
	assert_int_equal(f.set.n, 1);
	assert_true(f.set.is_stale);
	find_set_fini(&f.set);
	find_lookup_free(f.lookup);
	world_end();
}

/* Also where the cache has what was asked for, which is trusted more than what is additional. */
static void what_comes_anew_replaces_what_was_asked_for(void **state)
{
	static const struct fake_record moved[] = {
		{"_http._tcp.lab", "PTR", 120, "web-1._http._tcp.lab"},
		{"web-1._http._tcp.lab", "SRV", 120, "10 1 81 n1.lab"},
		{"web-1._http._tcp.lab", "TXT", 120, "path=/1"},
		{"n1.lab", "A", 120, "127.0.0.9"},
	};
	struct found f;

	(void)state;
	WORLD(web);
	f = look_up("web-1._http._tcp");
	assert_int_equal(f.set.all[0]->port, 80);
	find_set_fini(&f.set);
	fake.records = moved;
	fake.nrecords = sizeof(moved) / sizeof(*moved);
	for (unsigned k = 0; k < 2; k++) {
		assert_int_equal(begin(&f, "_http._tcp"), 0);
		if (k == 0)
			find_lookup_want_anew(f.lookup);
		assert_true(fake_run(&f.is_done, fake.now_ms + TIMEOUT_MS));
		assert_int_equal(f.set.n, 1);
		assert_int_equal(f.set.all[0]->port, 81);
		find_set_fini(&f.set);
		find_lookup_free(f.lookup);
	}
	world_end();
}

/* What registries answer counts, even if it is that there is nothing. */
static void a_registry_that_answers_ends_what_is_stale(void **state)
{
	struct found f;

	(void)state;
	WORLD(web);
	f = look_up("_http._tcp");
	find_set_fini(&f.set);
	fake.now_ms += 200000;
	fake.nrecords = 0;
	look_up_in_vain("_http._tcp", -ENOENT, "_http._tcp.lab. has no instances");
	world_end();
}

static void that_there_is_nothing_is_not_served_stale(void **state)
{
	(void)state;
	WORLD(web);
	look_up_in_vain("_x._tcp", -ENOENT, "_x._tcp.lab. has no instances");
	fake.now_ms += 200000;
	fake.manner = FAKE_REFUSES;
	look_up_in_vain("_x._tcp", -EHOSTUNREACH, "the fake refuses");
	world_end();
}

/* ---- liars ---- */

static void records_of_other_names_are_sent(struct fake_message *m, const uint8_t *name,
					    uint16_t type)
{
	(void)name;
	if (type == 12)
		fake_add(m, 0, &(struct fake_record){"_a._tcp.lab", "PTR", 99, "i._a._tcp.lab"});
	fake_add(m, 0, &(struct fake_record){"_b._tcp.lab", "PTR", 99, "i._b._tcp.lab"});
	fake_add(m, 2, &(struct fake_record){"n9.lab", "A", 99, "192.0.2.66"});
	fake_add(m, 2, &(struct fake_record){"i._b._tcp.lab", "SRV", 99, "0 0 1 n9.lab"});
	if (type != 12)
		return;
	fake_add(m, 2, &(struct fake_record){"i._a._tcp.lab", "SRV", 99, "0 0 1 n1.lab"});
	fake_add(m, 2, &(struct fake_record){"i._a._tcp.lab", "TXT", 99, "a=b"});
	fake_add(m, 2, &(struct fake_record){"n1.lab", "A", 99, "127.0.0.1"});
}

static void records_of_other_names_are_ignored(void **state)
{
	struct found f;

	(void)state;
	WORLD(web);
	fake.lie = records_of_other_names_are_sent;
	f = look_up("_a._tcp");
	assert_int_equal(f.set.n, 1);
	assert_string_equal(address_of(f.set.all[0], 0), "127.0.0.1@1");
	find_set_fini(&f.set);
	fake.lie = NULL;
	look_up_in_vain("n9:1", -ENOENT, "n9.lab. has no addresses");
	look_up_in_vain("_b._tcp", -ENOENT, "_b._tcp.lab. has no instances");
	look_up_in_vain("i._b._tcp", -ENOENT,
			"i._b._tcp.lab. does not exist: it has no SRV record");
	world_end();
}

/* As many names as a message has room for, none of which has records. */
static void many_pointers_are_sent(struct fake_message *m, const uint8_t *name, uint16_t type)
{
	char target[64];

	(void)name;
	for (unsigned i = 0; type == 12 && i < 10000; i++) {
		snprintf(target, sizeof(target), "i%u._a._tcp.lab", i);
		fake_add(m, 0, &(struct fake_record){"_a._tcp.lab", "PTR", 99, target});
	}
}

static void many_pointers_are_a_bounded_number_of_questions(void **state)
{
	(void)state;
	WORLD(web);
	fake.lie = many_pointers_are_sent;
	look_up_in_vain("_a._tcp", -ENOENT,
			"_a._tcp.lab. lists instances, none of which has an SRV record");
	assert_in_range(fake.nasked, 1, 1 + 2 * 1024);
	assert_in_range(fake.most_inflight, 1, 16);
	world_end();
}

/* Adds a TXT record of many short strings. */
static void large_txt_add(struct fake_message *m, unsigned section, const char *owner)
{
	enum { STRINGS = 15000, STRING = 4 };
	uint8_t *length;

	fake_add(m, section, &(struct fake_record){owner, "TXT", 99, ""});
	assert_true(m->nbytes + STRINGS * STRING <= sizeof(m->bytes));
	length = m->bytes + m->nbytes - 3;
	length[0] = (STRINGS * STRING + 1) >> 8;
	length[1] = (STRINGS * STRING + 1) & 0xff;
	for (unsigned i = 0; i < STRINGS; i++) {
		m->bytes[m->nbytes++] = STRING - 1;
		for (unsigned k = 0; k < STRING - 1; k++)
			m->bytes[m->nbytes++] = (uint8_t)('A' + (i >> k * 5) % 32);
	}
}

/* One instance with as many SRV records as fit, and a TXT record of which each has a copy. */
static void many_srvs_and_a_large_txt_are_sent(struct fake_message *m, const uint8_t *name,
					       uint16_t type)
{
	char srv[64];

	(void)name;
	for (unsigned i = 0; type == 33 && i < 1000; i++) {
		snprintf(srv, sizeof(srv), "0 0 %u n1.lab", i + 1);
		fake_add(m, 0, &(struct fake_record){"i._a._tcp.lab", "SRV", 99, srv});
	}
	if (type == 16)
		large_txt_add(m, 0, "i._a._tcp.lab");
}

static void copies_of_a_large_txt_are_bounded(void **state)
{
	struct found f;

	(void)state;
	WORLD(web);
	fake.lie = many_srvs_and_a_large_txt_are_sent;
	f = look_up("i._a._tcp");
	assert_int_equal(f.error, 0);
	assert_int_equal(f.set.all[0]->ntxt, 60001);
	assert_in_range(f.set.n, 64, 70);
	find_set_fini(&f.set);
	world_end();
}

/* A thousand instances, each with a TXT record as large as a message has room for. */
static void many_large_txts_are_sent(struct fake_message *m, const uint8_t *name, uint16_t type)
{
	char text[DNS_NAME_TEXT_MAX];

	if (type == 12)
		many_pointers_are_sent(m, name, type);
	dns_name_to_text(text, name);
	if (type == 33)
		fake_add(m, 0, &(struct fake_record){text, "SRV", 99, "0 0 1 n1.lab"});
	if (type == 16)
		large_txt_add(m, 0, text);
}

static void what_is_gathered_is_bounded_in_size(void **state)
{
	struct found f;

	(void)state;
	WORLD(web);
	fake.lie = many_large_txts_are_sent;
	f = look_up("_a._tcp");
	assert_int_equal(f.error, 0);
	assert_in_range(f.set.n, 512, 1024);
	find_set_fini(&f.set);
	world_end();
}

static void many_addresses_are_sent(struct fake_message *m, const uint8_t *name, uint16_t type)
{
	char text[64];

	(void)name;
	for (unsigned i = 0; i < 1500; i++) {
		snprintf(text, sizeof(text), type == 1 ? "127.0.%u.%u" : "::%x%02x", i / 256 + 1,
			 i % 256);
		fake_add(m, 0, &(struct fake_record){"n1.lab", type == 1 ? "A" : "AAAA", 99, text});
	}
}

static void a_host_has_a_bounded_number_of_addresses(void **state)
{
	unsigned nfamily[2] = {0};
	struct found f;

	(void)state;
	WORLD(web);
	fake.lie = many_addresses_are_sent;
	f = look_up("n1:1");
	assert_int_equal(f.set.n, 1);
	assert_int_equal(f.set.all[0]->naddresses, 64);
	for (size_t i = 0; i < 64; i++)
		nfamily[f.set.all[0]->addresses[i].ss_family == AF_INET6]++;
	assert_int_equal(nfamily[0], 32);
	find_set_fini(&f.set);
	world_end();
}

/* Each name is an alias of the next one. */
static void an_endless_chain_is_sent(struct fake_message *m, const uint8_t *name, uint16_t type)
{
	char owner[DNS_NAME_TEXT_MAX], target[64];
	unsigned n;

	(void)type;
	dns_name_to_text(owner, name);
	assert_int_equal(sscanf(owner, "n%u.lab.", &n), 1);
	snprintf(target, sizeof(target), "n%u.lab", n + 1);
	fake_add(m, 0, &(struct fake_record){owner, "CNAME", 99, target});
}

static void an_endless_chain_of_aliases_ends(void **state)
{
	(void)state;
	WORLD(web);
	fake.lie = an_endless_chain_is_sent;
	look_up_in_vain("n1:1", -EBADMSG, "the answers have CNAME records that lead nowhere");
	assert_in_range(fake.nasked, 2, 64);
	world_end();
}

static void garbage_is_sent(struct fake_message *m, const uint8_t *name, uint16_t type)
{
	(void)name;
	(void)type;
	memset(m->bytes + m->nbytes, 0xff, sizeof(m->bytes) - m->nbytes);
	m->nbytes = sizeof(m->bytes);
	m->nanswer = 1000;
}

static void a_malformed_answer_is_an_error(void **state)
{
	(void)state;
	WORLD(web);
	fake.lie = garbage_is_sent;
	look_up_in_vain("_a._tcp", -EBADMSG, "fake: the answer is malformed");
	world_end();
}

/* ---- ends ---- */

static void a_look_up_may_be_freed_at_any_time(void **state)
{
	(void)state;
	for (unsigned steps = 0; steps < 12; steps++) {
		struct found f;

		WORLD(web);
		fake.has_no_additional = true;
		assert_int_equal(begin(&f, "_http._tcp"), 0);
		fake_run(&f.is_done, fake.now_ms + steps);
		find_lookup_free(f.lookup);
		find_set_fini(&f.set);
		world_end();
	}
	find_lookup_free(NULL);
	find_free(NULL);
}

static void a_look_up_may_be_freed_from_its_own_call(void **state)
{
	struct found f;

	(void)state;
	WORLD(web);
	assert_int_equal(begin(&f, "_http._tcp"), 0);
	f.is_freed_at_once = true;
	assert_true(fake_run(&f.is_done, fake.now_ms + 100));
	find_set_fini(&f.set);
	world_end();
}

static void short_memory_is_an_error_or_no_matter(void **state)
{
	unsigned nfailed = 0, nfound = 0;

	(void)state;
	for (int n = 0;; n++) {
		struct found f = {.error = -ENOMEM, .is_done = true};
		bool has_failed;

		WORLD(web);
		fake.has_no_additional = n % 2 == 1;
		memory_fail_after(n / 2);
		if (begin(&f, "_http._tcp") == 0)
			assert_true(fake_run(&f.is_done, fake.now_ms + TIMEOUT_MS));
		else
			f.error = -ENOMEM;
		memory_fail_after(MEMORY_ENOUGH);
		has_failed = memory_has_failed();
		if (f.lookup != NULL)
			find_lookup_free(f.lookup);
		nfailed += f.error == -ENOMEM;
		nfound += f.error == 0;
		assert_true(f.error == 0 || f.error == -ENOMEM);
		find_set_fini(&f.set);
		world_end();
		if (!has_failed && n % 2 == 1)
			break;
	}
	assert_true(nfailed > 0 && nfound > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_type_is_found_with_one_question),
		cmocka_unit_test(what_is_missing_is_asked_for),
		cmocka_unit_test(without_authority_what_is_not_sent_may_be_there),
		cmocka_unit_test(an_instance_is_found_by_name),
		cmocka_unit_test(a_type_without_pointers_may_have_srv_records),
		cmocka_unit_test(names_and_hosts_are_found),
		cmocka_unit_test(aliases_are_followed),
		cmocka_unit_test(an_instance_may_have_several_srv_records),
		cmocka_unit_test(instances_that_do_not_work_are_left_out_of_a_type),
		cmocka_unit_test(types_are_listed),
		cmocka_unit_test(hosts_elsewhere_are_asked_for_at_the_resolvers),
		cmocka_unit_test(resolvers_do_not_know_what_registries_have),
		cmocka_unit_test(hosts_in_delegated_zones_are_asked_for_at_the_resolvers),
		cmocka_unit_test(registries_that_do_not_answer_are_an_error),
		cmocka_unit_test(what_is_there_at_the_deadline_is_found),
		cmocka_unit_test(negative_answers_are_cached_if_they_have_an_soa),
		cmocka_unit_test(a_ttl_of_zero_is_for_one_look_up),
		cmocka_unit_test(look_ups_at_the_same_time_ask_once),
		cmocka_unit_test(a_look_up_with_more_time_uses_it),
		cmocka_unit_test(stale_data_is_served_while_no_registry_answers),
		cmocka_unit_test(a_refusal_makes_nothing_stale),
		cmocka_unit_test(what_has_proved_to_be_wrong_is_asked_for_anew),
		cmocka_unit_test(what_comes_anew_replaces_what_was_asked_for),
		cmocka_unit_test(a_registry_that_answers_ends_what_is_stale),
		cmocka_unit_test(that_there_is_nothing_is_not_served_stale),
		cmocka_unit_test(records_of_other_names_are_ignored),
		cmocka_unit_test(many_pointers_are_a_bounded_number_of_questions),
		cmocka_unit_test(copies_of_a_large_txt_are_bounded),
		cmocka_unit_test(what_is_gathered_is_bounded_in_size),
		cmocka_unit_test(a_host_has_a_bounded_number_of_addresses),
		cmocka_unit_test(an_endless_chain_of_aliases_ends),
		cmocka_unit_test(a_malformed_answer_is_an_error),
		cmocka_unit_test(a_look_up_may_be_freed_at_any_time),
		cmocka_unit_test(a_look_up_may_be_freed_from_its_own_call),
		cmocka_unit_test(short_memory_is_an_error_or_no_matter),
	};

	if (base_secret_start() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
