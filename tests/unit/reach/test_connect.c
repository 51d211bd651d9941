/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Look-ups are this test's own: what they find, and when, is given. */
#include <errno.h>
#include <poll.h>
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
#include "reach/connect.h"

enum { ALL_MAX = 8, DEADLINE_MS = 10000 };

struct find_lookup {
	struct resolve_events *events;
	struct resolve_timer timer;
	find_lookup_fn done;
	void *arg;
};

/* What look-ups find. */
struct find {
	struct resolve_events *events;
	struct find_instance *all[ALL_MAX];
	size_t n;
	int error;
	unsigned nanew; /* look-ups that wanted all anew */
	void (*on_anew)(void);
};

static struct find the_find;

static void on_lookup_due(void *arg, uint64_t now_ms)
{
	struct find_lookup *l = arg;
	struct find_instance *all[ALL_MAX];
	struct find_set set = {.all = all, .n = the_find.n};

	memcpy(all, the_find.all, sizeof(all));
	l->done(l->arg, the_find.error, "no such name", &set, now_ms);
}

int find_lookup_new(struct find_lookup **out, struct find *f, const struct find_name *name,
		    uint64_t deadline_ms, find_lookup_fn done, void *arg)
{
	struct find_lookup *l = malloc(sizeof(*l));

	(void)name;
	(void)deadline_ms;
	if (l == NULL)
		return -ENOMEM;
	*l = (struct find_lookup){.events = f->events,
				  .timer = {.on_due = on_lookup_due, .arg = l},
				  .done = done,
				  .arg = arg};
	resolve_timer_set(&f->events->timers, &l->timer, 0);
	*out = l;
	return 0;
}

void find_lookup_want_anew(struct find_lookup *l)
{
	(void)l;
	the_find.nanew++;
	if (the_find.on_anew != NULL)
		the_find.on_anew();
}

void find_lookup_free(struct find_lookup *l)
{
	if (l == NULL)
		return;
	resolve_timer_clear(&l->events->timers, &l->timer);
	free(l);
}

struct fixture {
	struct resolve_events events;
	struct reach_memory *memory;
	struct reach_connect *connect;
	struct reach_connect_options options;
	struct find_name name;
	unsigned nfailed, ndone;
	enum reach_stage stage;
	int error, fd;
	char to[32], why[REACH_WHY_MAX];
	bool is_freed_at_done;
};

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){.options.socket.deadline_ms = DEADLINE_MS, .fd = -1};
	assert_int_equal(resolve_events_init(&f->events), 0);
	f->memory = reach_memory_new();
	assert_non_null(f->memory);
	the_find = (struct find){.events = &f->events};
}

static void fixture_fini(struct fixture *f)
{
	reach_connect_free(f->connect);
	reach_memory_free(f->memory);
	assert_true(resolve_events_deadline(&f->events) == UINT64_MAX);
	resolve_events_fini(&f->events);
	if (f->fd >= 0)
		close(f->fd);
	while (the_find.n > 0) {
		assert_int_equal(the_find.all[--the_find.n]->nreferences, 1);
		find_instance_release(the_find.all[the_find.n]);
	}
}

static void on_failed(void *arg, const struct find_instance *i, int error)
{
	struct fixture *f = arg;

	(void)i;
	(void)error;
	f->nfailed++;
}

static void on_done(void *arg, enum reach_stage stage, int error, int fd,
		    const struct find_instance *to, const char *why, uint64_t now_ms)
{
	struct fixture *f = arg;

	(void)now_ms;
	f->ndone++;
	f->stage = stage;
	f->error = error;
	f->fd = fd;
	if (f->is_freed_at_done) {
		reach_connect_free(f->connect);
		f->connect = NULL;
	}
	snprintf(f->to, sizeof(f->to), "%s", to != NULL ? to->label : "");
	snprintf(f->why, sizeof(f->why), "%s", why);
}

static int fixture_begin(struct fixture *f)
{
	return reach_connect_new(&f->connect, &f->events, &the_find, f->memory, &f->name,
				 &f->options, on_done, on_failed, f);
}

