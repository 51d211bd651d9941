/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "text/svcb_write.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static void parameters_are_written_as_other_servers_read_them(void **state)
{
	static const struct {
		const uint8_t *params;
		size_t nbytes;
		const char *text; /* NULL: `b` fails */
	} cases[] = {
		{BYTES("\0\1\0\14\10f\\oo,bar\2h2"), "alpn=\"f\\\\\\\\oo\\\\,bar,h2\""},
		{BYTES("\0\1\0\6\5a\"\0\t "), "alpn=\"a\\\"\\000\\009 \""},
		{BYTES("\0\0\0\4\0\1\0\3\0\1\0\3\2h2\0\3\0\2\0\65"),
		 "mandatory=alpn,port alpn=h2 port=53"},
		{BYTES("\0\4\0\10\1\2\3\4\5\6\7\10"), "ipv4hint=1.2.3.4,5.6.7.8"},
		{BYTES("\0\5\0\0"), "key5"},
		{BYTES("\0\5\0\1\0"), "ech=AA=="},
		{BYTES("\2\233\0\0"), "key667"},
		{BYTES("\2\233\0\4a\"\0b"), "key667=\"a\\\"\\000b\""},
		{BYTES("\0\1\0\3\3h2"), NULL},
		{BYTES("\0\3\0\1\1"), NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[128];
		struct base_out o = base_out_over(text, sizeof(text));
		struct base_buf b = base_buf_over(cases[i].params, cases[i].nbytes);

		text_svcb_write(&o, &b);
		base_out_u8(&o, '\0');
		assert_int_equal(b.has_failed, cases[i].text == NULL);
		if (cases[i].text != NULL)
			assert_string_equal(text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_written_as_other_servers_read_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
