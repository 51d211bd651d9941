/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/fabric.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

enum { NOW = 1800000000 };

static const uint8_t lab[] = "\3Lab\5cloud";

static struct fabric *fabric_make(void)
{
	struct fabric *f;

	assert_int_equal(fabric_new(&f, lab, NOW), 0);
	return f;
}

static void a_new_fabric_has_a_pair_and_one_epoch(void **state)
{
	struct fabric *f = fabric_make(), *g = fabric_make();
	uint8_t public_key[32], pair[64];

	(void)state;
	assert_memory_equal(f->name, "\3lab\5cloud", 11);
	assert_memory_equal(f->keys, "\4keys\3lab\5cloud", 16);
	assert_true(f->has_secrets);
	crypto_sign_seed_keypair(public_key, pair, f->seed);
	assert_memory_equal(public_key, f->public_key, 32);
	assert_int_equal(f->nepochs, 1);
	assert_int_equal(f->epoch[0].number, 1);
	assert_int_equal(f->epoch[0].begun_s, NOW);
	assert_memory_not_equal(f->seed, g->seed, 32);
	assert_memory_not_equal(f->epoch[0].master, g->epoch[0].master, 32);
	fabric_free(f);
	fabric_free(g);
}

static void a_name_without_room_for_keys_is_refused(void **state)
{
	uint8_t name[DNS_NAME_MAX] = {0};
	struct fabric *f;

	(void)state;
	assert_int_equal(fabric_new(&f, name, NOW), -EINVAL);
	for (unsigned i = 0; i < 248; i += 2)
		memcpy(name + i, "\1a", 2);
	assert_int_equal(fabric_new(&f, name, NOW), -ENAMETOOLONG);
	assert_int_equal(fabric_new(&f, name + 2, NOW), 0);
	fabric_free(f);
}

static void a_rotation_makes_a_new_master_and_keeps_a_few_old_ones(void **state)
{
	struct fabric *f = fabric_make();
	struct fabric_epoch first = f->epoch[0];
	uint8_t seed[32];

	(void)state;
	memcpy(seed, f->seed, sizeof(seed));
	for (uint32_t i = 1; i <= 10; i++) {
		struct fabric_epoch before = f->epoch[0];

		fabric_rotate(f, NOW + i);
		assert_int_equal(f->epoch[0].number, i + 1);
		assert_int_equal(f->epoch[0].begun_s, NOW + i);
		assert_memory_not_equal(f->epoch[0].master, before.master, 32);
		assert_memory_equal(&f->epoch[1], &before, sizeof(before));
		assert_int_equal(f->nepochs, i < 3 ? i + 1 : FABRIC_EPOCHS_MAX);
		if (i == 3)
			assert_memory_equal(f->epoch[3].master, first.master, 32);
	}
	assert_memory_equal(f->seed, seed, sizeof(seed));
	fabric_free(f);
}

static void the_epoch_before_is_valid_for_the_overlap(void **state)
{
	static const struct {
		unsigned i;
		uint32_t overlap_s;
		uint64_t now_s;
		bool is_valid;
	} cases[] = {
		{0, 0, NOW, true},	   {0, 0, 0, true},	      {1, 10, NOW + 100, true},
		{1, 10, NOW + 109, true},  {1, 10, NOW + 110, false}, {1, 0, NOW + 100, false},
		{2, 10, NOW + 100, false},
	};
	struct fabric *f = fabric_make();

	(void)state;
	fabric_rotate(f, NOW + 50);
	fabric_rotate(f, NOW + 100);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(
			fabric_epoch_is_valid(f, cases[i].i, cases[i].overlap_s, cases[i].now_s),
			cases[i].is_valid);
	fabric_free(f);
}

static void names_of_keys_are_read_as_people_write_them(void **state)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
		{"n1", "n1.keys.lab.cloud."},
		{"N1", "n1.keys.lab.cloud."},
		{"n1.keys.lab.cloud", "n1.keys.lab.cloud."},
		{"n1.KEYS.lab.cloud.", "n1.keys.lab.cloud."},
		{"a.b", "a.b.keys.lab.cloud."},
		{"lab.cloud", "lab.cloud.keys.lab.cloud."},
		{"n1.", NULL},
		{"keys.lab.cloud.", NULL},
		{"n1.keys.other.cloud.", NULL},
		{"n1.keyz.lab.cloud.", NULL},
		{"a..b", NULL},
		{".", NULL},
		{"", NULL},
	};
	struct fabric *f = fabric_make();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t name[DNS_NAME_MAX];
		char text[DNS_NAME_TEXT_MAX];
		size_t n = fabric_key_from_text(f, name, cases[i].text);

		if (cases[i].name == NULL) {
			assert_int_equal(n, 0);
			continue;
		}
		assert_int_equal(n, dns_name_nbytes(name));
		dns_name_to_text(text, name);
		assert_string_equal(text, cases[i].name);
		assert_true(fabric_has_key(f, name));
	}
	assert_false(fabric_has_key(f, f->keys));
	assert_false(fabric_has_key(f, f->name));
	fabric_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_fabric_has_a_pair_and_one_epoch),
		cmocka_unit_test(a_name_without_room_for_keys_is_refused),
		cmocka_unit_test(a_rotation_makes_a_new_master_and_keeps_a_few_old_ones),
		cmocka_unit_test(the_epoch_before_is_valid_for_the_overlap),
		cmocka_unit_test(names_of_keys_are_read_as_people_write_them),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
