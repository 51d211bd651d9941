/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dnssd/txt.h"

/* Makes rdata of character-strings, separated by '|' in `text`. */
static size_t txt(uint8_t *out, const char *strings)
{
	size_t n = 0;

	for (const char *p = strings; p != NULL;
	     p = strchr(p, '|') == NULL ? NULL : strchr(p, '|') + 1) {
		size_t length = strcspn(p, "|");

		out[n] = (uint8_t)length;
		memcpy(out + n + 1, p, length);
		n += 1 + length;
	}
	return n;
}

/* Returns the value of `key` in these character-strings as text: "-" if it is absent or without
 * value. */
static const char *find(const char *strings, const char *key)
{
	static char text[256];
	uint8_t rdata[256];
	size_t n;
	const uint8_t *value = dnssd_txt_find(rdata, txt(rdata, strings), key, &n);

	if (value == NULL)
		return "-";
	memcpy(text, value, n);
	text[n] = '\0';
	return text;
}

static void the_first_pair_with_a_key_has_its_value(void **state)
{
	static const struct {
		const char *strings, *key, *value;
	} cases[] = {
		{"", "inc", "-"},	   {"a=b", "inc", "-"},		{"inc=7", "inc", "7"},
		{"a=b|INC=7", "inc", "7"}, {"inc=7|inc=8", "inc", "7"}, {"inc|inc=8", "inc", "-"},
		{"inc=", "inc", ""},	   {"inc=a=b", "inc", "a=b"},	{"in=1|incs=2", "inc", "-"},
		{"|inc=7", "inc", "7"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(find(cases[i].strings, cases[i].key), cases[i].value);
}

static void a_string_that_is_cut_short_has_no_pairs(void **state)
{
	size_t n;

	(void)state;
	assert_null(dnssd_txt_find((const uint8_t *)"\6inc=7", 6, "inc", &n));
	assert_null(dnssd_txt_find((const uint8_t *)"", 0, "inc", &n));
}

static void a_state_has_one_of_its_values(void **state)
{
	static const struct {
		const char *value;
		enum dnssd_state state;
	} cases[] = {
		{"up", DNSSD_UP},
		{"starting", DNSSD_STARTING},
		{"Draining", DNSSD_DRAINING},
		{"FAILED", DNSSD_FAILED},
		{"assigned", DNSSD_ASSIGNED},
		{"preparing", DNSSD_PREPARING},
		{"Stopped", DNSSD_STOPPED},
		{"failedx", DNSSD_UP},
		{"fail", DNSSD_UP},
		{"", DNSSD_UP},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(
			dnssd_txt_state((const uint8_t *)cases[i].value, strlen(cases[i].value)),
			cases[i].state);
	assert_int_equal(dnssd_txt_state(NULL, 0), DNSSD_UP);
}

static void a_key_is_set_where_it_was_or_at_the_end(void **state)
{
	static const char *const rows[][2] = {
		{"", "state=x"},
		{"a=b", "a=b|state=x"},
		{"a=b|state=up|c=d", "a=b|state=x|c=d"},
		{"STATE=up", "state=x"},
		{"state", "state=x"},
		{"state=", "state=x"},
		{"state=up|state=failed", "state=x"},
		{"states=up", "states=up|state=x"},
		{"stat", "stat|state=x"},
		{"a=b||c", "a=b|c|state=x"},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint8_t from[256], wanted[256], to[256];
		size_t nfrom = txt(from, rows[i][0]), nwanted = txt(wanted, rows[i][1]);

		assert_int_equal(dnssd_txt_set(to, sizeof(to), from, nfrom, "state", "x"), nwanted);
		assert_memory_equal(to, wanted, nwanted);
		/* Setting the same value a second time changes nothing. */
		assert_int_equal(dnssd_txt_set(from, sizeof(from), to, nwanted, "state", "x"),
				 nwanted);
		assert_memory_equal(from, wanted, nwanted);
		assert_int_equal(dnssd_txt_set(to, nwanted - 1, wanted, nwanted, "state", "x"), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_pair_with_a_key_has_its_value),
		cmocka_unit_test(a_string_that_is_cut_short_has_no_pairs),
		cmocka_unit_test(a_state_has_one_of_its_values),
		cmocka_unit_test(a_key_is_set_where_it_was_or_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
