/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* `results` and the health after each: u, p, d, f. */
static void run(const char *results, const char *expected, unsigned rise, unsigned fall)
{
	static const char letters[] = "updf";
	struct supervise_health h = {SUPERVISE_UNKNOWN};

	for (size_t i = 0; results[i] != '\0'; i++) {
		enum supervise_verdict before = h.now;
		enum supervise_verdict verdict =
			(enum supervise_verdict)(strchr(letters, results[i]) - letters);
		bool has_changed = supervise_health_add(&h, verdict, rise, fall);

		assert_int_equal(letters[h.now], expected[i]);
		assert_int_equal(has_changed, h.now != before);
		assert_int_equal(h.last, verdict);
	}
}

static void health_follows_results_by_rise_and_fall(void **state)
{
	static const struct {
		const char *results, *expected;
		unsigned rise, fall;
	} cases[] = {
		{"p", "p", 1, 1},	  {"f", "f", 1, 1},	      {"pfp", "pfp", 1, 1},
		{"pffp", "ppfp", 1, 2},	  {"pfpfpf", "pppppp", 1, 2}, {"ppfffpp", "uppfffp", 2, 2},
		{"fffpp", "uuffp", 2, 3}, {"pdpd", "pdpd", 1, 3},     {"pdffdp", "pddddp", 1, 3},
		{"dd", "ud", 2, 1},	  {"pd", "ud", 2, 1},	      {"fpfp", "uuuu", 2, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		run(cases[i].results, cases[i].expected, cases[i].rise, cases[i].fall);
}

static void verdicts_have_words(void **state)
{
	(void)state;
	assert_string_equal(supervise_verdict_to_text(SUPERVISE_UNKNOWN), "unknown");
	assert_string_equal(supervise_verdict_to_text(SUPERVISE_PASSED), "passed");
	assert_string_equal(supervise_verdict_to_text(SUPERVISE_DEGRADED), "degraded");
	assert_string_equal(supervise_verdict_to_text(SUPERVISE_FAILED), "failed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(health_follows_results_by_rise_and_fall),
		cmocka_unit_test(verdicts_have_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
