/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "browse_kit.h"

#include <stdio.h>
#include <string.h>

#include "../memory.h"
#include "mdns/seen.h"

#define WEB "web._http._tcp"

static struct {
	unsigned ncalls;
	char last[DNS_NAME_TEXT_MAX];
	bool is_named, is_resolved;
	uint16_t port;
	size_t naddresses;
	bool ends_all; /* the listener ends what it hears of */
	struct mdns_seen *seen;
} heard;

static void on_service(void *arg, const struct mdns_seen_service *s)
{
	(void)arg;
	heard.ncalls++;
	dns_name_to_text(heard.last, s->name);
	heard.is_named = s->is_named;
	heard.is_resolved = s->is_resolved;
	heard.port = s->port;
	heard.naddresses = s->naddresses;
	if (heard.ends_all && s->is_resolved) {
		heard.ends_all = false;
		mdns_seen_unresolve(heard.seen, s->name);
		mdns_seen_remove_type(heard.seen, kit_lan_name("_http._tcp"));
	}
}

static struct mdns_seen *begin(void)
{
	memset(&heard, 0, sizeof(heard));
	heard.seen = mdns_seen_new(NULL, NULL, 1);
	if (heard.seen != NULL)
		mdns_seen_listen(heard.seen, on_service, &heard);
	return heard.seen;
}

static void end(struct mdns_seen *s)
{
	mdns_seen_free(s);
	kit_lan_clear();
}

static void names_are_followed_by_type_and_browsed_once(void **state)
{
	struct mdns_seen *s = begin();
	struct mdns_seen_service found;

	(void)state;
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(mdns_seen_add_type(s, kit_lan_name("_http._tcp")), 0);
	assert_int_equal(kit_lan_nbrowsers(), 1);
	kit_lan_ptr(true, "_http._tcp", WEB);
	kit_lan_ptr(true, "_http._tcp", "web._ipp._tcp");
	kit_lan_ptr(true, "_http._tcp", "web._http._tcp.lab.cloud.");
	kit_lan_ptr(true, "_http._tcp", "a.b._http._tcp");
	kit_lan_ptr(true, "_http._tcp", ".");
	kit_lan_run();
	assert_int_equal(heard.ncalls, 1);
	assert_string_equal(heard.last, WEB ".local.");
	assert_true(heard.is_named);
	assert_true(mdns_seen_find(s, kit_lan_name("WEB._http._tcp"), &found));
	assert_true(mdns_seen_is_named_by(s, kit_lan_name(WEB), kit_lan_name("_http._tcp")));
	mdns_seen_remove_type(s, kit_lan_name("_http._tcp"));
	kit_lan_ptr(false, "_http._tcp", WEB);
	kit_lan_run();
	assert_int_equal(heard.ncalls, 2);
	assert_false(heard.is_named);
	assert_false(mdns_seen_find(s, kit_lan_name(WEB), &found));
	mdns_seen_remove_type(s, kit_lan_name("_http._tcp"));
	assert_int_equal(kit_lan_nbrowsers(), 0);
	end(s);
}

static void names_of_subtypes_are_instances_of_the_type(void **state)
{
	struct mdns_seen *s = begin();
	struct mdns_seen_service found;

	(void)state;
	mdns_seen_add_type(s, kit_lan_name("_p._sub._http._tcp"));
	mdns_seen_add_type(s, kit_lan_name("_http._tcp"));
	kit_lan_ptr(true, "_p._sub._http._tcp", WEB);
	kit_lan_ptr(true, "_http._tcp", WEB);
	kit_lan_run();
	assert_int_equal(heard.ncalls, 2);
	assert_true(
		mdns_seen_is_named_by(s, kit_lan_name(WEB), kit_lan_name("_p._sub._http._tcp")));
	mdns_seen_remove_type(s, kit_lan_name("_http._tcp"));
	assert_true(mdns_seen_find(s, kit_lan_name(WEB), &found));
	assert_true(found.is_named);
	mdns_seen_remove_type(s, kit_lan_name("_p._sub._http._tcp"));
	assert_false(mdns_seen_find(s, kit_lan_name(WEB), &found));
	end(s);
}

static void an_instance_is_resolved_with_the_addresses_of_its_host(void **state)
{
	struct mdns_seen *s = begin();
	struct mdns_seen_service found;

	(void)state;
	kit_lan_service(true, "web", "_http._tcp", 80, "pc", "192.0.2.2");
	kit_lan_a(true, "pc", "192.0.2.1");
	kit_lan_aaaa(true, "pc", "2001:db8::1");
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(mdns_seen_resolve(s, kit_lan_name(WEB)), 0);
	assert_int_equal(mdns_seen_resolve(s, kit_lan_name("api._http._tcp")), 0);
	kit_lan_srv(true, "api._http._tcp", 81, "PC");
	kit_lan_txt(true, "api._http._tcp", "");
	kit_lan_run();
	assert_true(mdns_seen_find(s, kit_lan_name(WEB), &found));
	assert_true(found.is_resolved);
	assert_false(found.is_named);
	assert_int_equal(found.port, 80);
	assert_int_equal(found.naddresses, 3);
	assert_int_equal(found.addresses[0].bytes[3], 1);
	assert_int_equal(found.addresses[1].bytes[3], 2);
	assert_int_equal(found.addresses[2].type, DNS_TYPE_AAAA);
	/* Two browsers of each instance and of the host, which both share. */
	assert_int_equal(kit_lan_nbrowsers(), 6);
	heard.ncalls = 0;
	kit_lan_a(false, "pc", "192.0.2.1");
	kit_lan_run();
	assert_int_equal(heard.ncalls, 2);
	kit_lan_srv(false, WEB, 80, "pc");
	kit_lan_run();
	assert_true(mdns_seen_find(s, kit_lan_name(WEB), &found));
	assert_false(found.is_resolved);
	for (unsigned i = 0; i < 2; i++)
		mdns_seen_unresolve(s, kit_lan_name(WEB));
	mdns_seen_unresolve(s, kit_lan_name("api._http._tcp"));
	assert_int_equal(kit_lan_nbrowsers(), 0);
	end(s);
}

