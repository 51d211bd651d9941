/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../memory.h"
#include "kit.h"
#include "reach/pace.h"

enum { ALL_MAX = 24, NOW_MS = 1000 };

struct fixture {
	struct reach_memory *memory;
	struct find_instance *all[ALL_MAX];
	size_t n;
	struct reach_pace pace;
};

static void add(struct fixture *f, const char *label, uint16_t priority, const char *addresses)
{
	f->all[f->n++] = kit_instance(label, priority, addresses, 80);
}

static void begin(struct fixture *f)
{
	f->memory = reach_memory_new();
	assert_non_null(f->memory);
	assert_int_equal(reach_pace_init(&f->pace, f->memory, f->all, f->n), 0);
	reach_pace_begin(&f->pace, NOW_MS);
}

static void end(struct fixture *f)
{
	reach_pace_fini(&f->pace);
	reach_memory_free(f->memory);
	while (f->n > 0)
		find_instance_release(f->all[--f->n]);
}

/* Tries what is due. */
static struct reach_candidate *try(struct fixture *f, uint64_t now_ms)
{
	struct reach_candidate *c;

	assert_true(reach_pace_due(&f->pace, now_ms) <= now_ms);
	c = reach_pace_next(&f->pace, now_ms);
	if (c->naddresses > 0)
		reach_pace_tried(&f->pace, c, now_ms);
	return c;
}

static void one_that_is_silent_is_followed_by_the_next(void **state)
{
	struct fixture f = {0};

	(void)state;
	add(&f, "a", 0, "127.0.0.1");
	add(&f, "b", 1, "127.0.0.1");
	begin(&f);
	assert_ptr_equal(try(&f, NOW_MS)->i, f.all[0]);
	assert_int_equal(reach_pace_due(&f.pace, NOW_MS), NOW_MS + REACH_PATIENCE_MS);
	assert_ptr_equal(try(&f, NOW_MS + REACH_PATIENCE_MS)->i, f.all[1]);
	assert_true(reach_pace_due(&f.pace, NOW_MS + REACH_PATIENCE_MS) == UINT64_MAX);
	assert_false(reach_pace_is_over(&f.pace));
	end(&f);
}

static void one_that_has_failed_is_followed_at_once(void **state)
{
	struct fixture f = {0};

	(void)state;
	add(&f, "a", 0, "127.0.0.1");
	add(&f, "b", 1, "");
	begin(&f);
	reach_pace_drop(&f.pace, try(&f, NOW_MS));
	assert_ptr_equal(f.pace.candidates.all[1].i, f.all[1]);
	reach_pace_drop(&f.pace, try(&f, NOW_MS));
	assert_true(reach_pace_is_over(&f.pace));
	end(&f);
}

static void addresses_of_one_race_with_half_of_the_delay(void **state)
{
	struct fixture f = {0};
	struct reach_candidate *c;

	(void)state;
	add(&f, "a", 0, "127.0.0.1,::1");
	begin(&f);
	c = try(&f, NOW_MS);
	assert_int_equal(reach_pace_due(&f.pace, NOW_MS), NOW_MS + REACH_PATIENCE_MS / 2);
	assert_ptr_equal(try(&f, NOW_MS + REACH_PATIENCE_MS / 2), c);
	assert_int_equal(c->next, 2);
	end(&f);
}

/* After eight failures two are tried at a time, but none of a worse priority. */
static void failures_widen_the_race_within_a_priority(void **state)
{
	struct fixture f = {0};

	(void)state;
	for (unsigned k = 0; k < 10; k++)
		add(&f, (const char[]){(char)('a' + k), 0}, 0, "127.0.0.1");
	add(&f, "z", 1, "127.0.0.1");
	begin(&f);
	for (unsigned k = 0; k < 8; k++)
		reach_pace_drop(&f.pace, try(&f, NOW_MS));
	try(&f, NOW_MS);
	try(&f, NOW_MS);
	assert_true(reach_pace_due(&f.pace, NOW_MS) > NOW_MS);
	end(&f);
}

static void short_memory_leaves_nothing(void **state)
{
	struct fixture f = {0};
	int ret = -ENOMEM;

	(void)state;
	add(&f, "a", 0, "127.0.0.1");
	for (int n = 0; ret < 0; n++) {
		memory_fail_after(n);
		ret = reach_pace_init(&f.pace, NULL, f.all, f.n);
		memory_fail_after(MEMORY_ENOUGH);
		assert_true(ret == 0 || ret == -ENOMEM);
		assert_int_equal(f.all[0]->nreferences, ret == 0 ? 2 : 1);
	}
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_is_silent_is_followed_by_the_next),
		cmocka_unit_test(one_that_has_failed_is_followed_at_once),
		cmocka_unit_test(addresses_of_one_race_with_half_of_the_delay),
		cmocka_unit_test(failures_widen_the_race_within_a_priority),
		cmocka_unit_test(short_memory_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
