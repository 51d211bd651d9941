/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include "dns/hmac.h"
#include "dns/tsig.h"
#include "zone/limits.h"

static void a_text_names_limit_and_value(void **state)
{
	char text[ZONE_LIMIT_TEXT_MAX];

	(void)state;
	assert_string_equal(zone_limit_text(text, ZONE_LIMIT_OF_RRSETS, &ZONE_LIMITS_DEFAULT),
			    "more than 100 RRsets at the name (limits: rrsets)");
	assert_string_equal(zone_limit_text(text, ZONE_LIMIT_OF_RECORDS, &ZONE_LIMITS_DEFAULT),
			    "more than 1000 records in the RRset (limits: records)");
	assert_string_equal(zone_limit_text(text, ZONE_LIMIT_OF_RRSET_NBYTES, &ZONE_LIMITS_DEFAULT),
			    "more than 64000 octets in the RRset (limits: rrset-size)");
	assert_string_equal(zone_limit_text(text, ZONE_LIMIT_OF_NAME_NBYTES, &ZONE_LIMITS_DEFAULT),
			    "more than 262144 octets at the name (limits: name-size)");
}

/* The numbers are those of zone/limits.h. */
static void the_largest_set_leaves_room_for_all_else(void **state)
{
	enum { QUESTION = DNS_NAME_MAX + 4, OPT = 11 + 28 + 259 + 6 + 6 + 256 };
	struct dns_tsig_key key;
	struct dns_tsig tsig = {.key = &key, .status = DNS_TSIG_VERIFIED};
	struct dns_tsig_algorithm algorithm;
	uint8_t name[DNS_NAME_MAX];
	size_t n = 0;

	(void)state;
	while (n + 2 < DNS_NAME_MAX) {
		name[n] = 1;
		name[n + 1] = 'k';
		n += 2;
	}
	name[n] = 0;
	assert_true(dns_tsig_algorithm_from_text(&algorithm, "hmac-sha512", 11));
	dns_tsig_key_init(&key, name, algorithm, "secret", 6);
	memcpy(tsig.algorithm, dns_tsig_algorithm_name(DNS_HMAC_SHA512), 13);
	tsig.algorithm_nbytes = 13;
	tsig.mac_nbytes = DNS_HMAC_MAX;
	assert_in_range(DNS_HEADER_SIZE + QUESTION + OPT + dns_tsig_nbytes(&tsig) +
				ZONE_LIMIT_RRSET_NBYTES_MAX,
			1, DNS_MSG_MAX);
	/* One record in a transfer, with its owner spelled out. */
	assert_in_range(DNS_HEADER_SIZE + QUESTION + dns_tsig_nbytes(&tsig) + DNS_NAME_MAX +
				ZONE_LIMIT_RRSET_NBYTES_MAX,
			1, DNS_MSG_MAX);
	dns_tsig_key_fini(&key);
}

static void limits_are_those_that_were_set(void **state)
{
	static const struct zone_limits limits = {9, 10, 11, 1ull << 33};
	struct zone *z = zone_new(kit_name("z.cloud."), 1);
	struct zone_limits got = zone_get_limits(z);

	(void)state;
	assert_int_equal(got.rrsets, ZONE_LIMIT_RRSETS);
	zone_set_limits(z, &limits);
	got = zone_get_limits(z);
	assert_int_equal(got.rrsets, 9);
	assert_int_equal(got.records, 10);
	assert_int_equal(got.rrset_nbytes, 11);
	assert_true(got.name_nbytes == 1ull << 33);
	zone_free(z);
}

static void names_over_the_limits_are_counted(void **state)
{
	static const char text[] = "@ 60 SOA ns1 host 10 7200 900 1209600 60\n"
				   "a 60 A 10.0.0.1\na 60 A 10.0.0.2\na 60 TXT x\n"
				   "B 60 A 10.0.0.1\nB 60 A 10.0.0.2\nB 60 A 10.0.0.3\n"
				   "p 60 PTR a\np 60 PTR b\np 60 PTR c\n";
	static const struct {
		struct zone_limits limits;
		unsigned count;
		const char *first;
		enum zone_limit limit;
	} rows[] = {
		{{9, 9, 999, 999}, 0, NULL, ZONE_LIMIT_NONE},
		{{1, 9, 999, 999}, 1, "a.z.cloud.", ZONE_LIMIT_OF_RRSETS},
		{{9, 2, 999, 999}, 1, "B.z.cloud.", ZONE_LIMIT_OF_RECORDS},
		{{9, 1, 999, 999}, 2, "a.z.cloud.", ZONE_LIMIT_OF_RECORDS},
		{{9, 9, 47, 999}, 2, "z.cloud.", ZONE_LIMIT_OF_RRSET_NBYTES},
		{{9, 9, 999, 45}, 3, "z.cloud.", ZONE_LIMIT_OF_NAME_NBYTES},
	};
	struct zone *z = kit_zone("z.cloud.", text);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		enum zone_limit limit = ZONE_LIMIT_NONE;
		char name[DNS_NAME_TEXT_MAX];
		uint8_t first[DNS_NAME_MAX];

		assert_int_equal(
			zone_snapshot_over(zone_current(z), &rows[i].limits, first, &limit),
			rows[i].count);
		assert_int_equal(limit, rows[i].limit);
		if (rows[i].count > 0) {
			dns_name_to_text(name, first);
			assert_string_equal(name, rows[i].first);
		}
	}
	zone_free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_names_limit_and_value),
		cmocka_unit_test(the_largest_set_leaves_room_for_all_else),
		cmocka_unit_test(limits_are_those_that_were_set),
		cmocka_unit_test(names_over_the_limits_are_counted),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
