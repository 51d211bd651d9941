/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dns/tsig.h"
#include "dns/type.h"
#include "guard/replay.h"

enum { START_S = 1795000000 };

static struct dns_tsig_key keys[2];

/* The signature of update number `n`. */
static struct dns_tsig signature(unsigned key, uint64_t time_s, uint32_t n)
{
	struct dns_tsig t = {.key = &keys[key],
			     .time_signed_s = time_s,
			     .status = DNS_TSIG_VERIFIED,
			     .mac_nbytes = 32};

	memcpy(t.mac, &n, sizeof(n));
	return t;
}

static enum guard_replay_verdict begin(struct guard_replay *r, unsigned key, uint64_t time_s,
				       uint32_t n, uint64_t now_s)
{
	struct guard_replay_answer answer;
	struct dns_tsig t = signature(key, time_s, n);

	return guard_replay_begin(r, &t, now_s, &answer);
}

static void end(struct guard_replay *r, unsigned key, uint64_t time_s, uint32_t n, uint8_t rcode)
{
	struct guard_replay_answer answer = {.rcode = rcode};
	struct dns_tsig t = signature(key, time_s, n);

	guard_replay_end(r, &t, &answer);
}

static int setup(void **state)
{
	struct dns_tsig_algorithm algorithm;

	dns_tsig_algorithm_from_text(&algorithm, "hmac-sha256-128", 15);
	dns_tsig_key_init(&keys[0], (const uint8_t *)"\2n1", algorithm, "a", 1);
	dns_tsig_key_init(&keys[1], (const uint8_t *)"\2n2", algorithm, "b", 1);
	*state = guard_replay_new();
	return *state == NULL || guard_replay_forget(*state, NULL, START_S) < 0;
}

static int teardown(void **state)
{
	guard_replay_free(*state);
	return 0;
}

static void a_repeated_update_gets_its_old_answer(void **state)
{
	struct guard_replay *r = *state;
	struct dns_tsig t = signature(0, START_S, 1);
	struct guard_replay_answer answer = {
		.rcode = DNS_RCODE_NXRRSET,
		.lease = {.is_present = true, .has_key = true, .lease_s = 30, .key_lease_s = 60}};

	assert_int_equal(guard_replay_begin(r, &t, START_S, &answer), GUARD_REPLAY_NEW);
	assert_int_equal(guard_replay_begin(r, &t, START_S, &answer), GUARD_REPLAY_IN_HAND);
	guard_replay_end(r, &t, &answer);
	memset(&answer, 0, sizeof(answer));
	assert_int_equal(guard_replay_begin(r, &t, START_S + 300, &answer), GUARD_REPLAY_DONE);
	assert_int_equal(answer.rcode, DNS_RCODE_NXRRSET);
	assert_true(answer.lease.is_present && answer.lease.has_key);
	assert_int_equal(answer.lease.lease_s, 30);
	assert_int_equal(answer.lease.key_lease_s, 60);
	/* the same MAC by another key, and another MAC of the same second */
	assert_int_equal(begin(r, 1, START_S, 1, START_S), GUARD_REPLAY_NEW);
	assert_int_equal(begin(r, 0, START_S, 2, START_S), GUARD_REPLAY_NEW);
}

static void what_was_not_done_is_new_again(void **state)
{
	struct guard_replay *r = *state;
	struct dns_tsig t = signature(0, START_S, 1);

	assert_int_equal(begin(r, 0, START_S, 1, START_S), GUARD_REPLAY_NEW);
	guard_replay_end(r, &t, NULL);
	assert_int_equal(begin(r, 0, START_S, 1, START_S), GUARD_REPLAY_NEW);
	end(r, 0, START_S, 1, DNS_RCODE_SERVFAIL);
	assert_int_equal(begin(r, 0, START_S, 1, START_S), GUARD_REPLAY_NEW);
	end(r, 0, START_S, 1, DNS_RCODE_NOERROR);
	assert_int_equal(begin(r, 0, START_S, 1, START_S), GUARD_REPLAY_DONE);
}

/* A MAC may be sent shorter: what was cut off makes no other update. */
static void a_shorter_mac_is_the_same(void **state)
{
	struct guard_replay *r = *state;
	struct dns_tsig t = signature(0, START_S, 1);
	struct guard_replay_answer answer;

	memset(t.mac + 16, 7, 16);
	assert_int_equal(guard_replay_begin(r, &t, START_S, &answer), GUARD_REPLAY_NEW);
	end(r, 0, START_S, 1, DNS_RCODE_NOERROR);
	t.mac_nbytes = 16;
	memset(t.mac + 16, 0, 16);
	assert_int_equal(guard_replay_begin(r, &t, START_S, &answer), GUARD_REPLAY_DONE);
}

