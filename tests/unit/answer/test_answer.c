/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include "zone/prepared.h"

#define SOA "@ 3600 IN SOA ns1 host 1 7200 900 1209600 60\n"

static const char lab[] = "$ORIGIN lab.cloud.\n$TTL 120\n" SOA "@ NS ns1\nns1 A 192.0.2.1\n"
			  "web-1._http._tcp SRV 0 10 80 n1.nodes\nweb-1._http._tcp TXT \"path=/\"\n"
			  "web-2._http._tcp SRV 0 10 80 n1.nodes\nweb-2._http._tcp TXT \"path=/\"\n"
			  "_http._tcp PTR web-1._http._tcp\n_http._tcp PTR web-2._http._tcp\n"
			  "n1.nodes A 10.0.0.1\nn1.nodes AAAA 2001:db8::1\n"
			  "alias CNAME n1.nodes\n"
			  "loop-a CNAME loop-b\n"
			  "loop-b CNAME loop-a\n"
			  "far CNAME www.other.cloud.\n"
			  "out CNAME www.example.net.\n"
			  "gone CNAME nothing\n"
			  "*.wild TXT \"any\"\nhost.wild A 10.0.0.9\n*.wildalias CNAME n1.nodes\n"
			  "old DNAME nodes\n"
			  "sub NS ns.sub\n"
			  "sub NS ns1\n"
			  "sub DS 1 13 2 "
			  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
			  "ns.sub A 10.9.9.9\n"
			  "svc HTTPS 1 . alpn=h2\nsvc A 10.0.0.7\nmail MX 10 n1.nodes\n";

static const char other[] = "$ORIGIN other.cloud.\n"
			    "$TTL 60\n" SOA "@ NS ns1.lab.cloud.\n"
			    "www A 198.51.100.1\n";

static const char simple[] = "$ORIGIN s.cloud.\n$TTL 120\n" SOA "@ NS ns1\nns1 A 192.0.2.1\n"
			     "i SRV 0 0 80 h\nh A 10.0.0.1\n";

struct fixture {
	struct zone *zones[2];
	struct zone_catalog *catalog;
};

static int open_lab(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	kit_setup(state);
	f->zones[0] = kit_zone("lab.cloud.", lab);
	f->zones[1] = kit_zone("other.cloud.", other);
	f->catalog = zone_catalog_new(f->zones, 2, 7);
	*state = f;
	return 0;
}

static int close_lab(void **state)
{
	struct fixture *f = *state;

	zone_catalog_free(f->catalog);
	zone_free(f->zones[0]);
	zone_free(f->zones[1]);
	free(f);
	return kit_teardown(state);
}

struct ask {
	const char *name;
	uint16_t type;
	const char *answer;
};

static const char SOA_LAB[] =
	"ns lab.cloud. 60 SOA ns1.lab.cloud. host.lab.cloud. 1 7200 900 1209600 60\n";

static void check(const struct zone_catalog *c, const struct ask *ask, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		/* Each question is asked twice: the second answer may be a prepared one. */
		for (unsigned turn = 0; turn < 2; turn++) {
			char *got = kit_ask(c, ask[i].name, ask[i].type, 1232);

			assert_string_equal(got, ask[i].answer);
			free(got);
		}
}

