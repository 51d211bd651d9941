/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/address.h"

static struct locate_known known;

static struct resolve_endpoint at(const char *address)
{
	struct resolve_endpoint e = {0};

	assert_int_equal(base_address_from_text(&e.address, address, 53), 0);
	return e;
}

/* Returns the last digits of the addresses, in order. */
static const char *order(void)
{
	static char digits[LOCATE_REGISTRIES_MAX + 1];

	memset(digits, 0, sizeof(digits));
	for (size_t i = 0; i < known.n; i++) {
		char text[BASE_ADDRESS_TEXT_MAX];

		base_address_to_text(text,
				     (const struct sockaddr *)&known.items[i].endpoint.address);
		digits[i] = *(strchr(text, '@') - 1);
	}
	return digits;
}

static int set_up(void **state)
{
	static const char *const addresses[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3"};

	(void)state;
	known = (struct locate_known){0};
	for (size_t i = 0; i < 3; i++) {
		struct resolve_endpoint e = at(addresses[i]);

		locate_known_add(&known, &e, LOCATE_UDP, "test");
	}
	return 0;
}

static void an_address_is_known_once(void **state)
{
	struct resolve_endpoint e = at("192.0.2.1");

	(void)state;
	strcpy(e.name, "ns.example");
	locate_known_add(&known, &e, LOCATE_UDP, "again");
	assert_int_equal(known.n, 3);
	locate_known_add(&known, &e, LOCATE_TLS, "by TLS");
	assert_int_equal(known.n, 4);
	assert_string_equal(known.items[3].endpoint.name, "ns.example");
}

static void one_by_tcp_is_not_asked_over_udp(void **state)
{
	struct resolve_endpoint e = at("192.0.2.9");

	(void)state;
	assert_false(known.items[0].endpoint.is_stream);
	locate_known_add(&known, &e, LOCATE_TCP, "by TCP");
	assert_true(known.items[3].endpoint.is_stream);
	assert_false(known.items[3].endpoint.is_tls);
}

static void one_that_has_failed_is_last_until_it_answers(void **state)
{
	struct resolve_endpoint first = at("192.0.2.1"), second = at("192.0.2.2");

	(void)state;
	locate_known_failed(&known, &first, 1000);
	assert_string_equal(order(), "231");
	locate_known_failed(&known, &second, 1000);
	assert_string_equal(order(), "312");
	assert_false(locate_known_have_failed(&known));
	locate_known_succeeded(&known, &first, 0);
	assert_string_equal(order(), "132");
}

static void the_time_to_the_next_attempt_doubles_up_to_a_limit(void **state)
{
	struct resolve_endpoint first = at("192.0.2.1");
	uint64_t now_ms = 0, wait_ms = LOCATE_BACKOFF_MIN_MS;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		locate_known_failed(&known, &first, now_ms);
		assert_null(locate_known_due(&known, now_ms + wait_ms - 1));
		now_ms += wait_ms;
		assert_non_null(locate_known_due(&known, now_ms));
		wait_ms = wait_ms * 2 < LOCATE_BACKOFF_MAX_MS ? wait_ms * 2 : LOCATE_BACKOFF_MAX_MS;
	}
}

/* Returns the last digits of the addresses in the order in which to ask them. */
static const char *order_for(bool is_update, uint64_t now_ms)
{
	const struct locate_registry *all[LOCATE_REGISTRIES_MAX];
	struct locate_known asked = known;

	locate_known_order(&known, is_update, now_ms, all);
	for (size_t i = 0; i < known.n; i++)
		asked.items[i] = *all[i];
	known = asked;
	return order();
}

static void one_that_refuses_again_and_again_is_asked_later_for_a_while(void **state)
{
	struct resolve_endpoint first = at("192.0.2.1"), third = at("192.0.2.3");

	(void)state;
	for (unsigned i = 0; i < 2 * LOCATE_REFUSALS_MAX; i++) {
		assert_string_equal(order_for(true, 1000), "123");
		locate_known_refused(&known, &first, true, 1000);
		if (i % 2 == 1) /* it serves another zone */
			locate_known_accepted(&known, &first, true);
	}
	for (unsigned i = 0; i < LOCATE_REFUSALS_MAX; i++)
		locate_known_refused(&known, &first, true, 1000);
	locate_known_failed(&known, &third, 1000);
	assert_string_equal(order_for(false, 1000), "123");
	assert_string_equal(order_for(true, 1000), "213");
	set_up(NULL);
	for (unsigned i = 0; i < LOCATE_REFUSALS_MAX; i++)
		locate_known_refused(&known, &first, true, 1000);
	assert_string_equal(order_for(true, 1000 + LOCATE_REFUSED_MS), "123");
	locate_known_refused(&known, &first, true, 1000 + LOCATE_REFUSED_MS);
	assert_string_equal(order_for(true, 2000 + LOCATE_REFUSED_MS), "231");
}

static void what_is_found_again_keeps_its_health(void **state)
{
	struct resolve_endpoint first = at("192.0.2.1"), other = at("192.0.2.9");
	struct locate_known found = {0};

	(void)state;
	locate_known_failed(&known, &first, 0);
	locate_known_add(&found, &first, LOCATE_UDP, "test");
	locate_known_add(&found, &other, LOCATE_UDP, "test");
	locate_known_replace(&known, &found);
	assert_string_equal(order(), "91");
	assert_int_equal(known.items[1].nfailures, 1);
}

static void silence_is_measured_by_the_usual_time(void **state)
{
	struct resolve_endpoint first = at("192.0.2.1");

	(void)state;
	assert_int_equal(locate_known_silence_ms(0), LOCATE_SILENCE_UNKNOWN_MS);
	assert_int_equal(locate_known_silence_ms(1), LOCATE_SILENCE_MIN_MS);
	assert_int_equal(locate_known_silence_ms(50000), 150);
	for (unsigned i = 0; i < 100; i++)
		locate_known_succeeded(&known, &first, i < 50 ? 8000 : 2000);
	assert_in_range(known.items[0].rtt_us, 2000, 2100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_address_is_known_once, set_up),
		cmocka_unit_test_setup(one_by_tcp_is_not_asked_over_udp, set_up),
		cmocka_unit_test_setup(one_that_has_failed_is_last_until_it_answers, set_up),
		cmocka_unit_test_setup(the_time_to_the_next_attempt_doubles_up_to_a_limit, set_up),
		cmocka_unit_test_setup(one_that_refuses_again_and_again_is_asked_later_for_a_while,
				       set_up),
		cmocka_unit_test_setup(what_is_found_again_keeps_its_health, set_up),
		cmocka_unit_test_setup(silence_is_measured_by_the_usual_time, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
