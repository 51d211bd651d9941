/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

/* RFC 8080 section 6.1, the first example: its DNSKEY has key tag 3613. */
static void the_key_tag_is_that_of_rfc_8080(void **state)
{
	static const char public_text[] = "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=";
	char text[FABRIC_RECORD_TEXT_MAX], encoded[FABRIC_PUBLIC_TEXT_MAX];
	struct fabric *f;

	(void)state;
	assert_int_equal(fabric_new_empty(&f, (const uint8_t *)"\7example\3com"), 0);
	assert_int_equal(sodium_base642bin(f->public_key, 32, public_text, strlen(public_text),
					   NULL, NULL, NULL, sodium_base64_VARIANT_ORIGINAL),
			 0);
	assert_int_equal(fabric_record_tag(f, 257), 3613);
	assert_string_equal(fabric_record_public_to_text(encoded, f), public_text);
	assert_string_equal(fabric_record_to_text(text, f, "DNSKEY", 257),
			    "example.com. 3600 IN DNSKEY 257 3 15 "
			    "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=");
	fabric_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_key_tag_is_that_of_rfc_8080),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
