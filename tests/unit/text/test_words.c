/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/name.h"
#include "text/words.h"

static const uint8_t origin[] = "\3lab\5cloud";

/* The words of a text, which lives as long as the program. */
static struct text_words words(const char *text)
{
	static struct text_entry e;
	static char copy[2048];
	const char *at = copy;
	struct text_words w;

	text_entry_fini(&e);
	e.line = 1;
	strcpy(copy, text);
	strcat(copy, "\n");
	assert_int_equal(text_entry_scan(&e, &at, copy + strlen(text), true), TEXT_SCAN_ENTRY);
	text_words_init(&w, &e, origin, sizeof(origin));
	return w;
}

static void a_name_is_completed_with_the_origin(void **state)
{
	static const struct {
		const char *text, *name; /* NULL: not a name */
	} cases[] = {
		{"a", "a.lab.cloud."},
		{"a.b", "a.b.lab.cloud."},
		{"a.b.", "a.b."},
		{"@", "lab.cloud."},
		{".", "."},
		{"a\\.b", "a\\.b.lab.cloud."},
		{"\\097.", "a."},
		{"\"a\"", "a.lab.cloud."},
		{"\"@\"", "\\@.lab.cloud."},
		{"a..b", NULL},
		{".a", NULL},
		{"\"\"", NULL},
		{"\\256", NULL},
		{"0123456789012345678901234567890123456789012345678901234567890123", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct text_words w = words(cases[i].text);
		uint8_t name[DNS_NAME_MAX], wanted[DNS_NAME_MAX];
		size_t n = text_words_name(&w, name);

		assert_int_equal(n == 0, cases[i].name == NULL);
		assert_int_equal(text_words_has_failed(&w), cases[i].name == NULL);
		if (n == 0)
			continue;
		assert_int_equal(
			dns_name_from_text(wanted, cases[i].name, strlen(cases[i].name), NULL), n);
		assert_memory_equal(name, wanted, n);
	}
}

static void only_the_first_failure_is_kept(void **state)
{
	struct text_words w = words("(a\nb\nc)");
	const struct text_token *t;

	(void)state;
	text_words_take(&w, "");
	t = text_words_take(&w, "");
	text_words_fail(&w, t, "is %s", "odd");
	assert_null(text_words_take(&w, "more is missing"));
	assert_int_equal(w.error.code, -EBADMSG);
	assert_int_equal(w.error.at.line, 2);
	assert_string_equal(w.error.text, "\"b\" is odd");
}

static void a_missing_word_is_reported_at_the_last_line(void **state)
{
	struct text_words w = words("(a\nb)");

	(void)state;
	assert_non_null(text_words_take(&w, ""));
	assert_non_null(text_words_take(&w, ""));
	assert_false(text_words_has_failed(&w));
	assert_null(text_words_take(&w, "the TTL is missing"));
	assert_int_equal(w.error.at.line, 2);
	assert_string_equal(w.error.text, "the TTL is missing");
}

static void a_long_word_is_cut_in_the_message(void **state)
{
	char text[101], wanted[128];
	struct text_words w;

	(void)state;
	memset(text, 'x', 100);
	text[100] = '\0';
	w = words(text);
	text_words_fail(&w, text_words_take(&w, ""), "is odd");
	memset(wanted, 'x', sizeof(wanted));
	wanted[0] = '"';
	strcpy(wanted + 65, "...\" is odd");
	assert_string_equal(w.error.text, wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_completed_with_the_origin),
		cmocka_unit_test(only_the_first_failure_is_kept),
		cmocka_unit_test(a_missing_word_is_reported_at_the_last_line),
		cmocka_unit_test(a_long_word_is_cut_in_the_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
