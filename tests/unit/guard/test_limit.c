/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "guard/limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct guard_limit_settings usual = {
	.responses_per_second = 10,
	.window_s = 5,
	.ipv4_prefix = 24,
	.ipv6_prefix = 56,
};

static struct guard_limit *limit(struct guard_limit_settings settings)
{
	struct guard_limit *l = guard_limit_new(&settings, 42);

	assert_non_null(l);
	return l;
}

/* The verdict on one response: Send, Drop, or Truncated. */
static char ask(struct guard_limit *l, const char *client, uint64_t now_ms)
{
	struct sockaddr_storage sa;

	assert_int_equal(base_address_from_text(&sa, client, 53), 0);
	switch (guard_limit_check(l, (struct sockaddr *)&sa, now_ms)) {
	case GUARD_LIMIT_SEND:
		return 'S';
	case GUARD_LIMIT_SLIP:
		return 'T';
	default:
		return 'D';
	}
}

/* Uses up all credit of a client. */
static void exhaust(struct guard_limit *l, const char *client, uint64_t now_ms)
{
	for (unsigned i = 0; i < usual.responses_per_second; i++)
		assert_int_equal(ask(l, client, now_ms), 'S');
	assert_int_equal(ask(l, client, now_ms), 'D');
}

static void a_prefix_gets_its_rate_and_each_nth_beyond_it_is_truncated(void **state)
{
	static const struct {
		uint32_t rate, slip;
		const char *verdicts;
	} cases[] = {
		{0, 2, "SSSSSSSS"},
		{1, 0, "SDDDD"},
		{10, 0, "SSSSSSSSSSDDDDDD"},
		{10, 1, "SSSSSSSSSSTTTTTT"},
		{10, 2, "SSSSSSSSSSDTDTDT"},
		{10, 3, "SSSSSSSSSSDDTDDT"},
		{4, 100, "SSSSDDDDDDDDDDDDD"},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct guard_limit_settings settings = usual;
		struct guard_limit *l;

		settings.responses_per_second = cases[i].rate;
		settings.slip = cases[i].slip;
		l = limit(settings);
		for (const char *v = cases[i].verdicts; *v != '\0'; v++)
			assert_int_equal(ask(l, "192.0.2.1", 1000), *v);
		guard_limit_free(l);
	}
}

static void clients_of_one_prefix_share_its_credit(void **state)
{
	static const struct {
		const char *first, *second;
		char verdict;
	} cases[] = {
		{"192.0.2.1", "192.0.2.1@1053", 'D'},
		{"192.0.2.1", "192.0.2.255", 'D'},
		{"192.0.2.1", "192.0.3.1", 'S'},
		{"2001:db8:0:1200::1", "2001:db8:0:12ff:ffff::1", 'D'},
		{"2001:db8:0:1200::1", "2001:db8:0:1300::1", 'S'},
		{"192.0.2.1", "c000:201::", 'S'},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct guard_limit *l = limit(usual);

		exhaust(l, cases[i].first, 1000);
		assert_int_equal(ask(l, cases[i].second, 1000), cases[i].verdict);
		guard_limit_free(l);
	}
}

/* With 10 a second, each 100 ms give back one response; a debt is remembered, but never more than
 * the window's. */
static void credit_comes_back_with_time(void **state)
{
	static const struct {
		unsigned nasked;
		uint64_t after_ms;
		char verdict;
	} cases[] = {
		{10, 99, 'D'},	 {10, 100, 'S'},  {11, 100, 'D'},     {11, 200, 'S'},
		{40, 3000, 'D'}, {40, 3200, 'S'}, {10000, 3900, 'D'}, {10000, 4200, 'S'},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct guard_limit *l = limit(usual);

		for (unsigned n = 0; n < cases[i].nasked; n++)
			ask(l, "192.0.2.1", 1000);
		assert_int_equal(ask(l, "192.0.2.1", 1000 + cases[i].after_ms), cases[i].verdict);
		guard_limit_free(l);
	}
}

static void exempt_prefixes_have_no_limit(void **state)
{
	struct guard_limit_settings settings = usual;
	struct base_prefix exempt[2];
	struct guard_limit *l;

	(void)state;
	assert_int_equal(base_prefix_from_text(&exempt[0], "192.0.2.0/28"), 0);
	assert_int_equal(base_prefix_from_text(&exempt[1], "2001:db8::/32"), 0);
	settings.exempt = (struct guard_limit_prefixes){exempt, 2};
	l = limit(settings);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(ask(l, "192.0.2.15", 1000), 'S');
		assert_int_equal(ask(l, "2001:db8:1::1", 1000), 'S');
	}
	exhaust(l, "192.0.2.16", 1000);
	guard_limit_free(l);
}

static void large_responses_have_a_rate_of_their_own_and_slip(void **state)
{
	struct guard_limit_settings settings = usual;
	struct guard_limit *l;

	(void)state;
	settings.large_per_second = 3;
	settings.slip = 0;
	l = guard_limit_new_large(&settings, 42);
	assert_non_null(l);
	for (const char *v = "SSSTTTT"; *v != '\0'; v++)
		assert_int_equal(ask(l, "192.0.2.1", 1000), *v);
	guard_limit_free(l);
}

static void only_the_own_loopback_address_is_this_host(void **state)
{
	static const struct {
		const char *address;
		bool is_this_host;
	} cases[] = {
		{"127.0.0.1", true}, {"127.0.0.1@1053", true}, {"127.0.0.2", false},
		{"::1", true},	     {"::2", false},	       {"1.0.0.127", false},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sockaddr_storage sa;

		assert_int_equal(base_address_from_text(&sa, cases[i].address, 53), 0);
		assert_int_equal(guard_limit_is_this_host((struct sockaddr *)&sa),
				 cases[i].is_this_host);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prefix_gets_its_rate_and_each_nth_beyond_it_is_truncated),
		cmocka_unit_test(clients_of_one_prefix_share_its_credit),
		cmocka_unit_test(credit_comes_back_with_time),
		cmocka_unit_test(exempt_prefixes_have_no_limit),
		cmocka_unit_test(large_responses_have_a_rate_of_their_own_and_slip),
		cmocka_unit_test(only_the_own_loopback_address_is_this_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
