/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <weft/context.h>

#include "api/description.h"

#include "../memory.h"

static const uint8_t name[] = "\3web\5_http\4_tcp";

static struct api_description *description(void)
{
	struct api_description *d = api_description_new(name, 80);

	assert_non_null(d);
	return d;
}

static int set(struct api_description *d, const char *key, const char *value)
{
	return api_description_set_txt(d, key, value, value != NULL ? strlen(value) : 0);
}

static void keys_are_those_of_rfc_6763(void **state)
{
	static const struct {
		const char *key;
		int error;
	} cases[] = {
		{"path", WEFT_OK},	   {"a b", WEFT_OK},	 {"~", WEFT_OK},
		{"", WEFT_E_TEXT},	   {"a=b", WEFT_E_TEXT}, {"a\tb", WEFT_E_TEXT},
		{"\xc3\xa4", WEFT_E_TEXT}, {"id", WEFT_E_TEXT},	 {"Inc", WEFT_E_TEXT},
		{"STATE", WEFT_E_TEXT},	   {NULL, WEFT_E_TEXT},
	};
	struct api_description *d = description();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(set(d, cases[i].key, "x"), cases[i].error);
	assert_int_equal(api_description_unset_txt(d, "id"), WEFT_E_TEXT);
	api_description_free(d);
	api_description_free(NULL);
}

static void a_pair_is_replaced_where_it_is(void **state)
{
	struct api_description *d = description();

	(void)state;
	assert_int_equal(set(d, "a", "1"), WEFT_OK);
	assert_int_equal(set(d, "ab", NULL), WEFT_OK);
	assert_int_equal(set(d, "c", ""), WEFT_OK);
	assert_int_equal(set(d, "AB", "23"), WEFT_OK);
	assert_int_equal(d->settings.ntxt, 13);
	assert_memory_equal(d->settings.txt, "\3a=1\5AB=23\2c=", 13);
	assert_int_equal(api_description_unset_txt(d, "a"), WEFT_OK);
	assert_int_equal(api_description_unset_txt(d, "none"), WEFT_OK);
	assert_int_equal(d->settings.ntxt, 9);
	assert_memory_equal(d->settings.txt, "\5AB=23\2c=", 9);
	api_description_free(d);
}

static void pairs_and_records_have_limits(void **state)
{
	struct api_description *d = description();
	char value[300], key[4] = "k00";
	size_t n;
	int ret;

	(void)state;
	memset(value, 'x', sizeof(value));
	assert_int_equal(api_description_set_txt(d, "k", value, 253), WEFT_OK);
	n = d->settings.ntxt;
	assert_int_equal(api_description_set_txt(d, "k", value, 254), WEFT_E_TEXT);
	assert_int_equal(api_description_set_txt(d, "k", value, SIZE_MAX), WEFT_E_TEXT);
	value[256] = '\0';
	assert_int_equal(api_description_set_txt(d, value, NULL, 0), WEFT_E_TEXT);
	assert_int_equal(d->settings.ntxt, n);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "k%02u", i);
		n = d->settings.ntxt;
		ret = api_description_set_txt(d, key, value, 251);
		if (ret != WEFT_OK)
			break;
	}
	assert_int_equal(ret, WEFT_E_TEXT);
	assert_int_equal(d->settings.ntxt, n);
	assert_in_range(d->settings.ntxt, API_TXT_MAX - 256, API_TXT_MAX);
	api_description_free(d);
}

static void addresses_are_read_as_a_whole_or_not_at_all(void **state)
{
	struct api_description *d = description();

	(void)state;
	assert_int_equal(api_description_set_addresses(d, " 192.0.2.1, 2001:db8::1\t"), WEFT_OK);
	assert_int_equal(d->settings.naddresses, 2);
	assert_int_equal(d->settings.addresses[0].ss_family, AF_INET);
	assert_int_equal(d->settings.addresses[1].ss_family, AF_INET6);
	assert_int_equal(api_description_set_addresses(d, "192.0.2.1 n1"), WEFT_E_ARGUMENT);
	assert_int_equal(api_description_set_addresses(d, "192.0.2.1@53"), WEFT_E_ARGUMENT);
	assert_int_equal(d->settings.naddresses, 2);
	assert_int_equal(api_description_set_addresses(d, NULL), WEFT_OK);
	assert_int_equal(d->settings.naddresses, 0);
	api_description_free(d);
}

static void there_are_at_most_32_subtypes(void **state)
{
	struct api_description *d = description();
	char subtype[4] = "_aa";

	(void)state;
	for (int i = 0; i < API_SUBTYPES_MAX; i++) {
		subtype[2] = (char)('A' + i);
		assert_int_equal(api_description_add_subtype(d, subtype), WEFT_OK);
		assert_int_equal(api_description_add_subtype(d, subtype), WEFT_OK);
	}
	assert_int_equal(d->settings.nsubtypes, API_SUBTYPES_MAX);
	assert_int_equal(api_description_add_subtype(d, "_more"), WEFT_E_TOO_LARGE);
	assert_int_equal(api_description_add_subtype(d, ""), WEFT_E_NAME);
	api_description_free(d);
}

static void without_memory_a_copy_is_not_made(void **state)
{
	struct api_description *d = description(), *copy;
	int n = 0;

	(void)state;
	assert_int_equal(set(d, "a", "1"), WEFT_OK);
	assert_int_equal(api_description_set_id(d, "seven"), WEFT_OK);
	assert_int_equal(api_description_add_subtype(d, "_x"), WEFT_OK);
	assert_int_equal(api_description_add_subtype(d, "_y"), WEFT_OK);
	do {
		memory_fail_after(n++);
		copy = api_description_copy(d);
		assert_true((copy == NULL) == memory_has_failed());
	} while (memory_has_failed());
	memory_fail_after(MEMORY_ENOUGH);
	assert_int_equal(n, 6);
	assert_string_equal(copy->settings.id, "seven");
	assert_string_equal(copy->settings.subtypes[1], "_y");
	assert_ptr_not_equal(copy->settings.txt, d->settings.txt);
	assert_int_equal(copy->settings.lease_s, API_LEASE_S);
	api_description_free(copy);
	api_description_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_those_of_rfc_6763),
		cmocka_unit_test(a_pair_is_replaced_where_it_is),
		cmocka_unit_test(pairs_and_records_have_limits),
		cmocka_unit_test(addresses_are_read_as_a_whole_or_not_at_all),
		cmocka_unit_test(there_are_at_most_32_subtypes),
		cmocka_unit_test(without_memory_a_copy_is_not_made),
	};

	return cmocka_run_group_tests_name("api/description", tests, NULL, NULL);
}
