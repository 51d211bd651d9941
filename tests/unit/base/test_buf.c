/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static const uint8_t counting[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
				   12, 13, 14, 15, 16, 17, 18, 19, 20, 21};

static void integers_are_read_in_network_order(void **state)
{
	struct base_buf b = base_buf_over(counting, sizeof(counting));

	(void)state;
	assert_int_equal(base_buf_u8(&b), 0x01);
	assert_int_equal(base_buf_u16(&b), 0x0203);
	assert_int_equal(base_buf_u32(&b), 0x04050607);
	assert_int_equal(base_buf_u48(&b), 0x08090a0b0c0d);
	assert_int_equal(base_buf_u64(&b), 0x0e0f101112131415);
	assert_int_equal(base_buf_left(&b), 0);
	assert_int_equal(base_buf_offset(&b), sizeof(counting));
	assert_false(b.has_failed);
}

/* The value of each octet depends on its position, whatever the order of the host is. */
static void integers_are_written_in_network_order(void **state)
{
	uint8_t bytes[sizeof(counting)];
	struct base_out o = base_out_over(bytes, sizeof(bytes));

	(void)state;
	base_out_u8(&o, 0x01);
	base_out_u16(&o, 0x0203);
	base_out_u32(&o, 0x04050607);
	base_out_u48(&o, 0x08090a0b0c0d);
	base_out_u64(&o, 0x0e0f101112131415);
	assert_int_equal(base_out_left(&o), 0);
	assert_memory_equal(bytes, counting, sizeof(counting));
}

static void integers_are_loaded_and_stored_in_network_order(void **state)
{
	uint8_t bytes[16] = {0};

	(void)state;
	assert_int_equal(base_load16(counting + 1), 0x0203);
	assert_int_equal(base_load32(counting + 1), 0x02030405);
	assert_int_equal(base_load64(counting + 1), 0x0203040506070809);
	base_store16(bytes + 1, 0x0102);
	base_store32(bytes + 3, 0x03040506);
	base_store64(bytes + 7, 0x0708090a0b0c0d0e);
	assert_memory_equal(bytes + 1, counting, 14);
	assert_int_equal(bytes[0] | bytes[15], 0);
}

static void after_a_read_past_the_end_all_is_zero(void **state)
{
	struct base_buf b = base_buf_over(counting, 3);

	(void)state;
	assert_int_equal(base_buf_u16(&b), 0x0102);
	assert_int_equal(base_buf_u32(&b), 0);
	assert_true(b.has_failed);
	assert_int_equal(base_buf_u8(&b), 0);
	assert_int_equal(base_buf_u48(&b), 0);
	assert_int_equal(base_buf_u64(&b), 0);
	assert_null(base_buf_take(&b, 1));
	assert_int_equal(base_buf_left(&b), 0);
}

static void a_view_is_taken_whole_or_not(void **state)
{
	struct base_buf b = base_buf_over(counting, 4);

	(void)state;
	assert_ptr_equal(base_buf_take(&b, 0), counting);
	assert_ptr_equal(base_buf_take(&b, 3), counting);
	assert_null(base_buf_take(&b, 2));
	assert_true(b.has_failed);
	b = base_buf_over(counting, 4);
	assert_null(base_buf_take(&b, SIZE_MAX));
	assert_true(b.has_failed);
}

static void a_cursor_made_to_fail_reads_no_more(void **state)
{
	struct base_buf b = base_buf_over(counting, 4);

	(void)state;
	base_buf_fail(&b);
	assert_true(b.has_failed);
	assert_int_equal(base_buf_left(&b), 0);
}

static void written_numbers_are_read_back(void **state)
{
	uint8_t bytes[64];
	struct base_out o = base_out_over(bytes, sizeof(bytes));
	struct base_buf b;

	(void)state;
	base_out_u8(&o, 0xfe);
	base_out_u16(&o, 0xfedc);
	base_out_u32(&o, 0xfedcba98);
	base_out_u48(&o, 0xfedcba987654);
	base_out_u64(&o, 0xfedcba9876543210);
	base_out_bytes(&o, "weft", 4);
	base_out_bytes(&o, NULL, 0);
	assert_false(o.is_full);
	assert_int_equal(base_out_nbytes(&o), 25);
	assert_int_equal(base_out_left(&o), sizeof(bytes) - 25);
	b = base_buf_over(bytes, base_out_nbytes(&o));
	assert_int_equal(base_buf_u8(&b), 0xfe);
	assert_int_equal(base_buf_u16(&b), 0xfedc);
	assert_int_equal(base_buf_u32(&b), 0xfedcba98);
	assert_int_equal(base_buf_u48(&b), 0xfedcba987654);
	assert_int_equal(base_buf_u64(&b), 0xfedcba9876543210);
	assert_memory_equal(base_buf_take(&b, 4), "weft", 4);
}

static void once_full_nothing_more_is_written(void **state)
{
	uint8_t bytes[5] = {0};
	struct base_out o = base_out_over(bytes, 4);

	(void)state;
	base_out_u16(&o, 0x0102);
	base_out_u32(&o, 0xffffffff);
	assert_true(o.is_full);
	base_out_u8(&o, 0xff);
	assert_null(base_out_take(&o, 1));
	assert_null(base_out_take(&o, 0));
	assert_int_equal(base_out_nbytes(&o), 2);
	assert_memory_equal(bytes, "\1\2\0\0\0", 5);
	o = base_out_over(bytes, 4);
	assert_null(base_out_take(&o, SIZE_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_read_in_network_order),
		cmocka_unit_test(integers_are_written_in_network_order),
		cmocka_unit_test(integers_are_loaded_and_stored_in_network_order),
		cmocka_unit_test(after_a_read_past_the_end_all_is_zero),
		cmocka_unit_test(a_view_is_taken_whole_or_not),
		cmocka_unit_test(a_cursor_made_to_fail_reads_no_more),
		cmocka_unit_test(written_numbers_are_read_back),
		cmocka_unit_test(once_full_nothing_more_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
