/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "answers.h"
#include "dns/type.h"

#define SRV(ttl, rdata)                                          \
	{                                                        \
		RESOLVE_ANSWER, "a.x.", DNS_TYPE_SRV, ttl, rdata \
	}

static const struct answer_record wanted[] = {SRV(60, "1 80 n1.x."), SRV(60, "2 80 n2.x."),
					      SRV(60, "3 80 n3.x.")};

static void take(struct doctor_view *v, const struct answer_record *records, size_t n)
{
	const struct answer a = {.name = "a.x.",
				 .type = DNS_TYPE_SRV,
				 .flags = DNS_FLAG_QR,
				 .ede = DNS_EDE_NONE,
				 .records = records,
				 .nrecords = n};

	answer_take(v, &a);
}

static void records_are_missing_extra_or_changed(void **state)
{
	static const struct {
		struct answer_record found[4];
		size_t n, nmissing, nextra, nchanged;
	} cases[] = {
		{{SRV(60, "3 80 N3.x."), SRV(60, "1 80 n1.x."), SRV(60, "2 80 n2.x.")}, 3, 0, 0, 0},
		{{SRV(60, "1 80 n1.x.")}, 1, 2, 0, 0},
		{{SRV(60, "9 80 n1.x."), SRV(60, "2 80 n2.x."), SRV(60, "3 80 n3.x.")}, 3, 0, 0, 1},
		{{SRV(60, "1 81 n1.x."), SRV(60, "2 80 n2.x."), SRV(60, "3 80 n3.x.")}, 3, 1, 1, 0},
		{{SRV(60, "1 80 n9.x.")}, 1, 3, 1, 0},
		{{SRV(60, "")}, 0, 3, 0, 0},
	};
	struct doctor_difference d;
	struct doctor_view w, f;

	(void)state;
	take(&w, wanted, 3);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		take(&f, cases[i].found, cases[i].n);
		doctor_compare(&d, &w, &f, DNS_TYPE_SRV);
		assert_int_equal(d.nwanted, 3);
		assert_int_equal(d.nfound, cases[i].n);
		assert_int_equal(d.nmissing, cases[i].nmissing);
		assert_int_equal(d.nextra, cases[i].nextra);
		assert_int_equal(d.nchanged, cases[i].nchanged);
		assert_int_equal(doctor_compare_is_same(&d), i == 0);
		doctor_view_fini(&f);
	}
	doctor_view_fini(&w);
}

static void records_are_written_for_people(void **state)
{
	static const struct answer_record all[] = {
		SRV(60, "1 80 n1.x."),
		{RESOLVE_ANSWER, "a.x.", DNS_TYPE_A, 5, "192.0.2.1"},
		{RESOLVE_ANSWER, "a.x.", DNS_TYPE_TXT, 60, "a=\033b"},
	};
	static const char *const texts[] = {"0 1 80 n1.x.", "192.0.2.1", "a=\\027b"};
	char text[DOCTOR_TEXT_MAX];
	struct doctor_view v;

	(void)state;
	take(&v, all, 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(doctor_record_to_text(text, &v.records[i]), texts[i]);
	doctor_view_fini(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_missing_extra_or_changed),
		cmocka_unit_test(records_are_written_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
