/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { INSTANCES = 100 };

static struct agent_instance instances[INSTANCES];

static void instances_are_found_by_name_and_in_order(void **state)
{
	struct agent a = {0};
	uint8_t other[DNS_NAME_MAX];

	(void)state;
	for (size_t n = 0; n < INSTANCES; n++) {
		struct agent_instance *i = &instances[n * 37 % INSTANCES];
		char text[64];

		snprintf(text, sizeof(text), "web-%zu._http._tcp.lab.cloud", n);
		assert_true(dns_name_from_text(i->name, text, strlen(text), NULL) > 0);
		assert_null(agent_table_find(&a, i->name));
		assert_int_equal(agent_table_add(&a, i), 0);
		assert_ptr_equal(agent_table_find(&a, i->name), i);
	}
	for (size_t n = 1; n < INSTANCES; n++)
		assert_true(dns_name_compare(a.instances[n - 1]->name, a.instances[n]->name) < 0);
	assert_true(dns_name_from_text(other, "WEB-17._HTTP._tcp.lab.cloud", 27, NULL) > 0);
	assert_non_null(agent_table_find(&a, other));
	for (size_t n = 0; n < INSTANCES; n++) {
		assert_ptr_equal(agent_table_find(&a, instances[n].name), &instances[n]);
		agent_table_remove(&a, &instances[n]);
		assert_null(agent_table_find(&a, instances[n].name));
	}
	assert_int_equal(a.ninstances, 0);
	free((void *)a.instances);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(instances_are_found_by_name_and_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
