/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The registrar is replaced by a list of calls, which the test runs when it likes. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/ask.h"
#include "daemon/daemon.h"
#include "registry/registrar.h"

enum { QUESTIONS = 3 };

struct question {
	struct daemon_ask ask; /* first */
	int number;
};

static struct daemon weftd;
static struct question question[QUESTIONS];
static struct registry_call *call[QUESTIONS];
static int done_number[QUESTIONS], done_ret[QUESTIONS];
static size_t ncalls, ndone;

void __wrap_registry_registrar_call(struct registry_registrar *r, struct registry_call *c);

void __wrap_registry_registrar_call(struct registry_registrar *r, struct registry_call *c)
{
	(void)r;
	assert_true(ncalls < QUESTIONS);
	call[ncalls++] = c;
}

static void run(struct registry_registrar *r, struct daemon_ask *ask)
{
	(void)r;
	ask->ret = 10 + ((struct question *)ask)->number;
}

static void done(struct daemon_ask *ask)
{
	assert_true(ndone < QUESTIONS);
	done_number[ndone] = ((struct question *)ask)->number;
	done_ret[ndone++] = ask->ret;
}

static int setup(void **state)
{
	(void)state;
	ncalls = ndone = 0;
	weftd = (struct daemon){.loop = ev_loop_new(EVFLAG_AUTO)};
	daemon_ask_start(&weftd);
	for (int i = 0; i < QUESTIONS; i++)
		question[i] = (struct question){.number = i};
	return weftd.loop == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	ev_loop_destroy(weftd.loop);
	return 0;
}

static void ask_and_run_all(void)
{
	for (size_t i = 0; i < QUESTIONS; i++)
		daemon_ask(&weftd, &question[i].ask, run, done);
	assert_int_equal(ncalls, QUESTIONS);
	for (size_t i = 0; i < QUESTIONS; i++)
		call[i]->run(NULL, call[i]->arg);
	assert_int_equal(ndone, 0);
}

static void assert_all_done(void)
{
	assert_int_equal(ndone, QUESTIONS);
	for (int i = 0; i < QUESTIONS; i++) {
		assert_int_equal(done_number[i], i);
		assert_int_equal(done_ret[i], 10 + i);
	}
}

static void test_answers_are_events_in_order(void **state)
{
	(void)state;
	ask_and_run_all();
	ev_run(weftd.loop, EVRUN_ONCE);
	assert_all_done();
}

static void test_stop_takes_answers_not_looked_at(void **state)
{
	(void)state;
	ask_and_run_all();
	daemon_ask_stop(&weftd);
	assert_all_done();
}

static void test_stopping_asks_nothing(void **state)
{
	(void)state;
	weftd.is_stopping = true;
	daemon_ask(&weftd, &question[0].ask, run, done);
	assert_int_equal(ncalls, 0);
	assert_int_equal(ndone, 1);
	assert_int_equal(done_ret[0], -ESHUTDOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answers_are_events_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stop_takes_answers_not_looked_at, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_stopping_asks_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
