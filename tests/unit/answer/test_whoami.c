/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include "base/address.h"

#define SOA "@ 3600 IN SOA ns1 host 1 7200 900 1209600 60\n"
#define NAME "_whoami.lab.cloud."

static const char lab[] = "$ORIGIN lab.cloud.\n$TTL 120\n" SOA "@ NS ns1\nns1 A 192.0.2.1\n"
			  "* TXT \"any\"\nalias CNAME _whoami\nsub NS ns1\n";
static const char own[] = "$ORIGIN own.cloud.\n$TTL 120\n" SOA "@ NS ns1\nns1 A 192.0.2.1\n"
			  "_whoami TXT \"own\"\n";

struct fixture {
	struct zone *zones[2];
	struct zone_catalog *catalog;
};

static int open_zones(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	kit_setup(state);
	f->zones[0] = kit_zone("lab.cloud.", lab);
	f->zones[1] = kit_zone("own.cloud.", own);
	f->catalog = zone_catalog_new(f->zones, 2, 7);
	*state = f;
	return 0;
}

static int close_zones(void **state)
{
	struct fixture *f = *state;

	zone_catalog_free(f->catalog);
	zone_free(f->zones[0]);
	zone_free(f->zones[1]);
	free(f);
	return kit_teardown(state);
}

/* Asks twice: the first answer must not become the second's. */
static void assert_answer(const struct fixture *f, const char *peer, const char *name,
			  uint16_t type, const char *expected)
{
	struct sockaddr_storage address;

	assert_int_equal(base_address_from_text(&address, peer, 0), 0);
	for (int i = 0; i < 2; i++) {
		char *got = kit_ask_from(f->catalog, (struct sockaddr *)&address, name, type, 1232);

		if (strstr(got, expected) == NULL)
			print_error("%s from %s: %s", name, peer, got);
		assert_non_null(strstr(got, expected));
		free(got);
	}
}

static void each_client_gets_its_own_address_and_port(void **state)
{
	static const struct {
		const char *peer, *texts;
	} rows[] = {
		{"192.0.2.7@4711", "\"addr=192.0.2.7\" \"port=4711\""},
		{"2001:db8::7@65535", "\"addr=2001:db8::7\" \"port=65535\""},
		{"::ffff:192.0.2.7@1", "\"addr=192.0.2.7\" \"port=1\""},
		{"fe80::1%1@53", "\"addr=fe80::1\" \"port=53\""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char expected[200];

		snprintf(expected, sizeof(expected), "NOERROR aa\nan %s 0 TXT %s\n", NAME,
			 rows[i].texts);
		assert_answer(*state, rows[i].peer, NAME, DNS_TYPE_TXT, expected);
		assert_answer(*state, rows[i].peer, NAME, DNS_TYPE_ANY, expected);
	}
}

static void it_has_no_other_type_and_no_wildcard_answers_for_it(void **state)
{
	static const char peer[] = "192.0.2.7@4711";

	assert_answer(*state, peer, NAME, DNS_TYPE_A, "NOERROR aa\nns lab.cloud. 60 SOA ");
	assert_answer(*state, peer, "x.lab.cloud.", DNS_TYPE_TXT, "TXT \"any\"");
	assert_answer(*state, peer, "_whoamx.lab.cloud.", DNS_TYPE_TXT, "TXT \"any\"");
	assert_answer(*state, peer, "_whoami.sub.lab.cloud.", DNS_TYPE_TXT, "NOERROR\nns sub.");
	assert_answer(*state, peer, "_whoami.x.own.cloud.", DNS_TYPE_TXT, "NXDOMAIN aa");
	assert_answer(*state, peer, "alias.lab.cloud.", DNS_TYPE_TXT, "\"addr=192.0.2.7\"");
}

static void a_zones_own_records_come_first(void **state)
{
	assert_answer(*state, "192.0.2.7@4711", "_whoami.own.cloud.", DNS_TYPE_TXT, "TXT \"own\"");
	assert_answer(*state, "192.0.2.7@4711", "_whoami.own.cloud.", DNS_TYPE_A,
		      "NOERROR aa\nns own.cloud. 60 SOA ");
}

static void without_a_client_the_name_does_not_exist(void **state)
{
	const struct fixture *f = *state;
	char *got = kit_ask(f->catalog, NAME, DNS_TYPE_TXT, 1232);

	assert_non_null(strstr(got, "TXT \"any\""));
	free(got);
}

#define ZONES(name) cmocka_unit_test_setup_teardown(name, open_zones, close_zones)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ZONES(each_client_gets_its_own_address_and_port),
		ZONES(it_has_no_other_type_and_no_wildcard_answers_for_it),
		ZONES(a_zones_own_records_come_first),
		ZONES(without_a_client_the_name_does_not_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
