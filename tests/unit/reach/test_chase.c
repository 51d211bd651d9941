/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What is looked up anew is tested by test_connect.c: nothing is, here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../memory.h"
#include "kit.h"
#include "reach/chase.h"

enum { DEADLINE_MS = 10000, STEP_MS = 50 };

struct fixture {
	struct resolve_events events;
	struct reach_memory *memory;
	struct reach_chase *chase;
	struct find_name name;
	uint64_t now_ms;
	unsigned ndone, nfailed;
	int error, fd;
	bool is_freed_at_failure;
	char to[32], why[REACH_WHY_MAX];
};

static void on_done(void *arg, int error, int fd, const struct find_instance *to, const char *why,
		    uint64_t now_ms)
{
	struct fixture *f = arg;

	(void)now_ms;
	f->ndone++;
	f->error = error;
	f->fd = fd;
	snprintf(f->to, sizeof(f->to), "%s", to != NULL ? to->label : "");
	snprintf(f->why, sizeof(f->why), "%s", why);
	if (fd >= 0)
		close(fd);
}

static void on_failed(void *arg, const struct find_instance *i, int error)
{
	struct fixture *f = arg;

	(void)i;
	(void)error;
	f->nfailed++;
	if (!f->is_freed_at_failure)
		return;
	reach_chase_free(f->chase);
	f->chase = NULL;
}

static int fixture_begin(struct fixture *f)
{
	const struct reach_chase_options options = {
		.events = &f->events,
		.memory = f->memory,
		.name = &f->name,
		.socket.deadline_ms = DEADLINE_MS,
		.key = "key",
		.nkey = 3,
	};

	return reach_chase_new(&f->chase, &options, on_done, on_failed, f);
}

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){.fd = -1};
	assert_int_equal(resolve_events_init(&f->events), 0);
	f->memory = reach_memory_new();
	assert_non_null(f->memory);
}

static void fixture_fini(struct fixture *f)
{
	reach_chase_free(f->chase);
	reach_memory_free(f->memory);
	assert_true(resolve_events_deadline(&f->events) == UINT64_MAX);
	resolve_events_fini(&f->events);
}

/* Adds an instance, which is released at once. */
static int add(struct fixture *f, const char *label, uint16_t port)
{
	struct find_instance *i = kit_instance(label, 0, "127.0.0.1", port);
	int ret = reach_chase_add(f->chase, &i, 1, f->now_ms);

	find_instance_release(i);
	return ret;
}

/* Goes on until it is done, or there is no time left. */
static void run(struct fixture *f)
{
	unsigned ndone = f->ndone;

	for (; f->ndone == ndone && f->chase != NULL && f->now_ms <= DEADLINE_MS;
	     f->now_ms += STEP_MS)
		for (unsigned n = 0; n < 4; n++)
			resolve_events_run(&f->events, f->now_ms);
}

static void what_was_tried_is_not_tried_again(void **state)
{
	struct kit_port refusing = kit_refusing(), listening = kit_listening();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_int_equal(fixture_begin(&f), 0);
	assert_int_equal(add(&f, "a", refusing.port), 0);
	assert_true(reach_chase_goes_on(f.chase));
	run(&f);
	assert_int_equal(f.error, -EHOSTUNREACH);
	assert_int_equal(f.nfailed, 1);
	assert_int_equal(add(&f, "a", refusing.port), 0);
	assert_false(reach_chase_goes_on(f.chase));
	assert_int_equal(add(&f, "a", listening.port), 0);
	assert_int_equal(add(&f, "b", refusing.port), 0);
	run(&f);
	assert_int_equal(f.error, 0);
	assert_string_equal(f.to, "a");
	assert_false(reach_chase_goes_on(f.chase));
	fixture_fini(&f);
	kit_close(&refusing);
	kit_close(&listening);
}

static void what_is_silent_for_longest_gives_way(void **state)
{
	struct kit_port silent[3], listening = kit_listening();
	unsigned ndescriptors;
	struct fixture f;

	(void)state;
	for (unsigned k = 0; k < 3; k++)
		silent[k] = kit_silent();
	fixture_init(&f);
	assert_int_equal(fixture_begin(&f), 0);
	ndescriptors = kit_descriptors();
	for (unsigned k = 0; k < 3; k++) {
		assert_int_equal(add(&f, "a", silent[k].port), 0);
		resolve_events_run(&f.events, 0);
		assert_int_equal(kit_descriptors(), ndescriptors + (k == 0 ? 1 : 2));
	}
	assert_int_equal(add(&f, "a", listening.port), 0);
	run(&f);
	assert_int_equal(f.error, 0);
	assert_int_equal(kit_descriptors(), ndescriptors);
	fixture_fini(&f);
	for (unsigned k = 0; k < 3; k++)
		kit_close(&silent[k]);
	kit_close(&listening);
}

static void all_that_has_failed_is_explained(void **state)
{
	struct kit_port refusing = kit_refusing(), silent = kit_silent();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_int_equal(fixture_begin(&f), 0);
	assert_int_equal(add(&f, "a", silent.port), 0);
	assert_int_equal(add(&f, "b", refusing.port), 0);
	run(&f);
	assert_int_equal(f.ndone, 1);
	assert_int_equal(f.error, -ETIMEDOUT);
	assert_non_null(strstr(f.why, "b 127.0.0.1@"));
	assert_non_null(strstr(f.why, ": refused; a 127.0.0.1@"));
	fixture_fini(&f);
	kit_close(&refusing);
	kit_close(&silent);
}

static void a_chase_may_be_freed_when_an_instance_fails(void **state)
{
	struct kit_port refusing = kit_refusing();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.is_freed_at_failure = true;
	assert_int_equal(fixture_begin(&f), 0);
	assert_int_equal(add(&f, "a", refusing.port), 0);
	run(&f);
	assert_null(f.chase);
	assert_int_equal(f.ndone, 0);
	fixture_fini(&f);
	kit_close(&refusing);
}

static void short_memory_adds_nothing(void **state)
{
	struct kit_port listening = kit_listening();
	struct find_instance *i = kit_instance("a", 0, "127.0.0.1", listening.port);
	bool is_over = false;

	(void)state;
	for (int n = 0; !is_over; n++) {
		struct fixture f;
		int ret;

		fixture_init(&f);
		memory_fail_after(n);
		ret = fixture_begin(&f);
		if (ret == 0)
			ret = reach_chase_add(f.chase, &i, 1, 0);
		is_over = !memory_has_failed();
		memory_fail_after(MEMORY_ENOUGH);
		assert_int_equal(ret, is_over ? 0 : -ENOMEM);
		assert_int_equal(i->nreferences > 1, is_over);
		fixture_fini(&f);
	}
	find_instance_release(i);
	kit_close(&listening);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_tried_is_not_tried_again),
		cmocka_unit_test(what_is_silent_for_longest_gives_way),
		cmocka_unit_test(all_that_has_failed_is_explained),
		cmocka_unit_test(a_chase_may_be_freed_when_an_instance_fails),
		cmocka_unit_test(short_memory_adds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