static void records_are_found_with_their_targets(void **state)
{
	static const struct ask asks[] = {
		{"n1.nodes.lab.cloud.", DNS_TYPE_A,
		 "NOERROR aa\n"
		 "an n1.nodes.lab.cloud. 120 A 10.0.0.1\n"},
		{"web-1._http._tcp.lab.cloud.", DNS_TYPE_SRV,
		 "NOERROR aa\n"
		 "an web-1._http._tcp.lab.cloud. 120 SRV 0 10 80 n1.nodes.lab.cloud.\n"
		 "ar n1.nodes.lab.cloud. 120 A 10.0.0.1\n"
		 "ar n1.nodes.lab.cloud. 120 AAAA 2001:db8::1\n"},
		{"_http._tcp.lab.cloud.", DNS_TYPE_PTR,
		 "NOERROR aa\n"
		 "an _http._tcp.lab.cloud. 120 PTR web-1._http._tcp.lab.cloud.\n"
		 "an _http._tcp.lab.cloud. 120 PTR web-2._http._tcp.lab.cloud.\n"
		 "ar web-1._http._tcp.lab.cloud. 120 SRV 0 10 80 n1.nodes.lab.cloud.\n"
		 "ar web-1._http._tcp.lab.cloud. 120 TXT \"path=/\"\n"
		 "ar n1.nodes.lab.cloud. 120 A 10.0.0.1\n"
		 "ar n1.nodes.lab.cloud. 120 AAAA 2001:db8::1\n"
		 "ar web-2._http._tcp.lab.cloud. 120 SRV 0 10 80 n1.nodes.lab.cloud.\n"
		 "ar web-2._http._tcp.lab.cloud. 120 TXT \"path=/\"\n"},
		{"mail.lab.cloud.", DNS_TYPE_MX,
		 "NOERROR aa\nan mail.lab.cloud. 120 MX 10 n1.nodes.lab.cloud.\n"
		 "ar n1.nodes.lab.cloud. 120 A 10.0.0.1\n"
		 "ar n1.nodes.lab.cloud. 120 AAAA 2001:db8::1\n"},
		{"lab.cloud.", DNS_TYPE_NS,
		 "NOERROR aa\n"
		 "an lab.cloud. 120 NS ns1.lab.cloud.\n"
		 "ar ns1.lab.cloud. 120 A 192.0.2.1\n"},
		{"svc.lab.cloud.", DNS_TYPE_HTTPS,
		 "NOERROR aa\n"
		 "an svc.lab.cloud. 120 HTTPS 1 . alpn=h2\n"
		 "ar svc.lab.cloud. 120 A 10.0.0.7\n"},
	};
	struct fixture *f = *state;

	check(f->catalog, asks, sizeof(asks) / sizeof(*asks));
}

static void names_that_are_not_there_get_the_soa(void **state)
{
	char nxdomain[256], nodata[256];
	const struct ask asks[] = {
		{"nothing.lab.cloud.", DNS_TYPE_A, nxdomain},
		{"a.n1.nodes.lab.cloud.", DNS_TYPE_A, nxdomain},
		{"n1.nodes.lab.cloud.", DNS_TYPE_TXT, nodata},
		{"nodes.lab.cloud.", DNS_TYPE_A, nodata}, /* an empty non-terminal */
		{"_tcp.lab.cloud.", DNS_TYPE_PTR, nodata},
		{"host.wild.lab.cloud.", DNS_TYPE_TXT,
		 nodata}, /* exists: the wildcard is not used */
		{"a.host.wild.lab.cloud.", DNS_TYPE_TXT, nxdomain},
		{"x.wild.lab.cloud.", DNS_TYPE_A, nodata},
	};
	struct fixture *f = *state;

	snprintf(nxdomain, sizeof(nxdomain), "NXDOMAIN aa\n%s", SOA_LAB);
	snprintf(nodata, sizeof(nodata), "NOERROR aa\n%s", SOA_LAB);
	check(f->catalog, asks, sizeof(asks) / sizeof(*asks));
}

