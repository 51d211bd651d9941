/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <stdio.h>
#include <stdlib.h>

static void suspects_are_kept_as_the_panic_rule_says(void **state)
{
	static const struct {
		enum view_panic panic;
		bool first, last;
	} rows[] = {{VIEW_PANIC_ALL, true, true},
		    {VIEW_PANIC_LAST, false, true},
		    {VIEW_PANIC_NONE, false, false}};
	struct kit_world *w = *state;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		w->services.suspect.panic = rows[i].panic;
		assert_int_equal(kit_do(w, "n1", 300, 0,
					"+ a._x._tcp SRV 80 n1.nodes; + b._x._tcp SRV 81 n1.nodes"),
				 0);
		for (unsigned k = 0; k < 4; k++) {
			static const char *const reports[] = {
				"+ _suspect.a._x._tcp TXT n2", "+ _suspect.a._x._tcp TXT n3",
				"+ _suspect.b._x._tcp TXT n2", "+ _suspect.b._x._tcp TXT n3"};

			assert_int_equal(kit_do(w, k % 2 == 0 ? "n2" : "n3", 0, 0, reports[k]), 0);
			kit_pass(w, 100);
		}
		assert_int_equal(kit_points(w, "_x._tcp", "a._x._tcp"), rows[i].first);
		assert_int_equal(kit_points(w, "_x._tcp", "b._x._tcp"), rows[i].last);
		assert_int_equal(kit_wrong(w), 0);
		/* One instance that is not suspect ends the panic. */
		assert_int_equal(kit_do(w, "n1", 300, 0, "+ c._x._tcp SRV 82 n1.nodes"), 0);
		assert_false(kit_points(w, "_x._tcp", "a._x._tcp") ||
			     kit_points(w, "_x._tcp", "b._x._tcp"));
		assert_int_equal(kit_do(w, "n1", 0, 0, "- c._x._tcp; - a._x._tcp; - b._x._tcp"), 0);
		kit_pass(w, 20000);
	}
}

/* Panics begin, change and end in any order, several in one batch, and batches are undone. */
static void suspects_are_right_whatever_their_order(void **state)
{
	static const enum view_panic rules[] = {VIEW_PANIC_ALL, VIEW_PANIC_LAST, VIEW_PANIC_NONE};
	struct kit_world *w = *state;
	char text[160];

	srand(11);
	for (unsigned round = 0; round < 1200; round++) {
		if (round % 400 == 0) {
			w->services.suspect.panic = rules[round / 400];
			kit_restart(w, 0);
		}
		for (unsigned n = 1 + (unsigned)rand() % 3; n > 0; n--) {
			char i = (char)('a' + rand() % 4), type = (char)('x' + rand() % 2);
			const char *key = "n1";

			switch (rand() % 6) {
			case 0:
				snprintf(text, sizeof(text), "+ %c._%c._tcp SRV 80 n1.nodes", i,
					 type);
				break;
			case 1:
				snprintf(text, sizeof(text), "- %c._%c._tcp", i, type);
				break;
			case 2:
				snprintf(text, sizeof(text),
					 "- %c._%c._tcp TXT; + %c._%c._tcp TXT state=%s", i, type,
					 i, type, rand() % 2 ? "up" : "failed");
				break;
			default:
				key = rand() % 2 ? "n2" : "n3";
				snprintf(text, sizeof(text), "+ _suspect.%c._%c._tcp TXT %s", i,
					 type, key);
			}
			assert_true(kit_update(w, key, 300, 0, text) >= 0);
		}
		if (rand() % 4 == 0)
			kit_undo(w);
		else
			assert_true(kit_commit(w, false) >= 0);
		kit_pass(w, 100);
		assert_int_equal(kit_wrong(w), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(suspects_are_kept_as_the_panic_rule_says),
		TEST(suspects_are_right_whatever_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
