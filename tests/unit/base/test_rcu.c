/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rcu.h"

/* A reader that stops where the test wants it to. */
struct puppet {
	pthread_t thread;
	pthread_barrier_t turn;
	void (*step)(void);
};

static void *puppet_main(void *arg)
{
	struct puppet *p = arg;

	base_rcu_register();
	for (;;) {
		pthread_barrier_wait(&p->turn);
		if (p->step == NULL)
			break;
		p->step();
		pthread_barrier_wait(&p->turn);
	}
	base_rcu_unregister();
	return NULL;
}

static void puppet_do(struct puppet *p, void (*step)(void))
{
	p->step = step;
	pthread_barrier_wait(&p->turn);
	if (step != NULL)
		pthread_barrier_wait(&p->turn);
	else
		pthread_join(p->thread, NULL);
}

static void puppet_new(struct puppet *p)
{
	pthread_barrier_init(&p->turn, NULL, 2);
	assert_int_equal(pthread_create(&p->thread, NULL, puppet_main, p), 0);
	puppet_do(p, base_rcu_quiescent);
}

static void a_grace_period_lasts_until_each_reader_was_quiescent(void **state)
{
	struct puppet a, b;
	uint64_t grace;

	(void)state;
	puppet_new(&a);
	puppet_new(&b);
	grace = base_rcu_begin();
	assert_true(base_rcu_done() < grace);
	puppet_do(&a, base_rcu_quiescent);
	assert_true(base_rcu_done() < grace);
	puppet_do(&b, base_rcu_quiescent);
	assert_true(base_rcu_done() >= grace);
	puppet_do(&a, NULL);
	puppet_do(&b, NULL);
}

static void a_reader_that_sleeps_holds_up_nothing(void **state)
{
	struct puppet a;
	uint64_t first, second;

	(void)state;
	puppet_new(&a);
	first = base_rcu_begin();
	puppet_do(&a, base_rcu_offline);
	assert_true(base_rcu_done() >= first);
	puppet_do(&a, base_rcu_online);
	assert_true(base_rcu_done() >= first);
	second = base_rcu_begin();
	assert_true(base_rcu_done() < second);
	puppet_do(&a, NULL);
	assert_true(base_rcu_done() >= second);
}

static void a_waiting_thread_does_not_wait_for_itself(void **state)
{
	(void)state;
	base_rcu_register();
	base_rcu_wait();
	base_rcu_defer(malloc(1));
	base_rcu_quiescent();
	base_rcu_defer(malloc(1));
	base_rcu_unregister();
}

/* Readers follow a pointer while a writer makes it point to a new piece and spoils the old ones
 * as soon as it may. */
enum { READERS = 3, VERSIONS = 2000, SPOILT = 0xdd };

static _Atomic(unsigned char *) published;
static _Atomic unsigned nspoilt_seen;
static atomic_bool is_over;

static void *read_main(void *arg)
{
	unsigned turn = 0;

	(void)arg;
	base_rcu_register();
	while (!atomic_load(&is_over)) {
		unsigned char *p = atomic_load_explicit(&published, memory_order_acquire);

		for (unsigned i = 0; i < 64; i++)
			if (p[i] == SPOILT)
				atomic_fetch_add(&nspoilt_seen, 1);
		if (++turn % 8 == 0) {
			base_rcu_offline();
			base_rcu_online();
		} else {
			base_rcu_quiescent();
		}
	}
	base_rcu_unregister();
	return NULL;
}

static void no_reader_sees_freed_memory(void **state)
{
	pthread_t readers[READERS];
	unsigned char *piece[2] = {calloc(1, 64), calloc(1, 64)};

	(void)state;
	atomic_store(&published, piece[0]);
	for (unsigned i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_main, NULL), 0);
	for (unsigned v = 1; v <= VERSIONS; v++) {
		unsigned char *next = piece[v % 2], *old = piece[(v + 1) % 2];
		uint64_t grace;

		memset(next, (int)(v % 100), 64);
		atomic_store_explicit(&published, next, memory_order_release);
		grace = base_rcu_begin();
		while (base_rcu_done() < grace)
			sched_yield();
		memset(old, SPOILT, 64);
	}
	atomic_store(&is_over, true);
	for (unsigned i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	assert_int_equal(nspoilt_seen, 0);
	free(piece[0]);
	free(piece[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_grace_period_lasts_until_each_reader_was_quiescent),
		cmocka_unit_test(a_reader_that_sleeps_holds_up_nothing),
		cmocka_unit_test(a_waiting_thread_does_not_wait_for_itself),
		cmocka_unit_test(no_reader_sees_freed_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
