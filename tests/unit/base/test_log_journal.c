/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/log_journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void an_entry_has_fields_to_search_by(void **state)
{
	static const char line[] = "<4>server: refused reason=bad-mac client=::1@5 zone=lab.cloud. "
				   "key=n1. why=\"a key=n2\"";
	char entry[BASE_LOG_ENTRY_MAX];

	(void)state;
	entry[base_log_journal_entry(entry, line, strlen(line))] = '\0';
	assert_string_equal(entry, "MESSAGE=server: refused reason=bad-mac client=::1@5 "
				   "zone=lab.cloud. key=n1. why=\"a key=n2\"\n"
				   "PRIORITY=4\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=weftd\n"
				   "WEFT_SUBJECT=server\nWEFT_EVENT=refused\nWEFT_ZONE=lab.cloud.\n"
				   "WEFT_KEY=n1.\nWEFT_CLIENT=::1@5\nWEFT_REASON=bad-mac\n");
}

static void the_longest_line_fits_with_its_fields(void **state)
{
	char line[4081], entry[BASE_LOG_ENTRY_MAX];
	size_t n;

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "<6>zone: event zone=", 20);
	n = base_log_journal_entry(entry, line, sizeof(line) - 1);
	assert_true(n > sizeof(line) && n < sizeof(entry));
	assert_int_equal(entry[n - 1], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_has_fields_to_search_by),
		cmocka_unit_test(the_longest_line_fits_with_its_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
