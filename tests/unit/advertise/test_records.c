/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../zone/kit.h"

#include "advertise/records.h"

static struct advertise_records records, others;

static struct advertise_records_plan plan_of(const char *name)
{
	static const uint8_t txt[] = "\3a=b";

	return (struct advertise_records_plan){.lan_name = kit_name("web._http._tcp.local."),
					       .port = 80,
					       .target = kit_name("n1.local."),
					       .txt = txt,
					       .ntxt = 4,
					       .name = kit_name(name),
					       .zone = (const uint8_t *)"\3lab",
					       .id = 1};
}

static void equal_records_have_equal_hashes(void **state)
{
	struct advertise_records_plan plan = plan_of("web._http._tcp.lab.");
	struct base_hash_wide a, b;

	(void)state;
	assert_null(advertise_records_make(&records, &plan));
	assert_null(advertise_records_make(&others, &plan));
	assert_int_equal(records.count, 4);
	a = advertise_records_hash(&records);
	b = advertise_records_hash(&others);
	assert_true(a.low == b.low && a.high == b.high);
	plan.port++;
	assert_null(advertise_records_make(&others, &plan));
	b = advertise_records_hash(&others);
	assert_false(a.low == b.low && a.high == b.high);
}

static void what_cannot_be_on_the_lan_has_a_reason(void **state)
{
	static uint8_t txt[DNS_RDATA_MAX];
	struct advertise_records_plan plan = plan_of("a\\255._http._tcp.lab.");

	(void)state;
	assert_non_null(strstr(advertise_records_make(&records, &plan), "UTF-8"));
	plan = plan_of("web._http._tcp.lab.");
	memset(txt, 1, sizeof(txt));
	plan.txt = txt;
	plan.ntxt = sizeof(txt) - 1;
	assert_non_null(strstr(advertise_records_make(&records, &plan), "TXT"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_records_have_equal_hashes),
		cmocka_unit_test(what_cannot_be_on_the_lan_has_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
