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
#include "follow/shown.h"

enum { MANY = 40 };

static unsigned nevents[FOLLOW_WATCH_LOST + 1];

static void on_event(void *arg, enum follow_watch_event event, const struct find_instance *now,
		     const struct find_instance *before)
{
	(void)now;
	(void)before;
	nevents[event]++;
	if (event == FOLLOW_WATCH_MOVED)
		((struct follow_shown *)arg)->is_over = true;
}

static int set(struct follow_shown *s, struct follow_shown_slot *slot, uint16_t port,
	       const char *txt)
{
	const struct sockaddr_storage address = {.ss_family = AF_INET};
	const struct find_parts parts = {
		.name = (const uint8_t *)"\1a\5_http\4_tcp\3lab",
		.target = (const uint8_t *)"\1n\3lab",
		.port = port,
		.txt = (const uint8_t *)txt,
		.ntxt = strlen(txt),
	};

	return follow_shown_set(s, slot, &parts, &address, 1);
}

static void only_what_differs_is_reported_until_the_watch_is_over(void **state)
{
	struct follow_shown s = {.on_event = on_event, .arg = &s};
	struct follow_shown_slot slot = {0}, other = {0};

	(void)state;
	memset(nevents, 0, sizeof(nevents));
	follow_shown_remove(&s, &slot);
	assert_int_equal(set(&s, &slot, 1, "\4id=1"), 0);
	assert_int_equal(set(&s, &slot, 1, "\4id=1"), 0);
	assert_int_equal(nevents[FOLLOW_WATCH_ADDED], 1);
	assert_int_equal(set(&s, &slot, 1, "\4id=1\16state=draining"), 0);
	assert_int_equal(nevents[FOLLOW_WATCH_DRAINING], 1);
	assert_int_equal(set(&s, &slot, 1, "\4id=1"), 0);
	assert_int_equal(nevents[FOLLOW_WATCH_CHANGED], 1);
	assert_int_equal(set(&s, &slot, 2, "\4id=1"), 0);
	assert_int_equal(nevents[FOLLOW_WATCH_MOVED], 1);
	assert_int_equal(set(&s, &other, 3, "\4id=2"), 0);
	follow_shown_remove(&s, &slot);
	assert_int_equal(nevents[FOLLOW_WATCH_ADDED], 1);
	assert_int_equal(nevents[FOLLOW_WATCH_REMOVED], 0);
	follow_shown_fini(&s);
}

static void the_set_is_what_was_reported_also_when_memory_is_short(void **state)
{
	struct follow_shown s = {.on_event = on_event, .arg = &s};
	bool has_failed = true;

	(void)state;
	for (int n = 0; has_failed; n++) {
		struct follow_shown_slot slots[MANY] = {{0}};
		size_t nset = 0;

		memory_fail_after(n);
		for (uint16_t i = 0; i < MANY; i++) {
			nset += set(&s, &slots[i], i, "\3a=b") == 0;
			assert_int_equal(s.n, nset);
		}
		has_failed = memory_has_failed();
		memory_fail_after(MEMORY_ENOUGH);
		for (size_t i = 0; i < MANY; i += 3)
			follow_shown_remove(&s, &slots[i]);
		for (size_t i = 0; i < s.n; i++) {
			assert_ptr_equal(s.slots[i]->instance, s.all[i]);
			assert_int_equal(s.slots[i]->at, i);
		}
		follow_shown_fini(&s);
	}
}

/* Has the TXT be as large, in memory, as its octets allow. */
static size_t large_txt_write(char out[static UINT16_MAX])
{
	size_t n = 0;

	for (unsigned k = 0; k < 12000; k++) {
		out[n++] = 3;
		for (unsigned digit = k, i = 0; i < 3; i++, digit /= 26)
			out[n++] = (char)('a' + digit % 26);
	}
	return n;
}

static void what_is_shown_is_bounded_in_size(void **state)
{
	static struct follow_shown_slot slots[1000];
	static char txt[UINT16_MAX];
	struct follow_shown s = {.on_event = on_event, .arg = &s};
	struct find_parts parts = {
		.name = (const uint8_t *)"\1a\5_http\4_tcp\3lab",
		.target = (const uint8_t *)"\1n\3lab",
		.txt = (const uint8_t *)txt,
	};
	size_t nbytes = 0, nshown;

	(void)state;
	memset(nevents, 0, sizeof(nevents));
	parts.ntxt = large_txt_write(txt);
	for (unsigned k = 0; k < 1000; k++)
		assert_int_equal(follow_shown_set(&s, &slots[k], &parts, NULL, 0), 0);
	for (size_t i = 0; i < s.n; i++)
		nbytes += s.all[i]->nbytes;
	assert_in_range(nbytes, FOLLOW_SHOWN_NBYTES_MAX / 2, FOLLOW_SHOWN_NBYTES_MAX);
	assert_int_equal(nevents[FOLLOW_WATCH_ADDED], s.n);

	/* There is room again when one has gone, or has become small. */
	nshown = s.n;
	parts.ntxt = 1;
	follow_shown_remove(&s, &slots[0]);
	assert_int_equal(follow_shown_set(&s, &slots[1], &parts, NULL, 0), 0);
	parts.ntxt = large_txt_write(txt);
	for (unsigned k = 997; k < 1000; k++)
		assert_int_equal(follow_shown_set(&s, &slots[k], &parts, NULL, 0), 0);
	assert_int_equal(s.n, nshown + 1);

	/* One that becomes too large is gone. */
	parts.port = 1;
	assert_int_equal(follow_shown_set(&s, &slots[1], &parts, NULL, 0), 0);
	assert_int_equal(s.n, nshown);
	assert_int_equal(nevents[FOLLOW_WATCH_REMOVED], 2);
	follow_shown_fini(&s);
}

static void what_is_shown_is_bounded_in_number(void **state)
{
	static struct follow_shown_slot slots[FOLLOW_SHOWN_MAX + 1];
	struct follow_shown s = {.on_event = on_event, .arg = &s};

	(void)state;
	for (size_t k = 0; k <= FOLLOW_SHOWN_MAX; k++)
		assert_int_equal(set(&s, &slots[k], 1, ""), 0);
	assert_int_equal(s.n, FOLLOW_SHOWN_MAX);
	assert_null(slots[FOLLOW_SHOWN_MAX].instance);
	assert_int_equal(set(&s, &slots[0], 2, ""), 0);
	assert_int_equal(s.n, FOLLOW_SHOWN_MAX);
	follow_shown_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_differs_is_reported_until_the_watch_is_over),
		cmocka_unit_test(the_set_is_what_was_reported_also_when_memory_is_short),
		cmocka_unit_test(what_is_shown_is_bounded_in_size),
		cmocka_unit_test(what_is_shown_is_bounded_in_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