static void fixture_run(struct fixture *f)
{
	assert_int_equal(fixture_begin(f), 0);
	for (f->ndone = 0; f->ndone == 0;) {
		struct pollfd ready = {.fd = f->events.fd, .events = POLLIN};

		poll(&ready, 1, 10);
		resolve_events_run(&f->events, 0);
	}
}

static void what_was_found_is_connected_to(void **state)
{
	struct kit_port refusing = kit_refusing(), listening = kit_listening();
	struct fixture f;

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		fixture_init(&f);
		the_find.all[the_find.n++] = kit_instance("a", 0, "127.0.0.1", refusing.port);
		the_find.all[the_find.n++] = kit_instance("b", 1, "127.0.0.1", listening.port);
		f.is_freed_at_done = k == 1;
		fixture_run(&f);
		assert_int_equal(f.stage, REACH_CONNECTING);
		assert_int_equal(f.error, 0);
		assert_true(f.fd >= 0);
		assert_string_equal(f.to, "b");
		assert_int_equal(f.nfailed, 1);
		fixture_fini(&f);
	}
	kit_close(&refusing);
	kit_close(&listening);
}

static void errors_are_those_of_their_stage(void **state)
{
	struct kit_port refusing = kit_refusing();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	the_find.error = -ENOENT;
	fixture_run(&f);
	assert_int_equal(f.stage, REACH_FINDING);
	assert_int_equal(f.error, -ENOENT);
	assert_int_equal(f.fd, -1);
	assert_string_equal(f.why, "no such name");
	fixture_fini(&f);

	fixture_init(&f);
	the_find.all[the_find.n++] = kit_instance("a", 0, "127.0.0.1", refusing.port);
	fixture_run(&f);
	assert_int_equal(f.stage, REACH_CONNECTING);
	assert_int_equal(f.error, -EHOSTUNREACH);
	assert_int_equal(the_find.nanew, 1);
	assert_int_equal(f.nfailed, 1); /* it was not tried again */
	fixture_fini(&f);
	kit_close(&refusing);
}

static struct kit_port moved_to;

static void move_one(void)
{
	find_instance_release(the_find.all[0]);
	the_find.all[0] = kit_instance("a", 0, "127.0.0.1", moved_to.port);
}

static void lose_the_registry(void)
{
	the_find.error = -EHOSTUNREACH;
}

static void a_service_that_is_not_where_the_cache_has_it_is_looked_up_anew(void **state)
{
	struct kit_port refusing = kit_refusing();
	struct fixture f;

	(void)state;
	moved_to = kit_listening();
	for (unsigned k = 0; k < 2; k++) {
		fixture_init(&f);
		the_find.on_anew = k == 0 ? move_one : lose_the_registry;
		the_find.all[the_find.n++] = kit_instance("a", 0, "127.0.0.1", refusing.port);
		the_find.all[the_find.n++] = kit_instance("b", 1, "127.0.0.1", refusing.port);
		fixture_run(&f);
		assert_int_equal(f.nfailed, 2);
		assert_int_equal(f.stage, REACH_CONNECTING);
		assert_int_equal(f.error, k == 0 ? 0 : -EHOSTUNREACH);
		if (k == 0)
			assert_string_equal(f.to, "a");
		else
			assert_non_null(strstr(f.why, ": refused; b 127.0.0.1@"));
		reach_connect_free(f.connect);
		f.connect = NULL;
		fixture_fini(&f);
	}
	kit_close(&moved_to);
	kit_close(&refusing);
}

static void what_is_new_is_tried_beside_what_is_silent(void **state)
{
	struct kit_port silent = kit_silent();
	struct fixture f;

	(void)state;
	moved_to = kit_listening();
	fixture_init(&f);
	the_find.on_anew = move_one;
	the_find.all[the_find.n++] = kit_instance("a", 0, "127.0.0.1", silent.port);
	assert_int_equal(fixture_begin(&f), 0);
	for (uint64_t now_ms = 0; f.ndone == 0 && now_ms < DEADLINE_MS; now_ms += 100) {
		resolve_events_run(&f.events, now_ms);
		resolve_events_run(&f.events, now_ms);
	}
	assert_int_equal(f.error, 0);
	assert_string_equal(f.to, "a");
	assert_int_equal(the_find.nanew, 1);
	reach_connect_free(f.connect);
	f.connect = NULL;
	fixture_fini(&f);
	kit_close(&moved_to);
	kit_close(&silent);
}

