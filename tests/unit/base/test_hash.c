/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/checksum.h"

#include "../hash_key.h"

static const char *program;

/* The hash of a name in a new process. */
static uint64_t hash_elsewhere(void)
{
	char command[4096];
	unsigned long long hash = 0;
	FILE *in;

	snprintf(command, sizeof(command), "%s --print", program);
	in = popen(command, "r");
	assert_non_null(in);
	assert_int_equal(fscanf(in, "%llx", &hash), 1);
	assert_int_equal(pclose(in), 0);
	return hash;
}

static void each_process_has_a_key_of_its_own(void **state)
{
	(void)state;
	assert_int_not_equal(hash_elsewhere(), hash_elsewhere());
}

static void a_hash_depends_on_key_salt_and_bytes(void **state)
{
	uint64_t first;

	(void)state;
	hash_key_fix(1);
	first = base_hash("name", 4, 3);
	assert_true(first == base_hash("name", 4, 3));
	assert_true(first != base_hash("name", 4, 4));
	assert_true(first != base_hash("mane", 4, 3));
	hash_key_fix(2);
	assert_true(first != base_hash("name", 4, 3));
}

static void a_wide_hash_depends_on_its_key(void **state)
{
	struct base_hash_wide first;

	(void)state;
	hash_key_fix(1);
	first = base_hash_wide("message", 7, 0);
	hash_key_fix(2);
	assert_true(first.low != base_hash_wide("message", 7, 0).low);
	assert_true(first.high != base_hash_wide("message", 7, 0).high);
}

/* What a peer can do that knows the function and guesses a seed: find names that meet. */
static void names_that_meet_under_a_constant_seed_do_not_meet(void **state)
{
	enum { SLOTS = 256, NAMES = 512 };
	unsigned count[SLOTS] = {0}, nfound = 0, most = 0;

	(void)state;
	hash_key_fix(0x9e3779b97f4a7c15);
	for (unsigned i = 0; nfound < NAMES; i++) {
		char name[16];
		size_t n = (size_t)snprintf(name, sizeof(name), "%x", i);

		if ((base_checksum(name, n, 3) & (SLOTS - 1)) != 0)
			continue;
		nfound++;
		count[base_hash(name, n, 3) & (SLOTS - 1)]++;
	}
	for (unsigned i = 0; i < SLOTS; i++)
		most = count[i] > most ? count[i] : most;
	assert_true(most < 16);
}

/* Stores that exist contain such values. */
static void a_checksum_is_the_same_for_ever(void **state)
{
	struct base_checksum_state s;

	(void)state;
	assert_true(base_checksum("", 0, 0) == 0x2d06800538d394c2);
	hash_key_fix(7);
	base_checksum_begin(&s, 9);
	base_checksum_add(&s, "ab", 2);
	base_checksum_add(&s, "c", 1);
	assert_true(base_checksum_end(&s) == base_checksum("abc", 3, 9));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_process_has_a_key_of_its_own),
		cmocka_unit_test(a_hash_depends_on_key_salt_and_bytes),
		cmocka_unit_test(a_wide_hash_depends_on_its_key),
		cmocka_unit_test(names_that_meet_under_a_constant_seed_do_not_meet),
		cmocka_unit_test(a_checksum_is_the_same_for_ever),
	};

	program = argv[0];
	if (argc > 1) {
		printf("%llx\n", (unsigned long long)base_hash("name", 4, 3));
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
