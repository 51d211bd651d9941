/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ocf/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "child/task.h"

static const struct {
	struct child_exit exit;
	enum supervise_verdict verdict;
	enum supervise_machine_found found;
	bool is_hard;
	const char *text;
} cases[] = {
	{{CHILD_EXIT_STATUS, 0, false},
	 SUPERVISE_PASSED,
	 SUPERVISE_MACHINE_RUNS,
	 false,
	 "monitor: success (OCF status 0)"},
	{{CHILD_EXIT_STATUS, 1, false},
	 SUPERVISE_FAILED,
	 SUPERVISE_MACHINE_BROKEN,
	 false,
	 "monitor: failed (OCF status 1)"},
	{{CHILD_EXIT_STATUS, 5, false},
	 SUPERVISE_FAILED,
	 SUPERVISE_MACHINE_BROKEN,
	 true,
	 "monitor: not installed (OCF status 5)"},
	{{CHILD_EXIT_STATUS, 6, false},
	 SUPERVISE_FAILED,
	 SUPERVISE_MACHINE_BROKEN,
	 true,
	 "monitor: not configured (OCF status 6)"},
	{{CHILD_EXIT_STATUS, 7, false},
	 SUPERVISE_FAILED,
	 SUPERVISE_MACHINE_STOPPED,
	 false,
	 "monitor: not running (OCF status 7)"},
	{{CHILD_EXIT_STATUS, 8, false},
	 SUPERVISE_PASSED,
	 SUPERVISE_MACHINE_RUNS,
	 false,
	 "monitor: running, promoted (OCF status 8)"},
	{{CHILD_EXIT_STATUS, 9, false},
	 SUPERVISE_FAILED,
	 SUPERVISE_MACHINE_BROKEN,
	 false,
	 "monitor: failed, promoted (OCF status 9)"},
	{{CHILD_EXIT_STATUS, 190, false},
	 SUPERVISE_DEGRADED,
	 SUPERVISE_MACHINE_RUNS,
	 false,
	 "monitor: degraded (OCF status 190)"},
	{{CHILD_EXIT_STATUS, 77, false},
	 SUPERVISE_FAILED,
	 SUPERVISE_MACHINE_BROKEN,
	 false,
	 "monitor: violates the OCF API (OCF status 77)"},
	{{CHILD_EXIT_SIGNAL, 9, false},
	 SUPERVISE_FAILED,
	 SUPERVISE_MACHINE_BROKEN,
	 false,
	 "monitor: killed by SIGKILL"},
};

static void a_status_has_one_meaning(void **state)
{
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(ocf_status_judge(cases[i].exit), cases[i].verdict);
		assert_int_equal(ocf_status_found(cases[i].exit), cases[i].found);
		ocf_status_explain(
			text, sizeof(text), "monitor",
			&(struct child_task_result){.exit = cases[i].exit, .output = ""});
		assert_string_equal(text, cases[i].text);
		if (cases[i].exit.how == CHILD_EXIT_STATUS)
			assert_int_equal(ocf_status_is_hard(cases[i].exit.value), cases[i].is_hard);
	}
}

static void the_reason_is_what_the_agent_gave(void **state)
{
	static const char output[] =
		"ocf-exit-reason:first\nmore\nocf-exit-reason:no\tprogram\nlast";
	struct child_task_result result = {
		.exit = {CHILD_EXIT_STATUS, 5, false}, .output = output, .line = "last"};
	char text[128], little[20];

	(void)state;
	ocf_status_explain(text, sizeof(text), "start", &result);
	assert_string_equal(text, "start: not installed (OCF status 5): no?program");
	result.output = "last";
	ocf_status_explain(text, sizeof(text), "start", &result);
	assert_string_equal(text, "start: not installed (OCF status 5): last");
	ocf_status_explain(little, sizeof(little), "start", &result);
	assert_string_equal(little, "start: not installe");
}

static void a_hard_error_of_a_start_is_final(void **state)
{
	(void)state;
	assert_true(ocf_status_is_final((struct child_exit){CHILD_EXIT_STATUS, 6, false}));
	assert_false(ocf_status_is_final((struct child_exit){CHILD_EXIT_STATUS, 1, false}));
	assert_false(ocf_status_is_final((struct child_exit){CHILD_EXIT_SIGNAL, 6, false}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_status_has_one_meaning),
		cmocka_unit_test(the_reason_is_what_the_agent_gave),
		cmocka_unit_test(a_hard_error_of_a_start_is_final),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