static void aliases_are_followed_within_and_across_zones(void **state)
{
	char gone[512], yx[1024];
	const struct ask asks[] = {
		{"alias.lab.cloud.", DNS_TYPE_A,
		 "NOERROR aa\n"
		 "an alias.lab.cloud. 120 CNAME n1.nodes.lab.cloud.\n"
		 "an n1.nodes.lab.cloud. 120 A 10.0.0.1\n"},
		{"alias.lab.cloud.", DNS_TYPE_CNAME,
		 "NOERROR aa\n"
		 "an alias.lab.cloud. 120 CNAME n1.nodes.lab.cloud.\n"},
		{"far.lab.cloud.", DNS_TYPE_A,
		 "NOERROR aa\n"
		 "an far.lab.cloud. 120 CNAME www.other.cloud.\n"
		 "an www.other.cloud. 60 A 198.51.100.1\n"},
		{"out.lab.cloud.", DNS_TYPE_A,
		 "NOERROR aa\n"
		 "an out.lab.cloud. 120 CNAME www.example.net.\n"},
		{"gone.lab.cloud.", DNS_TYPE_A, gone},
		{"n1.old.lab.cloud.", DNS_TYPE_A,
		 "NOERROR aa\n"
		 "an old.lab.cloud. 120 DNAME nodes.lab.cloud.\n"
		 "an n1.old.lab.cloud. 120 CNAME n1.nodes.lab.cloud.\n"
		 "an n1.nodes.lab.cloud. 120 A 10.0.0.1\n"},
		{"old.lab.cloud.", DNS_TYPE_DNAME,
		 "NOERROR aa\n"
		 "an old.lab.cloud. 120 DNAME nodes.lab.cloud.\n"},
		{"x.wild.lab.cloud.", DNS_TYPE_TXT,
		 "NOERROR aa\n"
		 "an x.wild.lab.cloud. 120 TXT \"any\"\n"},
		{"x.y.wild.lab.cloud.", DNS_TYPE_TXT,
		 "NOERROR aa\n"
		 "an x.y.wild.lab.cloud. 120 TXT \"any\"\n"},
		{"x.wildalias.lab.cloud.", DNS_TYPE_A,
		 "NOERROR aa\n"
		 "an x.wildalias.lab.cloud. 120 CNAME n1.nodes.lab.cloud.\n"
		 "an n1.nodes.lab.cloud. 120 A 10.0.0.1\n"},
	};
	struct fixture *f = *state;
	char *loop;

	snprintf(gone, sizeof(gone),
		 "NXDOMAIN aa\n"
		 "an gone.lab.cloud. 120 CNAME nothing.lab.cloud.\n"
		 "%s",
		 SOA_LAB);
	check(f->catalog, asks, sizeof(asks) / sizeof(*asks));
	loop = kit_ask(f->catalog, "loop-a.lab.cloud.", DNS_TYPE_A, 1232);
	assert_memory_equal(loop, "NOERROR aa\nan loop-a", 20);
	free(loop);
	/* A name that grows beyond 255 octets: YXDOMAIN, with the DNAME (RFC 6672 section 2.2). */
	memset(yx, 0, sizeof(yx));
	for (unsigned i = 0; i < 3; i++)
		memcpy(yx + strlen(yx),
		       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.", 64);
	strcat(yx, "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.old.lab.cloud.");
	loop = kit_ask(f->catalog, yx, DNS_TYPE_A, 1232);
	assert_string_equal(loop, "YXDOMAIN aa\n"
				  "an old.lab.cloud. 120 DNAME nodes.lab.cloud.\n");
	free(loop);
}

static void delegations_are_referred_with_glue(void **state)
{
	static const char referral[] =
		"NOERROR\n"
		"ns sub.lab.cloud. 120 NS ns.sub.lab.cloud.\n"
		"ns sub.lab.cloud. 120 NS ns1.lab.cloud.\n"
		"ar ns.sub.lab.cloud. 120 A 10.9.9.9\nar ns1.lab.cloud. 120 A 192.0.2.1\n";
	static const struct ask asks[] = {
		{"sub.lab.cloud.", DNS_TYPE_A, referral},
		{"www.sub.lab.cloud.", DNS_TYPE_A, referral},
		{"ns.sub.lab.cloud.", DNS_TYPE_A, referral},
		{"sub.lab.cloud.", DNS_TYPE_DS,
		 "NOERROR aa\n"
		 "an sub.lab.cloud. 120 DS 1 13 2 "
		 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"},
	};
	struct fixture *f = *state;

	check(f->catalog, asks, sizeof(asks) / sizeof(*asks));
}

static void names_outside_are_refused(void **state)
{
	static const struct ask asks[] = {
		{"example.net.", DNS_TYPE_A, "REFUSED\n"},
		{"cloud.", DNS_TYPE_A, "REFUSED\n"},
	};
	struct fixture *f = *state;

	check(f->catalog, asks, sizeof(asks) / sizeof(*asks));
}

static void a_query_for_any_gets_one_rrset(void **state)
{
	struct fixture *f = *state;
	char *got = kit_ask(f->catalog, "n1.nodes.lab.cloud.", DNS_TYPE_ANY, 1232);

	assert_string_equal(got, "NOERROR aa\nan n1.nodes.lab.cloud. 120 A 10.0.0.1\n");
	free(got);
}

static void records_that_do_not_fit_are_left_out_or_truncate_the_answer(void **state)
{
	struct fixture *f = *state;
	/* Header 12, question 30 + 4, SRV 12 + 6 + 20: the addresses do not fit into 90 octets,
	 * the answer does not fit into 80. And header 12, question 15 + 4, NS 12 + 5, NS 12 + 6:
	 * the required glue does not fit into 80. */
	char *additional_cut = kit_ask(f->catalog, "web-1._http._tcp.lab.cloud.", DNS_TYPE_SRV, 90);
	char *truncated = kit_ask(f->catalog, "web-1._http._tcp.lab.cloud.", DNS_TYPE_SRV, 80);
	char *whole = kit_ask(f->catalog, "web-1._http._tcp.lab.cloud.", DNS_TYPE_SRV, 512);
	char *glueless = kit_ask(f->catalog, "sub.lab.cloud.", DNS_TYPE_A, 80);

	assert_string_equal(additional_cut,
			    "NOERROR aa\n"
			    "an web-1._http._tcp.lab.cloud. 120 SRV 0 10 80 n1.nodes.lab.cloud.\n");
	assert_string_equal(truncated, "NOERROR aa tc\n");
	assert_non_null(strstr(whole, "AAAA"));
	assert_string_equal(glueless, "NOERROR tc\n");
	free(additional_cut);
	free(truncated);
	free(whole);
	free(glueless);
}

static void prepared_answers_change_with_the_names_they_came_from(void **state)
{
	struct zone *z = kit_zone("s.cloud.", simple);
	struct zone_catalog *c = zone_catalog_new(&z, 1, 7);
	static const char *const addresses[] = {"10.0.0.2", "10.0.0.3"};
	char *got = kit_ask(c, "i.s.cloud.", DNS_TYPE_SRV, 1232);

	(void)state;
	assert_non_null(strstr(got, "A 10.0.0.1"));
	free(got);
	for (unsigned i = 0; i < 2; i++) {
		struct zone_draft *d = zone_draft_new(z);
		char line[64];

		zone_draft_remove_rrset(d, kit_name("h.s.cloud."), DNS_TYPE_A);
		snprintf(line, sizeof(line), "h 120 A %s\n", addresses[i]);
		kit_add(d, line);
		kit_publish(d);
		base_rcu_quiescent();
		got = kit_ask(c, "i.s.cloud.", DNS_TYPE_SRV, 1232);
		assert_non_null(strstr(got, addresses[i]));
		free(got);
	}
	zone_catalog_free(c);
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

/* ---- one prepared answer for all transports ---- */

enum { MANY = 60, WHOLE = 60000 };

/* Makes a zone with a type of MANY instances, each on a host of its own. */
static struct zone *many_zone(void)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	struct zone *z;

	fputs("$ORIGIN m.cloud.\n$TTL 120\n" SOA "@ NS ns1\nns1 A 192.0.2.1\n", f);
	for (unsigned i = 0; i < MANY; i++)
		fprintf(f,
			"_s._tcp PTR i%u._s._tcp\ni%u._s._tcp SRV 0 0 80 h%u\n"
			"i%u._s._tcp TXT \"n=%u\"\nh%u A 10.0.0.%u\n",
			i, i, i, i, i, i, i);
	fclose(f);
	z = kit_zone("m.cloud.", text);
	free(text);
	return z;
}

static void zone_close(struct zone *z, struct zone_catalog *c)
{
	zone_catalog_free(c);
	base_rcu_offline();
	zone_free(z);
	base_rcu_online();
}

static char *ask_many(const struct zone_catalog *c, size_t room)
{
	return kit_ask(c, "_s._tcp.m.cloud.", DNS_TYPE_PTR, room);
}

static void change_address(struct zone *z, unsigned host, const char *address)
{
	struct zone_draft *d = zone_draft_new(z);
	char name[64], line[64];

	snprintf(name, sizeof(name), "h%u.m.cloud.", host);
	snprintf(line, sizeof(line), "h%u 120 A %s\n", host, address);
	zone_draft_remove_rrset(d, kit_name(name), DNS_TYPE_A);
	kit_add(d, line);
	kit_publish(d);
	base_rcu_quiescent();
}

static void less_room_gets_the_beginning_of_a_prepared_answer(void **state)
{
	struct zone *z[2] = {many_zone(), many_zone()};
	struct zone_catalog *composed = zone_catalog_new(&z[0], 1, 7);
	struct zone_catalog *prepared = zone_catalog_new(&z[1], 1, 7);
	size_t nbytes;

	(void)state;
	assert_int_equal(zone_prepared_long_nbytes(), 0);
	free(ask_many(prepared, WHOLE));
	nbytes = zone_prepared_long_nbytes();
	assert_in_range(nbytes, 2 * ZONE_PREPARED_LONG, 16 << 10);
	/* More room than ever before: the first zone composes each of its answers. */
	for (size_t room = 100; room < 9000; room += 13) {
		char *want = ask_many(composed, room), *got = ask_many(prepared, room);

		assert_string_equal(got, want);
		free(want);
		free(got);
	}
	zone_close(z[0], composed);
	/* None of them has taken the place of the whole one. */
	assert_int_equal(zone_prepared_long_nbytes(), nbytes);
	zone_close(z[1], prepared);
	assert_int_equal(zone_prepared_long_nbytes(), 0);
}

static void a_change_behind_what_fits_matters_only_to_who_gets_it(void **state)
{
	struct zone *z = many_zone();
	struct zone_catalog *c = zone_catalog_new(&z, 1, 7);
	char *got;

	(void)state;
	free(ask_many(c, WHOLE));
	change_address(z, MANY - 1, "10.1.1.1");
	got = ask_many(c, 1900);
	assert_non_null(strstr(got, "A 10.0.0.0"));
	assert_null(strstr(got, "A 10.1.1.1"));
	free(got);
	got = ask_many(c, WHOLE);
	assert_non_null(strstr(got, "A 10.1.1.1"));
	free(got);
	change_address(z, 0, "10.2.2.2");
	for (unsigned i = 0; i < 4; i++) {
		got = ask_many(c, i % 2 == 0 ? 1900 : WHOLE);
		assert_non_null(strstr(got, "A 10.2.2.2"));
		free(got);
	}
	zone_close(z, c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(records_are_found_with_their_targets, open_lab,
						close_lab),
		cmocka_unit_test_setup_teardown(names_that_are_not_there_get_the_soa, open_lab,
						close_lab),
		cmocka_unit_test_setup_teardown(aliases_are_followed_within_and_across_zones,
						open_lab, close_lab),
		cmocka_unit_test_setup_teardown(delegations_are_referred_with_glue, open_lab,
						close_lab),
		cmocka_unit_test_setup_teardown(names_outside_are_refused, open_lab, close_lab),
		cmocka_unit_test_setup_teardown(a_query_for_any_gets_one_rrset, open_lab,
						close_lab),
		cmocka_unit_test_setup_teardown(
			records_that_do_not_fit_are_left_out_or_truncate_the_answer, open_lab,
			close_lab),
		cmocka_unit_test_setup_teardown(
			prepared_answers_change_with_the_names_they_came_from, kit_setup,
			kit_teardown),
		cmocka_unit_test_setup_teardown(less_room_gets_the_beginning_of_a_prepared_answer,
						kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			a_change_behind_what_fits_matters_only_to_who_gets_it, kit_setup,
			kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
