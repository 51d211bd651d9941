/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/token.h"

/* The entries of a text as one line each: "LINE[ ]: token|"token"...", or "LINE! error". A `+` at
 * the end means that more text is needed. */
static const char *scan(const char *text, bool is_last)
{
	static char out[1024];
	char *copy = malloc(strlen(text) + 2);
	const char *at = copy, *end = copy + strlen(text);
	struct text_entry e = {.line = 1};
	enum text_scan result;
	size_t n = 0;

	strcpy(copy, text);
	strcat(copy, "\n");
	out[0] = '\0';
	while ((result = text_entry_scan(&e, &at, end, is_last)) == TEXT_SCAN_ENTRY) {
		if (e.error != NULL) {
			n += (size_t)sprintf(out + n, "%u! %s\n", e.error_line, e.error);
			continue;
		}
		n += (size_t)sprintf(out + n, "%u%s:", e.tokens[0].line, e.is_blank ? " " : "");
		for (uint32_t i = 0; i < e.ntokens; i++)
			n += (size_t)sprintf(
				out + n, e.tokens[i].is_quoted ? "%s\"%.*s\"" : "%s%.*s",
				i > 0 ? "|" : "", (int)e.tokens[i].nchars, e.tokens[i].text);
		n += (size_t)sprintf(out + n, "\n");
	}
	assert_int_not_equal(result, TEXT_SCAN_MEMORY);
	if (result == TEXT_SCAN_MORE)
		strcpy(out + n, "+");
	text_entry_fini(&e);
	free(copy);
	return out;
}

static void an_entry_is_cut_into_tokens(void **state)
{
	static const struct {
		const char *text, *entries;
	} cases[] = {
		{"", ""},
		{"\n \t\r\n;x\n", ""},
		{"a b c", "1:a|b|c\n"},
		{"a\tb \r\n", "1:a|b\n"},
		{" a", "1 :a\n"},
		{"a ; b\nc", "1:a\n2:c\n"},
		{"a \"b c\" d", "1:a|\"b c\"|d\n"},
		{"a \"\"", "1:a|\"\"\n"},
		{"k=\"b c\";d", "1:k=|\"b c\"\n"},
		{"ef\"gh\"ij", "1:ef|\"gh\"|ij\n"},
		{"a \"b\n(c\"\nd", "1:a|\"b\n(c\"\n3:d\n"},
		{"a ( b ; x\n c ) d\ne", "1:a|b|c|d\n3:e\n"},
		{"a ((b) c\n)", "1:a|b|c\n"},
		{"a\\ b\\;c \\\"d", "1:a\\ b\\;c|\\\"d\n"},
		{"\"a\\\"b\"", "1:\"a\\\"b\"\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(scan(cases[i].text, true), cases[i].entries);
}

static void a_malformed_entry_has_its_first_error_and_line(void **state)
{
	static const struct {
		const char *text, *entries;
	} cases[] = {
		{"a \"b\nc", "1! a quoted string without its closing quote\n"},
		{"a (\nb\n", "1! a parenthesis that is not closed\n"},
		{"a\nb )\nc", "1:a\n2! a closing parenthesis without an opening one\n3:c\n"},
		{"a \\\nb", "1! a backslash at the end of the line\n2:b\n"},
		{"(\na ) ) \"", "2! a closing parenthesis without an opening one\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(scan(cases[i].text, true), cases[i].entries);
}

static void an_entry_that_may_go_on_needs_more_text(void **state)
{
	(void)state;
	assert_string_equal(scan("a b\nc d", false), "1:a|b\n+");
	assert_string_equal(scan("a (\nb", false), "+");
	assert_string_equal(scan("", false), "+");
}

static void a_nul_is_an_error(void **state)
{
	static const char text[] = "a\0b\nc\n";
	const char *at = text;
	struct text_entry e = {.line = 1};

	(void)state;
	assert_int_equal(text_entry_scan(&e, &at, text + sizeof(text) - 2, true), TEXT_SCAN_ENTRY);
	assert_string_equal(e.error, "a NUL in the file");
	assert_int_equal(text_entry_scan(&e, &at, text + sizeof(text) - 2, true), TEXT_SCAN_ENTRY);
	assert_null(e.error);
	text_entry_fini(&e);
}

static void a_word_is_compared_whole_and_in_any_case(void **state)
{
	struct text_token t = {.text = "CH", .nchars = 2};

	(void)state;
	assert_true(text_token_is(&t, "ch"));
	assert_false(text_token_is(&t, "c"));
	assert_false(text_token_is(&t, "cha"));
	t.is_quoted = true;
	assert_false(text_token_is(&t, "ch"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_cut_into_tokens),
		cmocka_unit_test(a_malformed_entry_has_its_first_error_and_line),
		cmocka_unit_test(an_entry_that_may_go_on_needs_more_text),
		cmocka_unit_test(a_nul_is_an_error),
		cmocka_unit_test(a_word_is_compared_whole_and_in_any_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
