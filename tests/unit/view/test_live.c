/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include "view/live.h"
#include "view/mark.h"

#define TYPE "_http._tcp"
#define WEB "web." TYPE

static void an_instance_is_up_by_its_srv_its_state_and_its_mark(void **state)
{
	static const struct {
		const char *update;
		bool is_drained, is_suspect, is_up;
	} rows[] = {
		{"+ " WEB " TXT a=b", false, false, false},
		{"+ " WEB " SRV 80 n1.nodes", false, false, true},
		{"+ " WEB " SRV 80 .", false, false, false},
		{"+ " WEB " SRV 80 .; + " WEB " SRV 81 n1.nodes", false, false, true},
		{"+ " WEB " SRV 80 n1.nodes; + " WEB " TXT state=up", false, false, true},
		{"+ " WEB " SRV 80 n1.nodes; + " WEB " TXT state=starting", false, false, false},
		{"+ " WEB " SRV 80 n1.nodes; + " WEB " TXT state=failed", false, false, false},
		{"+ " WEB " SRV 80 n1.nodes; + " WEB " TXT state=draining", false, false, false},
		{"+ " WEB " SRV 80 n1.nodes", true, false, false},
		/* Whether a suspect is live is not decided here. */
		{"+ " WEB " SRV 80 n1.nodes", false, true, true},
	};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct view_mark mark = {
			.is_drained = rows[i].is_drained,
			.is_suspect = rows[i].is_suspect,
		};
		struct view_pass p;

		assert_int_equal(kit_update(w, "n1", 0, 0, rows[i].update), 0);
		assert_int_equal(view_mark_put(&w->state.view, kit_name("lab.cloud."),
					       kit_name(WEB), &mark, NULL),
				 0);
		view_pass_init(&p, &w->state.view);
		view_pass_begin(&p, &w->services, w->draft);
		assert_int_equal(view_live_is_up(&p, kit_name(WEB)), rows[i].is_up);
		view_pass_fini(&p);
		kit_undo(w);
	}
}

static void all_derived_records_come_and_go_with_an_instance(void **state)
{
	struct kit_world *w = *state;
	unsigned nsrvs = kit_count(w, TYPE, "SRV");
	struct view_pass p;

	assert_int_equal(
		kit_do(w, "n1", 0, 0, "+ " WEB " SRV 80 n1.nodes; + _p._sub." TYPE " PTR " WEB), 0);
	w->draft = zone_draft_new(w->zone);
	view_pass_init(&p, &w->state.view);
	for (unsigned is_live = 0; is_live < 2; is_live++) {
		view_pass_begin(&p, &w->services, w->draft);
		assert_int_equal(view_live_set(&p, kit_name(WEB), is_live), 0);
		assert_int_equal(kit_count(w, TYPE, "SRV"), nsrvs + is_live);
		assert_int_equal(kit_count(w, TYPE, "PTR"), 1 + is_live);
		assert_int_equal(kit_count(w, "_p._sub." TYPE, "PTR"), is_live);
	}
	view_pass_fini(&p);
	kit_undo(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_instance_is_up_by_its_srv_its_state_and_its_mark),
		TEST(all_derived_records_come_and_go_with_an_instance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
