/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "text/field_write.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

/* What is read back is tested with text/field_parse.h. */
static void octets_without_a_text_fail(void **state)
{
	static const struct {
		void (*write)(struct base_out *o, struct base_buf *b);
		const uint8_t *bytes;
		size_t nbytes;
		const char *text; /* NULL: `b` fails */
	} cases[] = {
		{text_field_write_prefixes, BYTES("\0\1\10\201\12"), "!1:10.0.0.0/8"},
		{text_field_write_prefixes, BYTES("\0\1\10\1\12\0\2\0\0"), "1:10.0.0.0/8 2:::/0"},
		{text_field_write_prefixes, BYTES(""), NULL},
		{text_field_write_prefixes, BYTES("\0\3\10\1\12"), NULL},
		{text_field_write_prefixes, BYTES("\0\1\10\2\12"), NULL},
		{text_field_write_bitmap, BYTES("\0\1\100\1\1\100"), "A CAA"},
		{text_field_write_bitmap, BYTES("\0\1\200"), NULL}, /* TYPE0 */
		{text_field_write_base32, BYTES("\0"), NULL},
		{text_field_write_base32, BYTES("\1\377"), "vs"},
		{text_field_write_salt, BYTES("\0"), "-"},
		{text_field_write_salt, BYTES("\2\252"), NULL},
		{text_field_write_time, BYTES("\377\377\377\377"), "21060207062815"},
		{text_field_write_locator, BYTES("\0\1\0\2\0\3\0\4"), "0001:0002:0003:0004"},
		{text_field_write_type, BYTES("\0\2"), "NS"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[128];
		struct base_out o = base_out_over(text, sizeof(text));
		struct base_buf b = base_buf_over(cases[i].bytes, cases[i].nbytes);

		cases[i].write(&o, &b);
		base_out_u8(&o, '\0');
		assert_int_equal(b.has_failed, cases[i].text == NULL);
		if (cases[i].text != NULL)
			assert_string_equal(text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_without_a_text_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
