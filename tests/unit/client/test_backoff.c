/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "client/backoff.h"
#include "client/polling.h"
#include "dns/type.h"

static void a_wait_doubles_up_to_the_longest_and_loses_up_to_a_half(void **state)
{
	static const struct {
		unsigned nfailures;
		uint32_t least, most;
	} cases[] = {
		{0, 0, 500},	      {1, 0, 500},
		{2, 500, 1000},	      {3, 1000, 2000},
		{4, 2000, 4000},      {8, 30000, 60000},
		{1000, 30000, 60000}, {UINT32_MAX, 30000, 60000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint32_t least = UINT32_MAX, most = 0;

		for (uint32_t random = 0; random < 70000; random++) {
			uint32_t wait = client_backoff_ms(cases[i].nfailures, random);

			least = wait < least ? wait : least;
			most = wait > most ? wait : most;
		}
		assert_int_equal(least, cases[i].least);
		assert_int_equal(most, cases[i].most);
	}
}

/* The recommendations of RFC 8765 section 6.2.2. */
static void a_refused_subscription_waits_by_its_rcode(void **state)
{
	(void)state;
	assert_int_equal(client_backoff_refused_s(DNS_RCODE_FORMERR), 300);
	assert_int_equal(client_backoff_refused_s(DNS_RCODE_SERVFAIL), 60);
	assert_int_equal(client_backoff_refused_s(DNS_RCODE_NOTIMP), 3600);
	assert_int_equal(client_backoff_refused_s(DNS_RCODE_REFUSED), 300);
	assert_int_equal(client_backoff_refused_s(DNS_RCODE_NOTAUTH), 300);
	assert_int_equal(client_backoff_refused_s(DNS_RCODE_DSOTYPENI), 3600);
	assert_int_equal(client_backoff_refused_s(14), 300);
}

/* RFC 8765 section 6.8. */
static void polls_are_two_seconds_after_the_ttl_or_900_seconds_apart(void **state)
{
	(void)state;
	assert_int_equal(client_polling_wait_s(0), 2);
	assert_int_equal(client_polling_wait_s(60), 62);
	assert_int_equal(client_polling_wait_s(897), 899);
	assert_int_equal(client_polling_wait_s(898), 900);
	assert_int_equal(client_polling_wait_s(86400), 900);
	assert_int_equal(client_polling_wait_s(UINT32_MAX), 900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_doubles_up_to_the_longest_and_loses_up_to_a_half),
		cmocka_unit_test(a_refused_subscription_waits_by_its_rcode),
		cmocka_unit_test(polls_are_two_seconds_after_the_ttl_or_900_seconds_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
