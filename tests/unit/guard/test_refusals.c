/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "guard/refusals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"

static struct guard_refusal found[2000];

static struct guard_refusal refusal(const char *key, const char *client, enum guard_reason reason)
{
	struct guard_refusal r = {.reason = reason, .request = "update"};

	dns_name_from_text(r.key, key, strlen(key), NULL);
	snprintf(r.client, sizeof(r.client), "%s", client);
	snprintf(r.why, sizeof(r.why), "because");
	return r;
}

static void every_reason_has_a_name_and_a_cure(void **state)
{
	(void)state;
	for (unsigned i = 1; i < GUARD_REASONS; i++) {
		assert_true(strlen(guard_reason_text(i)) > 1);
		assert_true(strlen(guard_reason_mend(i)) > 10);
		for (unsigned j = 1; j < i; j++)
			assert_string_not_equal(guard_reason_text(i), guard_reason_text(j));
	}
}

static void refusals_that_are_alike_are_one_with_a_count(void **state)
{
	struct guard_refusals *rs = guard_refusals_new();
	struct guard_refusal a = refusal("n1.keys.lab.cloud", "10.0.0.1@5", GUARD_BAD_MAC);
	struct guard_refusal b = refusal("n1.keys.lab.cloud", "10.0.0.1@6", GUARD_BAD_MAC);
	struct guard_refusal c = refusal("n1.keys.lab.cloud", "10.0.0.1@6", GUARD_BAD_TIME);

	(void)state;
	guard_refusals_add(rs, &a, true, 100);
	guard_refusals_add(rs, &b, true, 105);
	guard_refusals_add(rs, &c, true, 107);
	assert_int_equal(guard_refusals_find(rs, "n1", found, 10), 2);
	assert_int_equal(found[0].reason, GUARD_BAD_TIME);
	assert_int_equal(found[1].count, 2);
	assert_int_equal(found[1].first_s, 100);
	assert_int_equal(found[1].last_s, 105);
	guard_refusals_free(rs);
}

static void the_newest_are_found_of_many(void **state)
{
	struct guard_refusals *rs = guard_refusals_new();
	char key[64];

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		snprintf(key, sizeof(key), "n%u.keys.lab.cloud", i);
		struct guard_refusal r = refusal(key, "10.0.0.1@5", GUARD_BAD_MAC);

		guard_refusals_add(rs, &r, false, 100 + i);
	}
	assert_int_equal(guard_refusals_find(rs, "10.0.0.1", found, 5), 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(found[i].last_s, 119 - i);
	guard_refusals_free(rs);
}

static void refusals_are_found_by_key_and_client(void **state)
{
	static const struct {
		const char *asked;
		size_t n;
	} cases[] = {
		{"n1", 1},	 {"N1.keys.lab.cloud", 1}, {"n1.keys.lab.cloud.", 1},
		{"10.0.0.1", 1}, {"10.0.0.1@5", 1},	   {"10.0.0.1@7", 0},
		{"10.0.0", 0},	 {"n", 0},		   {"", 0},
		{"n1.keys.x", 0}, {"n11", 0},
	};
	struct guard_refusals *rs = guard_refusals_new();
	struct guard_refusal r = refusal("n1.keys.lab.cloud", "10.0.0.1@5", GUARD_BAD_MAC);

	(void)state;
	guard_refusals_add(rs, &r, true, 100);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(guard_refusals_find(rs, cases[i].asked, found, 10), cases[i].n);
	guard_refusals_free(rs);
}

/* Names that nobody has do not push out what a valid key was refused. */
static void a_flood_takes_nothing_from_valid_keys(void **state)
{
	struct guard_refusals *rs = guard_refusals_new();
	struct guard_refusal r = refusal("n1", "10.0.0.1@5", GUARD_QUOTA);
	char name[20];

	(void)state;
	r.is_proved = true;
	guard_refusals_add(rs, &r, true, 100);
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "x%u", i);
		r = refusal(name, "10.0.0.2@5", GUARD_UNKNOWN_KEY);
		guard_refusals_add(rs, &r, true, 100 + i);
	}
	assert_int_equal(guard_refusals_find(rs, "n1", found, 10), 1);
	assert_int_equal(guard_refusals_find(rs, "x2999", found, 10), 1);
	assert_int_equal(guard_refusals_find(rs, "x0", found, 10), 0);
	assert_true(guard_refusals_find(rs, "10.0.0.2", found, 2000) < 1000);
	guard_refusals_free(rs);
}

static void a_gate_opens_again_each_second(void **state)
{
	struct guard_gate gate = {0};
	unsigned taken = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		taken += guard_gate_take(&gate, false, 7);
	assert_true(taken > 0 && taken <= 50);
	assert_true(guard_gate_take(&gate, true, 7));
	assert_true(guard_gate_take(&gate, false, 8));
}

static int quiet(void **state)
{
	(void)state;
	return base_log_open("/dev/null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_name_and_a_cure),
		cmocka_unit_test(refusals_that_are_alike_are_one_with_a_count),
		cmocka_unit_test(the_newest_are_found_of_many),
		cmocka_unit_test(refusals_are_found_by_key_and_client),
		cmocka_unit_test(a_flood_takes_nothing_from_valid_keys),
		cmocka_unit_test(a_gate_opens_again_each_second),
	};

	return cmocka_run_group_tests(tests, quiet, NULL);
}
