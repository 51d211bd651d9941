/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "find/shown.h"

enum { MANY = 40 };

static unsigned nevents[FIND_WATCH_LOST + 1];

static void on_event(void *arg, enum find_watch_event event, const struct find_instance *now,
		     const struct find_instance *before)
{
	(void)now;
	(void)before;
	nevents[event]++;
	if (event == FIND_WATCH_MOVED)
		((struct find_shown *)arg)->is_over = true;
}

static int set(struct find_shown *s, struct find_slot *slot, uint16_t port, const char *txt)
{
	const struct sockaddr_storage address = {.ss_family = AF_INET};
	const struct find_parts parts = {
		.name = (const uint8_t *)"\1a\5_http\4_tcp\3lab",
		.target = (const uint8_t *)"\1n\3lab",
		.port = port,
		.txt = (const uint8_t *)txt,
		.ntxt = strlen(txt),
	};

	return find_shown_set(s, slot, &parts, &address, 1);
}

static void only_what_differs_is_reported_until_the_watch_is_over(void **state)
{
	struct find_shown s = {.on_event = on_event, .arg = &s};
	struct find_slot slot = {0}, other = {0};

	(void)state;
	memset(nevents, 0, sizeof(nevents));
	find_shown_remove(&s, &slot);
	assert_int_equal(set(&s, &slot, 1, "\4id=1"), 0);
	assert_int_equal(set(&s, &slot, 1, "\4id=1"), 0);
	assert_int_equal(nevents[FIND_WATCH_ADDED], 1);
	assert_int_equal(set(&s, &slot, 1, "\4id=1\16state=draining"), 0);
	assert_int_equal(nevents[FIND_WATCH_DRAINING], 1);
	assert_int_equal(set(&s, &slot, 1, "\4id=1"), 0);
	assert_int_equal(nevents[FIND_WATCH_CHANGED], 1);
	assert_int_equal(set(&s, &slot, 2, "\4id=1"), 0);
	assert_int_equal(nevents[FIND_WATCH_MOVED], 1);
	assert_int_equal(set(&s, &other, 3, "\4id=2"), 0);
	find_shown_remove(&s, &slot);
	assert_int_equal(nevents[FIND_WATCH_ADDED], 1);
	assert_int_equal(nevents[FIND_WATCH_REMOVED], 0);
	find_shown_fini(&s);
}

static void the_set_is_what_was_reported_also_when_memory_is_short(void **state)
{
	struct find_shown s = {.on_event = on_event, .arg = &s};
	bool has_failed = true;

	(void)state;
	for (int n = 0; has_failed; n++) {
		struct find_slot slots[MANY] = {{0}};
		size_t nset = 0;

		memory_fail_after(n);
		for (uint16_t i = 0; i < MANY; i++) {
			nset += set(&s, &slots[i], i, "\3a=b") == 0;
			assert_int_equal(s.n, nset);
		}
		has_failed = memory_has_failed();
		memory_fail_after(MEMORY_ENOUGH);
		for (size_t i = 0; i < MANY; i += 3)
			find_shown_remove(&s, &slots[i]);
		for (size_t i = 0; i < s.n; i++) {
			assert_ptr_equal(s.slots[i]->instance, s.all[i]);
			assert_int_equal(s.slots[i]->at, i);
		}
		find_shown_fini(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_differs_is_reported_until_the_watch_is_over),
		cmocka_unit_test(the_set_is_what_was_reported_also_when_memory_is_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