static void nothing_from_before_the_start(void **state)
{
	struct guard_replay *r = *state;

	assert_int_equal(begin(r, 0, START_S - 1, 1, START_S), GUARD_REPLAY_OLD);
	assert_int_equal(begin(r, 0, START_S, 2, START_S), GUARD_REPLAY_NEW);
	/* a key that signed ahead of our clock */
	assert_int_equal(guard_replay_forget(r, (const uint8_t *)"\2n2", START_S + 200), 0);
	assert_int_equal(begin(r, 1, START_S + 199, 3, START_S), GUARD_REPLAY_OLD);
	assert_int_equal(begin(r, 1, START_S + 200, 4, START_S), GUARD_REPLAY_NEW);
	assert_int_equal(begin(r, 0, START_S + 1, 5, START_S), GUARD_REPLAY_NEW);
	/* after the clock was set back by an hour, floors mean nothing */
	assert_int_equal(begin(r, 0, START_S - 3600, 6, START_S - 3600), GUARD_REPLAY_NEW);
	assert_int_equal(begin(r, 1, START_S - 3600, 7, START_S - 3600), GUARD_REPLAY_NEW);
}

static void clients_may_differ_in_time(void **state)
{
	struct guard_replay *r = *state;
	uint64_t now_s = START_S + 1000;

	for (uint32_t i = 0; i < 3000; i++) {
		uint64_t time_s = now_s + i / 100 - i % 2 * 3;

		assert_int_equal(begin(r, 0, time_s, i, now_s + i / 100), GUARD_REPLAY_NEW);
		end(r, 0, time_s, i, DNS_RCODE_NOERROR);
	}
	for (uint32_t i = 0; i < 3000; i++)
		assert_int_equal(begin(r, 0, now_s + i / 100 - i % 2 * 3, i, now_s + 30),
				 GUARD_REPLAY_DONE);
}

/* More than a key's memory holds: what is forgotten is refused, never done again, and another key
 * loses nothing. */
static void a_full_memory_refuses_what_is_older(void **state)
{
	struct guard_replay *r = *state;
	uint64_t now_s = START_S;
	uint32_t n = 0;

	assert_int_equal(begin(r, 1, START_S, 1, START_S), GUARD_REPLAY_NEW);
	end(r, 1, START_S, 1, DNS_RCODE_NOERROR);
	for (; n < 3 * GUARD_REPLAY_PER_KEY; n++) {
		now_s = START_S + n / 20000;
		assert_int_equal(begin(r, 0, now_s, n, now_s), GUARD_REPLAY_NEW);
		end(r, 0, now_s, n, DNS_RCODE_NOERROR);
	}
	for (uint32_t i = 0; i < n; i += 997) {
		enum guard_replay_verdict v = begin(r, 0, START_S + i / 20000, i, now_s);

		assert_true(v == GUARD_REPLAY_DONE || v == GUARD_REPLAY_OLD);
		assert_true(v == GUARD_REPLAY_DONE || i + GUARD_REPLAY_PER_KEY / 3 < n);
	}
	assert_int_equal(begin(r, 0, now_s, n, now_s), GUARD_REPLAY_NEW);
	assert_int_equal(begin(r, 1, START_S, 1, now_s), GUARD_REPLAY_DONE);
}

/* All in one second: what comes after a full memory is refused until the second is over. */
static void a_burst_of_one_second_is_bounded(void **state)
{
	struct guard_replay *r = *state;
	uint32_t n = 0;

	while (begin(r, 0, START_S, n, START_S) == GUARD_REPLAY_NEW)
		assert_true(++n <= GUARD_REPLAY_PER_KEY);
	assert_int_equal(n, GUARD_REPLAY_PER_KEY);
	assert_int_equal(begin(r, 0, START_S, n + 1, START_S), GUARD_REPLAY_OLD);
	assert_int_equal(begin(r, 0, START_S, 0, START_S), GUARD_REPLAY_OLD);
	assert_int_equal(begin(r, 0, START_S + 1, n, START_S + 1), GUARD_REPLAY_NEW);
}

/* What the fudge refuses takes no room, and keys that are not used any more are freed. */
static void old_entries_make_room(void **state)
{
	struct guard_replay *r = *state;

	for (uint32_t n = 0; n < 4 * GUARD_REPLAY_PER_KEY; n++) {
		uint64_t now_s = START_S + n / 100;

		assert_int_equal(begin(r, n & 1, now_s, n, now_s), GUARD_REPLAY_NEW);
	}
	assert_int_equal(begin(r, 0, START_S + 100000, 0, START_S + 100000), GUARD_REPLAY_NEW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_repeated_update_gets_its_old_answer, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_was_not_done_is_new_again, setup, teardown),
		cmocka_unit_test_setup_teardown(a_shorter_mac_is_the_same, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_from_before_the_start, setup, teardown),
		cmocka_unit_test_setup_teardown(clients_may_differ_in_time, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_memory_refuses_what_is_older, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_burst_of_one_second_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(old_entries_make_room, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
