/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "atlas/text.h"
#include "dns/name.h"

static const uint8_t zone[] = "\3lab\5cloud";

static struct dns_record txt_of(const char *rdata)
{
	return (struct dns_record){.rdata = (const uint8_t *)rdata,
				   .nbytes = (uint16_t)strlen(rdata)};
}

static void a_time_has_milliseconds(void **state)
{
	static const struct {
		const char *rdata;
		uint64_t ms;
	} cases[] = {
		{"\3t=5", 5000},
		{"\5t=5.5", 5500},
		{"\7t=5.125", 5125},
		{"\10t=5.1259", 5125},
		{"\5t=5.x", 0},
		{"\3t=x", 0},
		{"\4t=-1", 0},
		{"\2t=", 0},
		{"\3u=1", 0},
		{"\26t=18446744073709551615", 0},
		{"\27t=184467440737095516150", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct dns_record txt = txt_of(cases[i].rdata);

		assert_true(atlas_text_time_ms(&txt, "t") == cases[i].ms);
	}
}

static void a_number_is_all_digits(void **state)
{
	struct dns_record txt = txt_of("\4a=12\5b=12x\2c=");

	(void)state;
	assert_int_equal(atlas_text_number(&txt, "a"), 12);
	assert_int_equal(atlas_text_number(&txt, "b"), 0);
	assert_int_equal(atlas_text_number(&txt, "c"), 0);
	assert_int_equal(atlas_text_number(NULL, "a"), 0);
}

static void the_name_of_an_instance_may_be_short(void **state)
{
	static const uint8_t web[] = "\3web\5_http\4_tcp\3lab\5cloud";
	static const char *const texts[] = {"web._http._tcp.lab.cloud.", "web._http._tcp.lab.cloud",
					    "web._http._tcp", "WEB._http._tcp"};
	struct base_arena arena;

	(void)state;
	base_arena_init(&arena, 1024);
	for (size_t i = 0; i < 4; i++)
		assert_true(dns_name_equal(atlas_text_instance(&arena, texts[i], zone), web));
	assert_null(atlas_text_instance(&arena, "web._http._tcp.other.", zone));
	assert_null(atlas_text_instance(&arena, "a..b", zone));
	base_arena_fini(&arena);
}

static void a_value_with_a_nul_is_none(void **state)
{
	const struct dns_record txt = {.rdata = (const uint8_t *)"\4a=\0x\3b=y", .nbytes = 9};
	struct base_arena arena;
	const char *value;

	(void)state;
	base_arena_init(&arena, 1024);
	assert_int_equal(atlas_text_key(&value, &arena, &txt, "a"), 0);
	assert_null(value);
	assert_int_equal(atlas_text_key(&value, &arena, &txt, "b"), 0);
	assert_string_equal(value, "y");
	base_arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_has_milliseconds),
		cmocka_unit_test(a_number_is_all_digits),
		cmocka_unit_test(the_name_of_an_instance_may_be_short),
		cmocka_unit_test(a_value_with_a_nul_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
