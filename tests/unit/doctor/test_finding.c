/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/finding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct doctor_findings all;

static int setup(void **state)
{
	(void)state;
	all.n = 0;
	return 0;
}

static void the_same_is_recorded_once(void **state)
{
	struct doctor_finding *first, *second;

	(void)state;
	first = doctor_finding_add(&all, DOCTOR_NOTE, "case", "resolver a", "does %d", 1);
	doctor_finding_mend(first, "do %s", "that");
	second = doctor_finding_add(&all, DOCTOR_NOTE, "case", "resolver a", "does %d", 1);
	assert_ptr_equal(first, second);
	assert_string_equal(second->mend, "do that");
	doctor_finding_add(&all, DOCTOR_NOTE, "case", "resolver a", "does %d", 2);
	doctor_finding_add(&all, DOCTOR_NOTE, "case", "resolver b", "does %d", 1);
	assert_int_equal(all.n, 3);
	assert_true(doctor_finding_has(&all, "resolver b", "case"));
	assert_false(doctor_finding_has(&all, "resolver b", "edns"));
}

static void a_note_is_not_a_fault(void **state)
{
	(void)state;
	doctor_finding_add(&all, DOCTOR_NOTE, "case", "a", "x");
	assert_false(doctor_finding_is_fault(&all, NULL));
	doctor_finding_add(&all, DOCTOR_FAULT, "edns", "b", "x");
	assert_true(doctor_finding_is_fault(&all, NULL));
	assert_true(doctor_finding_is_fault(&all, "b"));
	assert_false(doctor_finding_is_fault(&all, "a"));
}

static void more_than_have_room_and_longer_texts_do_no_harm(void **state)
{
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 2 * DOCTOR_FINDINGS_MAX; i++)
		doctor_finding_mend(
			doctor_finding_add(&all, DOCTOR_FAULT, "edns", text, "%d %s", i, text),
			"%s", text);
	assert_int_equal(all.n, DOCTOR_FINDINGS_MAX);
	assert_int_equal(strlen(all.all[0].text), sizeof(all.all[0].text) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_same_is_recorded_once, setup),
		cmocka_unit_test_setup(a_note_is_not_a_fault, setup),
		cmocka_unit_test_setup(more_than_have_room_and_longer_texts_do_no_harm, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
