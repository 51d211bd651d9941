/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/revoked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void name_make(uint8_t out[static DNS_NAME_MAX], unsigned number)
{
	char text[64];

	snprintf(text, sizeof(text), "n%u.keys.lab.cloud", number);
	assert_true(dns_name_from_text(out, text, strlen(text), NULL) > 0);
}

static void revoked_names_come_and_go_in_any_order(void **state)
{
	enum { COUNT = 200 };
	struct fabric_revoked *set = NULL, *next;
	uint8_t name[DNS_NAME_MAX];

	(void)state;
	for (unsigned i = 0; i < 2 * COUNT; i++) {
		name_make(name, i * 37 % COUNT);
		next = fabric_revoked_with(set, name, i);
		fabric_revoked_free(set);
		set = next;
	}
	assert_int_equal(set->count, COUNT);
	for (unsigned i = 0; i < COUNT; i += 2) {
		name_make(name, i);
		next = fabric_revoked_without(set, name);
		fabric_revoked_free(set);
		set = next;
	}
	assert_int_equal(set->count, COUNT / 2);
	for (unsigned i = 0; i < COUNT; i++) {
		const struct fabric_revoked_key *k;

		name_make(name, i);
		k = fabric_revoked_find(set, name, dns_name_nbytes(name));
		assert_int_equal(k != NULL, i % 2);
		if (k != NULL)
			assert_int_equal(k->since_s % COUNT * 37 % COUNT, i);
	}
	name_make(name, 0);
	next = fabric_revoked_without(set, name);
	assert_int_equal(next->count, set->count);
	fabric_revoked_free(next);
	fabric_revoked_free(set);
	assert_null(fabric_revoked_find(NULL, name, dns_name_nbytes(name)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(revoked_names_come_and_go_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
