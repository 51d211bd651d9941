/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../memory.h"
#include "registry/queue.h"
#include "registry/request.h"

enum { REQUESTS = 64 };

struct fixture {
	struct registry_queue q;
	struct registry_request request[REQUESTS];
	unsigned nput;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(registry_queue_init(&f->q), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	memory_fail_after(MEMORY_ENOUGH);
	while (registry_queue_take(&f->q) != NULL)
		;
	registry_queue_fini(&f->q);
	free(f);
	return 0;
}

static struct registry_request *put(struct fixture *f, uint64_t source)
{
	struct registry_request *r = &f->request[f->nput++];

	r->source = source;
	registry_queue_put(&f->q, r);
	return r;
}

/* Takes the next request and charges its source. Returns its number. */
static unsigned take(struct fixture *f, uint64_t cost)
{
	struct registry_request *r = registry_queue_take(&f->q);

	assert_non_null(r);
	registry_queue_charge(&f->q, r->source, cost);
	return (unsigned)(r - f->request);
}

static void requests_of_one_source_keep_their_order(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 5; i++)
		put(f, 1);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(take(f, 10), i);
	assert_null(registry_queue_next(&f->q));
	assert_null(registry_queue_take(&f->q));
}

static void a_source_that_was_silent_is_next(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 10; i++)
		put(f, 1);
	take(f, 10);
	take(f, 10);
	put(f, 2);
	/* Both may be first where they have cost the same; the new one never waits for two. */
	assert_true(take(f, 10) == 10 || take(f, 10) == 10);
}

static void the_next_request_is_expected_to_cost_what_the_last_of_its_source_did(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(registry_queue_expected(&f->q), 0);
	put(f, 1);
	put(f, 1);
	put(f, 2);
	assert_int_equal(registry_queue_expected(&f->q), 0);
	take(f, 700);
	/* The other source has cost nothing yet. */
	assert_int_equal(registry_queue_expected(&f->q), 0);
	take(f, 900);
	assert_int_equal(registry_queue_expected(&f->q), 700);
	take(f, 30);
	assert_int_equal(registry_queue_expected(&f->q), 0);
	put(f, 1);
	assert_int_equal(registry_queue_expected(&f->q), 30);
	take(f, 1);
}

static void sources_share_by_cost_and_not_by_number(void **state)
{
	struct fixture *f = *state;
	unsigned cheap = 0, dear = 0;

	for (unsigned i = 0; i < 30; i++) {
		put(f, 1);
		put(f, 2);
	}
	while (dear < 3)
		if (f->request[take(f, registry_queue_next(&f->q)->source == 1 ? 100 : 10)]
			    .source == 1)
			dear++;
		else
			cheap++;
	assert_in_range(cheap, 18, 30);
}

static void an_idle_source_remembers_what_it_owes_but_saves_up_nothing(void **state)
{
	struct fixture *f = *state;

	put(f, 1);
	take(f, 1000);
	put(f, 2);
	put(f, 2);
	put(f, 1);
	assert_int_equal(take(f, 400), 1);
	assert_int_equal(take(f, 400), 2);
	assert_int_equal(take(f, 0), 3);
	/* Source 2 has cost 800, the queue is at 1000: source 2 begins there. */
	for (unsigned i = 0; i < 4; i++)
		put(f, 1 + i % 2);
	assert_int_equal(f->q.heap[0]->cost, 1000);
	take(f, 1);
	assert_int_equal(f->q.heap[0]->cost, 1000);
}

static void what_is_put_back_is_first_again(void **state)
{
	struct fixture *f = *state;
	struct registry_request *first, *second;

	for (unsigned i = 0; i < 3; i++)
		put(f, 7);
	first = registry_queue_take(&f->q);
	second = registry_queue_take(&f->q);
	registry_queue_put_back(&f->q, second);
	registry_queue_put_back(&f->q, first);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(take(f, 1), i);
	put(f, 7);
	first = registry_queue_take(&f->q);
	registry_queue_put_back(&f->q, first);
	assert_ptr_equal(registry_queue_next(&f->q), first);
	put(f, 7);
	assert_int_equal(take(f, 1), 3);
	assert_int_equal(take(f, 1), 4);
}

static void a_source_is_alone_for_a_while(void **state)
{
	struct fixture *f = *state;

	assert_false(registry_queue_is_alone(&f->q, 1, 0));
	put(f, 1);
	take(f, 1);
	registry_queue_isolate(&f->q, 1, 500);
	assert_true(registry_queue_is_alone(&f->q, 1, 499));
	assert_false(registry_queue_is_alone(&f->q, 1, 500));
	assert_false(registry_queue_is_alone(&f->q, 2, 0));
}

static void the_oldest_request_of_a_source_is_known(void **state)
{
	struct fixture *f = *state;

	assert_null(registry_queue_oldest(&f->q, 1));
	put(f, 1);
	put(f, 1);
	assert_ptr_equal(registry_queue_oldest(&f->q, 1), &f->request[0]);
	take(f, 1);
	assert_ptr_equal(registry_queue_oldest(&f->q, 1), &f->request[1]);
	take(f, 1);
	assert_null(registry_queue_oldest(&f->q, 1));
}

static void many_sources_are_remembered_but_not_all(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < 100000; i++) {
		f->request[0].source = i;
		registry_queue_put(&f->q, &f->request[0]);
		assert_ptr_equal(registry_queue_take(&f->q), &f->request[0]);
	}
	assert_int_equal(f->q.nidle, 4096);
}

static void without_memory_requests_share_a_queue(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 14; i++)
		put(f, i);
	memory_fail_after(0);
	for (unsigned i = 14; i < REQUESTS; i++)
		put(f, i);
	memory_fail_after(MEMORY_ENOUGH);
	for (unsigned i = 0; i < REQUESTS; i++)
		take(f, 1);
	assert_null(registry_queue_next(&f->q));
	memory_fail_after(0);
	assert_int_equal(registry_queue_init(&(struct registry_queue){0}), -ENOMEM);
	memory_fail_after(1);
	assert_int_equal(registry_queue_init(&(struct registry_queue){0}), -ENOMEM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(requests_of_one_source_keep_their_order),
		TEST(a_source_that_was_silent_is_next),
		TEST(the_next_request_is_expected_to_cost_what_the_last_of_its_source_did),
		TEST(sources_share_by_cost_and_not_by_number),
		TEST(an_idle_source_remembers_what_it_owes_but_saves_up_nothing),
		TEST(what_is_put_back_is_first_again),
		TEST(a_source_is_alone_for_a_while),
		TEST(the_oldest_request_of_a_source_is_known),
		TEST(many_sources_are_remembered_but_not_all),
		TEST(without_memory_requests_share_a_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
