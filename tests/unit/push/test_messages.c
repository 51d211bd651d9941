/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "push/message.h"
#include "push/messages.h"

#include "../memory.h"

static void messages_keep_their_order_and_are_counted(void **state)
{
	struct push_messages *m = push_messages_new();

	(void)state;
	for (unsigned i = 0; i < 40; i++)
		assert_int_equal(push_messages_add(m, (const uint8_t *)"abcdefgh", i % 8 + 1), 0);
	assert_int_equal(m->count, 40);
	assert_int_equal(m->nbytes, 40 * 2 + 5 * 36);
	for (unsigned i = 0; i < 40; i++)
		assert_int_equal(m->item[i]->nbytes, 2 + i % 8 + 1);
	assert_ptr_equal(push_messages_acquire(m), m);
	push_messages_release(m);
	push_messages_release(m);
	push_messages_release(NULL);
}

static void a_message_may_outlive_the_list(void **state)
{
	struct push_messages *m = push_messages_new();
	struct push_message *one;

	(void)state;
	push_messages_add(m, (const uint8_t *)"abc", 3);
	one = push_message_acquire(m->item[0]);
	push_messages_release(m);
	assert_memory_equal(one->bytes, "\0\3abc", 5);
	push_message_release(one);
}

static void short_memory_leaves_the_list_as_it_was(void **state)
{
	(void)state;
	for (int n = 0;; n++) {
		struct push_messages *m;
		int ret = -ENOMEM;

		memory_fail_after(n);
		m = push_messages_new();
		if (m != NULL)
			ret = push_messages_add(m, (const uint8_t *)"abc", 3);
		assert_int_equal(ret, memory_has_failed() ? -ENOMEM : 0);
		assert_true(m == NULL || m->count == (ret == 0));
		push_messages_release(m);
		if (!memory_has_failed())
			break;
	}
	memory_fail_after(MEMORY_ENOUGH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_keep_their_order_and_are_counted),
		cmocka_unit_test(a_message_may_outlive_the_list),
		cmocka_unit_test(short_memory_leaves_the_list_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
