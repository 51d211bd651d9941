/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/state.h"

static void words_are_replaced_and_cleared(void **state)
{
	struct agent_words w = {0};

	(void)state;
	assert_string_equal(agent_words_get(&w), "");
	agent_words_set(&w, "name %s is held by %s", "web", "web-2");
	assert_string_equal(agent_words_get(&w), "name web is held by web-2");
	agent_words_set(&w, "because %s", agent_words_get(&w));
	assert_string_equal(agent_words_get(&w), "because name web is held by web-2");
	agent_words_set(&w, "%s", "");
	assert_null(w.text);
	agent_words_set(&w, "x");
	agent_words_clear(&w);
	assert_null(w.text);
	assert_string_equal(agent_words_get(&w), "");
}

static void words_are_cut_where_a_reason_is(void **state)
{
	struct agent_words w = {0};
	char text[2 * AGENT_REASON_MAX];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	agent_words_set(&w, "%s", text);
	assert_int_equal(strlen(agent_words_get(&w)), AGENT_REASON_MAX - 1);
	agent_words_clear(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_replaced_and_cleared),
		cmocka_unit_test(words_are_cut_where_a_reason_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