static void of_several_records_the_newest_counts_and_then_the_least(void **state)
{
	struct mdns_seen *s = begin();
	struct mdns_seen_service found;

	(void)state;
	mdns_seen_resolve(s, kit_lan_name(WEB));
	kit_lan_txt(true, WEB, "b");
	kit_lan_srv(true, WEB, 80, "web.lab.cloud.");
	kit_lan_run();
	kit_lan_srv(true, WEB, 82, "web.lab.cloud.");
	kit_lan_run();
	kit_lan_srv(true, WEB, 81, "web.lab.cloud.");
	kit_lan_run();
	assert_int_equal(heard.port, 81);
	kit_lan_srv(false, WEB, 81, "web.lab.cloud.");
	kit_lan_run();
	assert_int_equal(heard.port, 80);
	kit_lan_srv(false, WEB, 82, "web.lab.cloud.");
	heard.ncalls = 0;
	kit_lan_run();
	assert_int_equal(heard.ncalls, 0);
	assert_true(mdns_seen_find(s, kit_lan_name(WEB), &found));
	assert_int_equal(found.naddresses, 0);
	end(s);
}

static void a_listener_may_end_what_it_hears_of(void **state)
{
	struct mdns_seen *s = begin();
	struct mdns_seen_service found;

	(void)state;
	kit_lan_service(true, "web", "_http._tcp", 80, "pc", "192.0.2.2");
	mdns_seen_add_type(s, kit_lan_name("_http._tcp"));
	mdns_seen_resolve(s, kit_lan_name(WEB));
	kit_lan_run();
	heard.ends_all = true;
	kit_lan_a(true, "pc", "192.0.2.1");
	kit_lan_run();
	assert_false(heard.ends_all);
	assert_false(mdns_seen_find(s, kit_lan_name(WEB), &found));
	assert_int_equal(kit_lan_nbrowsers(), 0);
	end(s);
}

static void count_one(void *arg, const struct mdns_seen_service *s)
{
	(void)s;
	++*(size_t *)arg;
}

static void a_peer_with_too_many_names_is_bounded(void **state)
{
	struct mdns_seen *s = begin();
	enum { EXTRA = 100 };
	char name[64];
	size_t n = 0;

	(void)state;
	mdns_seen_add_type(s, kit_lan_name("_http._tcp"));
	kit_lan_run();
	for (unsigned i = 0; i < MDNS_SEEN_NAMED_PER_TYPE_MAX + EXTRA; i++) {
		snprintf(name, sizeof(name), "i%u._http._tcp", i);
		kit_lan_see(name);
	}
	assert_int_equal(heard.ncalls, MDNS_SEEN_NAMED_PER_TYPE_MAX);
	/* When there is room again, those that were ignored are seen. */
	for (unsigned i = 0; i < MDNS_SEEN_NAMED_PER_TYPE_MAX / 8 + 1; i++) {
		snprintf(name, sizeof(name), "i%u._http._tcp", i);
		kit_lan_lose(name);
	}
	mdns_seen_each(s, kit_lan_name("_http._tcp"), count_one, &n);
	assert_int_equal(n, MDNS_SEEN_NAMED_PER_TYPE_MAX - MDNS_SEEN_NAMED_PER_TYPE_MAX / 8 - 1 +
				    EXTRA);
	end(s);
}

static void short_memory_loses_nothing(void **state)
{
	unsigned nfailures = 0;
	bool has_failed = true;

	(void)state;
	for (int n = 0; has_failed; n++) {
		struct mdns_seen *s;
		bool is_enough;

		memory_fail_after(n);
		s = begin();
		is_enough = s != NULL && mdns_seen_add_type(s, kit_lan_name("_http._tcp")) == 0;
		kit_lan_service(true, "web", "_http._tcp", 80, "pc", "192.0.2.2");
		if (is_enough && mdns_seen_resolve(s, kit_lan_name(WEB)) == 0) {
			kit_lan_run();
			mdns_seen_unresolve(s, kit_lan_name(WEB));
		}
		if (is_enough)
			mdns_seen_remove_type(s, kit_lan_name("_http._tcp"));
		has_failed = memory_has_failed();
		memory_fail_after(MEMORY_ENOUGH);
		nfailures += has_failed;
		end(s);
	}
	assert_true(nfailures > 10);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_followed_by_type_and_browsed_once),
		cmocka_unit_test(names_of_subtypes_are_instances_of_the_type),
		cmocka_unit_test(an_instance_is_resolved_with_the_addresses_of_its_host),
		cmocka_unit_test(of_several_records_the_newest_counts_and_then_the_least),
		cmocka_unit_test(a_listener_may_end_what_it_hears_of),
		cmocka_unit_test(a_peer_with_too_many_names_is_bounded),
		cmocka_unit_test(short_memory_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
