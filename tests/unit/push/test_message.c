/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../memory.h"
#include "push/message.h"

static void a_message_is_framed_and_freed_by_its_last_user(void **state)
{
	struct push_message *m = push_message_new((const uint8_t *)"abc", 3);

	(void)state;
	assert_int_equal(m->nbytes, 5);
	assert_memory_equal(m->bytes, "\0\3abc", 5);
	assert_ptr_equal(push_message_acquire(m), m);
	push_message_release(m);
	assert_memory_equal(m->bytes, "\0\3abc", 5);
	push_message_release(m);
	push_message_release(NULL);
}

static void short_memory_makes_no_message(void **state)
{
	(void)state;
	memory_fail_after(0);
	assert_null(push_message_new((const uint8_t *)"abc", 3));
	memory_fail_after(MEMORY_ENOUGH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_framed_and_freed_by_its_last_user),
		cmocka_unit_test(short_memory_makes_no_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
