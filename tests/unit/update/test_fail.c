/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <string.h>

#include "update/fail.h"
#include "update/update_priv.h"

static void a_failure_has_a_reason(void **state)
{
	struct kit_fixture *f = *state;

	kit_send(f, "NONE 0 \\\"web.lab.cloud. ANY\nNONE 0 web.lab.cloud. ANY", kit_registration);
	assert_int_equal(f->result.rcode, DNS_RCODE_YXDOMAIN);
	assert_string_equal(f->result.text, "prerequisite 2: web.lab.cloud. is in use");
	kit_message(f, "ANY 0 \\\"x.lab.cloud. ANY", kit_marker);
	kit_send_as(f, NULL);
	assert_int_equal(f->result.rcode, DNS_RCODE_NXDOMAIN);
	assert_string_equal(f->result.text, "prerequisite 1: \\\"x.lab.cloud. is not in use");
}

static void a_refusal_is_prohibited_and_other_failures_are_not(void **state)
{
	static const struct {
		uint16_t rcode;
		int ede;
	} rows[] = {
		{DNS_RCODE_REFUSED, DNS_EDE_PROHIBITED},
		{DNS_RCODE_FORMERR, DNS_EDE_OTHER},
		{DNS_RCODE_NOTAUTH, DNS_EDE_OTHER},
		{DNS_RCODE_YXDOMAIN, DNS_EDE_OTHER},
	};
	struct update_result result;
	struct update u = {.result = &result};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(update_fail(&u, rows[i].rcode, "a reason"), rows[i].rcode);
		assert_int_equal(result.rcode, rows[i].rcode);
		assert_int_equal(result.ede, rows[i].ede);
		assert_string_equal(result.text, "a reason");
	}
}

static void the_text_names_section_number_owner_and_type(void **state)
{
	static const uint8_t owner[] = "\3web\3lab\5cloud";
	/* The parser puts both sections into one array, the prerequisites first. */
	struct dns_update_record records[] = {
		{.owner = owner, .type = DNS_TYPE_ANY},
		{.owner = owner, .type = DNS_TYPE_A},
		{.owner = owner, .type = DNS_TYPE_TXT},
		{.owner = owner, .type = DNS_TYPE_ANY},
	};
	static const char *const texts[] = {
		"prerequisite 1: web.lab.cloud. is wrong",
		"prerequisite 2: web.lab.cloud. A is wrong",
		"update 1: web.lab.cloud. TXT is wrong",
		"update 2: web.lab.cloud. is wrong",
	};
	struct update_result result;
	struct update u = {
		.result = &result,
		.message = {.prerequisite = records, .update = records + 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		update_fail_record(&u, DNS_RCODE_FORMERR, &records[i], "is wrong");
		assert_string_equal(result.text, texts[i]);
	}
}

static void a_long_text_is_cut(void **state)
{
	struct update_result result;
	struct update u = {.result = &result};
	char text[2 * UPDATE_TEXT_MAX];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	update_fail(&u, DNS_RCODE_SERVFAIL, text);
	assert_int_equal(strlen(result.text), UPDATE_TEXT_MAX - 1);
	assert_memory_equal(result.text, text, UPDATE_TEXT_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(a_failure_has_a_reason),
		cmocka_unit_test(a_refusal_is_prohibited_and_other_failures_are_not),
		cmocka_unit_test(the_text_names_section_number_owner_and_type),
		cmocka_unit_test(a_long_text_is_cut),
	};

	return cmocka_run_group_tests(tests, kit_threads_begin, kit_threads_end);
}
