/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/view.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answers.h"
#include "dns/type.h"

static const struct answer_record records[] = {
	{RESOLVE_ANSWER, "a.x.", DNS_TYPE_SRV, 60, "1 80 n1.x."},
	{RESOLVE_ANSWER, "a.x.", DNS_TYPE_SRV, 60, "2 80 n2.x."},
	{RESOLVE_AUTHORITY, "x.", DNS_TYPE_SOA, 10, "7"},
	{RESOLVE_ADDITIONAL, "n1.x.", DNS_TYPE_A, 60, "192.0.2.1"},
};
static const struct answer answer = {
	.name = "A.x.",
	.type = DNS_TYPE_SRV,
	.flags = DNS_FLAG_QR | DNS_FLAG_AA,
	.ede = DOCTOR_EDE_STALE,
	.records = records,
	.nrecords = sizeof(records) / sizeof(*records),
};

static void an_answer_is_read_with_all_its_sections(void **state)
{
	struct doctor_view v;

	(void)state;
	answer_take(&v, &answer);
	assert_int_equal(v.outcome, DOCTOR_ANSWERED);
	assert_true(v.is_authoritative && v.has_edns && v.is_case_kept && !v.is_malformed);
	assert_int_equal(v.ede, DOCTOR_EDE_STALE);
	assert_string_equal(v.ede_text, "w\\027hy");
	assert_int_equal(doctor_view_count(&v, RESOLVE_ANSWER, DNS_TYPE_SRV), 2);
	assert_int_equal(doctor_view_count(&v, RESOLVE_ADDITIONAL, DNS_TYPE_A), 1);
	assert_int_equal(doctor_view_soa(&v)->ttl, 10);
	assert_true(doctor_view_is_good(&v));
	assert_false(doctor_view_is_bogus(&v));
	doctor_view_fini(&v);
	assert_int_equal(v.nrecords, 0);
}

static void an_answer_that_is_cut_anywhere_does_no_harm(void **state)
{
	uint8_t msg[ANSWER_SIZE], name[DNS_NAME_MAX];
	size_t n = answer_write(msg, &answer);

	(void)state;
	dns_name_from_text(name, "A.x.", 4, NULL);
	for (size_t nbytes = 0; nbytes < n; nbytes++) {
		/* of this length exactly, for the address sanitizer */
		uint8_t *part = malloc(nbytes + 1);
		struct doctor_view v = {0};

		memcpy(part, msg, nbytes);
		if (doctor_view_take(&v, part, nbytes, ANSWER_ID, name, DNS_TYPE_SRV) == 1 &&
		    v.nrecords < answer.nrecords)
			assert_true(v.is_malformed);
		doctor_view_fini(&v);
		free(part);
	}
}

static void an_answer_to_something_else_is_not_taken(void **state)
{
	uint8_t msg[ANSWER_SIZE], name[DNS_NAME_MAX], other[DNS_NAME_MAX];
	size_t n = answer_write(msg, &answer);
	struct doctor_view v = {0};

	(void)state;
	dns_name_from_text(name, "A.x.", 4, NULL);
	dns_name_from_text(other, "b.x.", 4, NULL);
	assert_int_equal(doctor_view_take(&v, msg, n, 1, name, DNS_TYPE_SRV), 0);
	assert_int_equal(doctor_view_take(&v, msg, n, ANSWER_ID, other, DNS_TYPE_SRV), 0);
	assert_int_equal(doctor_view_take(&v, msg, n, ANSWER_ID, name, DNS_TYPE_A), 0);
	dns_name_lower(name, name);
	assert_int_equal(doctor_view_take(&v, msg, n, ANSWER_ID, name, DNS_TYPE_SRV), 1);
	assert_false(v.is_case_kept);
	doctor_view_fini(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_read_with_all_its_sections),
		cmocka_unit_test(an_answer_that_is_cut_anywhere_does_no_harm),
		cmocka_unit_test(an_answer_to_something_else_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
