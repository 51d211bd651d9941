/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "dns/update.h"
#include "update/sort.h"

/* Records in the order in which they must be: of an owner the deletes, by type, then what is added,
 * by type and rdata. The last three are equal. */
static const struct {
	const char *owner;
	uint16_t rrclass, type;
	const char *target;
} rows[] = {
	{"a", DNS_CLASS_NONE, DNS_TYPE_PTR, "x"}, {"a", DNS_CLASS_ANY, DNS_TYPE_TXT, NULL},
	{"a", DNS_CLASS_ANY, DNS_TYPE_ANY, NULL}, {"a", DNS_CLASS_IN, DNS_TYPE_NS, "z"},
	{"a", DNS_CLASS_IN, DNS_TYPE_PTR, "x"},	  {"A", DNS_CLASS_IN, DNS_TYPE_PTR, "y"},
	{"b", DNS_CLASS_IN, DNS_TYPE_PTR, "x"},	  {"b", DNS_CLASS_IN, DNS_TYPE_PTR, "X"},
	{"B", DNS_CLASS_IN, DNS_TYPE_PTR, "x"},
};

enum { ROWS = sizeof(rows) / sizeof(*rows), DISTINCT = ROWS - 2 };

static const uint8_t *copy(uint8_t out[static DNS_NAME_MAX], const char *text)
{
	const uint8_t *name = kit_name(text);

	return memcpy(out, name, dns_name_nbytes(name));
}

static void records_of_a_name_and_of_a_set_follow_each_other(void **state)
{
	static uint8_t names[2 * ROWS][DNS_NAME_MAX];
	const struct dns_update_record *sorted[ROWS];
	struct dns_update_record records[ROWS] = {{0}};

	(void)state;
	srand(3);
	for (unsigned round = 0; round < 200; round++) {
		unsigned at[ROWS];

		for (unsigned i = 0; i < ROWS; i++)
			at[i] = i;
		for (unsigned i = DISTINCT; i-- > 1;) {
			unsigned k = (unsigned)rand() % (i + 1), other = at[i];

			at[i] = at[k];
			at[k] = other;
		}
		for (unsigned i = 0; i < ROWS; i++) {
			struct dns_update_record *r = &records[i];
			const char *target = rows[at[i]].target;

			r->owner = copy(names[2 * i], rows[at[i]].owner);
			r->rrclass = rows[at[i]].rrclass;
			r->type = rows[at[i]].type;
			r->rdata = NULL;
			r->nbytes = 0;
			if (target != NULL) {
				r->rdata = copy(names[2 * i + 1], target);
				r->nbytes = (uint16_t)dns_name_nbytes(r->rdata);
			}
			sorted[i] = r;
		}
		update_sort(sorted, ROWS);
		for (unsigned i = 0; i < ROWS; i++) {
			assert_int_equal(at[sorted[i] - records], i);
			if (i > 0)
				assert_int_equal(update_sort_compare(sorted[i - 1], sorted[i]) == 0,
						 i >= DISTINCT);
		}
	}
}

static void no_record_and_one_are_sorted(void **state)
{
	struct dns_update_record r = {.owner = kit_name("a")};
	const struct dns_update_record *one = &r;

	(void)state;
	update_sort(NULL, 0);
	update_sort(&one, 1);
	assert_ptr_equal(one, &r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_a_name_and_of_a_set_follow_each_other),
		cmocka_unit_test(no_record_and_one_are_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
