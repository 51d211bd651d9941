/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/queue.h"

enum { THREADS = 4, EACH = 10000 };

struct item {
	struct base_queue_link link; /* first, so that a link is its item */
	int thread, number;
};

static void items_are_taken_in_the_order_they_were_put(void **state)
{
	struct item items[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
	struct base_queue q;
	struct base_queue_link *link;
	int number = 0;

	(void)state;
	base_queue_init(&q);
	assert_null(base_queue_take(&q));
	for (int i = 0; i < 3; i++)
		assert_int_equal(base_queue_put(&q, &items[i].link), i == 0);
	assert_false(base_queue_is_empty(&q));
	for (link = base_queue_take(&q); link != NULL; link = link->next)
		assert_int_equal(((struct item *)link)->number, number++);
	assert_int_equal(number, 3);
	assert_true(base_queue_is_empty(&q));
	assert_true(base_queue_put(&q, &items[0].link));
}

struct putter {
	pthread_t thread;
	struct base_queue *queue;
	struct item *items;
};

static void *put_all(void *arg)
{
	struct putter *p = arg;

	for (int i = 0; i < EACH; i++)
		base_queue_put(p->queue, &p->items[i].link);
	return NULL;
}

static void nothing_is_lost_between_threads(void **state)
{
	static struct item items[THREADS][EACH];
	struct putter putters[THREADS];
	int next[THREADS] = {0}, n = 0;
	struct base_queue q;

	(void)state;
	base_queue_init(&q);
	for (int t = 0; t < THREADS; t++) {
		for (int i = 0; i < EACH; i++)
			items[t][i] = (struct item){.thread = t, .number = i};
		putters[t] = (struct putter){.queue = &q, .items = items[t]};
		assert_int_equal(pthread_create(&putters[t].thread, NULL, put_all, &putters[t]), 0);
	}
	while (n < THREADS * EACH) {
		struct base_queue_link *link = base_queue_take(&q);

		for (; link != NULL; link = link->next, n++) {
			const struct item *item = (const struct item *)link;

			assert_int_equal(item->number, next[item->thread]++);
		}
	}
	for (int t = 0; t < THREADS; t++)
		pthread_join(putters[t].thread, NULL);
	assert_true(base_queue_is_empty(&q));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_taken_in_the_order_they_were_put),
		cmocka_unit_test(nothing_is_lost_between_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
