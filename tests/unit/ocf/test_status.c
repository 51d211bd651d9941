/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ocf/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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
		ocf_status_explain(text, sizeof(text), "monitor", cases[i].exit);
		assert_string_equal(text, cases[i].text);
		if (cases[i].exit.how == CHILD_EXIT_STATUS)
			assert_int_equal(ocf_status_is_hard(cases[i].exit.value), cases[i].is_hard);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_status_has_one_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
