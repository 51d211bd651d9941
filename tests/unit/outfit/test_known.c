/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/known.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void a_copy_has_all_of_it(void **state)
{
	char id[] = "id", label[] = "web-1", name[] = "db", value[] = "192.0.2.1:1";
	struct spec_pair uses[] = {{name, value}};
	struct sockaddr_storage addresses[OUTFIT_ADDRESSES_MAX + 1] = {{.ss_family = 7}};
	struct outfit_facts facts = {.id = id,
				     .label = label,
				     .inc = 9,
				     .must_restore = true,
				     .uses = uses,
				     .nuses = 1,
				     .addresses = addresses,
				     .naddresses = OUTFIT_ADDRESSES_MAX + 1};
	struct outfit_known known = {0};

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(outfit_known_set(&known, &facts), 0);
	id[0] = label[0] = name[0] = value[0] = 'x';
	addresses[0].ss_family = 0;
	assert_string_equal(known.facts.id, "id");
	assert_string_equal(known.facts.label, "web-1");
	assert_string_equal(known.facts.uses[0].name, "db");
	assert_string_equal(known.facts.uses[0].value, "192.0.2.1:1");
	assert_int_equal(known.facts.addresses[0].ss_family, 7);
	assert_int_equal(known.facts.naddresses, OUTFIT_ADDRESSES_MAX);
	assert_int_equal(known.facts.inc, 9);
	assert_true(known.facts.must_restore);
	/* Of itself: its own texts may be given. */
	assert_int_equal(outfit_known_set(&known, &known.facts), 0);
	assert_string_equal(known.facts.uses[0].value, "192.0.2.1:1");
	outfit_known_fini(&known);
	outfit_known_fini(&known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_has_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