static void what_is_silent_and_not_elsewhere_takes_all_the_time(void **state)
{
	struct kit_port silent = kit_silent();
	struct fixture f;

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		fixture_init(&f);
		the_find.on_anew = k == 0 ? NULL : lose_the_registry;
		the_find.all[the_find.n++] = kit_instance("a", 0, "127.0.0.1", silent.port);
		assert_int_equal(fixture_begin(&f), 0);
		for (uint64_t now_ms = 0; now_ms < DEADLINE_MS; now_ms += 100)
			resolve_events_run(&f.events, now_ms);
		assert_int_equal(f.ndone, 0);
		resolve_events_run(&f.events, DEADLINE_MS);
		assert_int_equal(f.error, -ETIMEDOUT);
		assert_int_equal(f.stage, REACH_CONNECTING);
		assert_int_equal(the_find.nanew, 1);
		fixture_fini(&f);
	}
	kit_close(&silent);
}

static void one_key_reaches_one_instance(void **state)
{
	struct kit_port p = kit_listening();
	unsigned nothers = 0;
	char first[32];

	(void)state;
	for (unsigned k = 0; k < 40; k++) {
		struct fixture f;
		uint8_t key[4] = "abc";

		fixture_init(&f);
		for (unsigned i = 0; i < 4; i++) /* in another order each time */
			the_find.all[the_find.n++] =
				kit_instance((const char[]){(char)('a' + (i + k) % 4), 0}, 0,
					     "127.0.0.1", p.port);
		key[0] = k < 20 ? 'a' : (uint8_t)k;
		f.options.key = key;
		f.options.nkey = sizeof(key);
		assert_int_equal(fixture_begin(&f), 0);
		key[0] = 'z'; /* it was copied */
		while (f.ndone == 0)
			resolve_events_run(&f.events, 0);
		if (k == 0)
			strcpy(first, f.to);
		if (k < 20)
			assert_string_equal(f.to, first);
		else
			nothers += strcmp(f.to, first) != 0;
		fixture_fini(&f);
	}
	assert_true(nothers > 0);
	kit_close(&p);
}

static void a_connect_that_is_freed_early_leaves_nothing(void **state)
{
	struct kit_port silent = kit_silent();
	struct fixture f;

	(void)state;
	for (unsigned nruns = 0; nruns < 2; nruns++) {
		fixture_init(&f);
		the_find.all[the_find.n++] = kit_instance("a", 0, "127.0.0.1", silent.port);
		assert_int_equal(fixture_begin(&f), 0);
		if (nruns > 0)
			resolve_events_run(&f.events, 0);
		fixture_fini(&f);
		assert_int_equal(f.ndone, 0);
	}
	kit_close(&silent);
}

static void short_memory_is_reported(void **state)
{
	struct kit_port listening = kit_listening();
	bool is_over = false;

	(void)state;
	for (int n = 0; !is_over; n++) {
		struct fixture f;

		fixture_init(&f);
		f.options.key = "k";
		f.options.nkey = 1;
		the_find.all[the_find.n++] = kit_instance("a", 0, "127.0.0.1", listening.port);
		memory_fail_after(n);
		if (fixture_begin(&f) == 0) {
			while (f.ndone == 0)
				resolve_events_run(&f.events, 0);
			assert_true(f.error == 0 || f.error == -ENOMEM);
		}
		is_over = !memory_has_failed();
		assert_true(!is_over || f.error == 0);
		memory_fail_after(MEMORY_ENOUGH);
		fixture_fini(&f);
	}
	kit_close(&listening);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_found_is_connected_to),
		cmocka_unit_test(errors_are_those_of_their_stage),
		cmocka_unit_test(a_service_that_is_not_where_the_cache_has_it_is_looked_up_anew),
		cmocka_unit_test(what_is_new_is_tried_beside_what_is_silent),
		cmocka_unit_test(what_is_silent_and_not_elsewhere_takes_all_the_time),
		cmocka_unit_test(one_key_reaches_one_instance),
		cmocka_unit_test(a_connect_that_is_freed_early_leaves_nothing),
		cmocka_unit_test(short_memory_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
