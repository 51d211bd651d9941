/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/pairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dnssd/txt.h"

static void pairs_are_strings_of_a_txt(void **state)
{
	struct agent_pairs p = {0};
	const uint8_t *value;
	size_t n;

	(void)state;
	agent_pairs_add(&p, "node", "n1");
	agent_pairs_add(&p, "empty", "");
	agent_pairs_add_number(&p, "age", UINT64_MAX);
	assert_memory_equal(p.bytes, "\7node=n1\6empty=", 15);
	value = dnssd_txt_find(p.bytes, p.nbytes, "age", &n);
	assert_non_null(value);
	assert_int_equal(n, 20);
	assert_memory_equal(value, "18446744073709551615", 20);
}

static void a_long_value_is_cut_to_a_string(void **state)
{
	struct agent_pairs p = {0};
	char value[400];
	size_t n;

	(void)state;
	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	agent_pairs_add(&p, "why", value);
	assert_int_equal(p.nbytes, 256);
	assert_int_equal(p.bytes[0], 255);
	assert_non_null(dnssd_txt_find(p.bytes, p.nbytes, "why", &n));
	assert_int_equal(n, 251);
	agent_pairs_add(&p, value, "x");
	assert_int_equal(p.nbytes, 256);
}

static void what_has_no_room_is_left_out(void **state)
{
	struct agent_pairs p = {0};
	char value[251];
	size_t before;

	(void)state;
	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	do {
		before = p.nbytes;
		agent_pairs_add(&p, "key", value);
	} while (p.nbytes > before);
	assert_true(p.nbytes <= AGENT_PAIRS_MAX);
	agent_pairs_add(&p, "k", "v");
	assert_int_equal(p.nbytes, before + 4);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_are_strings_of_a_txt),
		cmocka_unit_test(a_long_value_is_cut_to_a_string),
		cmocka_unit_test(what_has_no_room_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
