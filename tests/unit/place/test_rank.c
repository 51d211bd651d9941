/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../memory.h"
#include "place/rank.h"

enum { COUNT = 3000 }; /* several blocks */

static struct place_candidate *candidate(uint32_t owner, unsigned number)
{
	char key[8];

	snprintf(key, sizeof(key), "%04u", number);
	return place_rank_candidate(owner, (const uint8_t *)key, (const uint8_t *)key, 4, 1);
}

static struct place_candidate *find(const struct place_rank_owner *o, unsigned number,
				    struct place_rank_at *at)
{
	char key[8];

	snprintf(key, sizeof(key), "%04u", number);
	return place_rank_find(o, (const uint8_t *)key, 4, at);
}

/* Makes an owner of the even numbers below 2 * COUNT, inserted in no order. */
static struct place_rank_owner *evens(uint32_t id)
{
	struct place_rank_owner *o = calloc(1, sizeof(*o));
	struct place_rank_at at;

	o->id = id;
	for (unsigned i = 0; i < COUNT; i++)
		assert_int_equal(place_rank_insert(o, candidate(id, i * 1009 % COUNT * 2), &at), 0);
	assert_int_equal(o->count, COUNT);
	return o;
}

static void the_rank_of_a_candidate_is_its_index_in_order(void **state)
{
	struct place_rank_owner *o = evens(1);
	struct place_rank_at at;

	(void)state;
	for (unsigned i = 0; i < COUNT; i++) {
		assert_ptr_equal(find(o, 2 * i, &at), place_rank_get(o, i));
		assert_int_equal(at.rank, i);
		assert_null(find(o, 2 * i + 1, &at));
		assert_int_equal(at.rank, i + 1);
	}
	for (unsigned i = 0; i < COUNT; i += 2) {
		struct place_candidate *c = find(o, 2 * i, &at);

		place_rank_remove(o, &at);
		free(c);
	}
	assert_int_equal(o->count, COUNT / 2);
	for (unsigned i = 0; i < COUNT; i++) {
		assert_int_equal(find(o, 2 * i, &at) != NULL, i % 2);
		assert_int_equal(at.rank, i / 2);
	}
	place_rank_free(o);
}

static void an_owner_without_candidates_has_none(void **state)
{
	struct place_rank_owner o = {.id = 1};
	struct place_rank_at at;

	(void)state;
	assert_null(find(&o, 7, &at));
	assert_null(find(NULL, 7, &at));
	assert_int_equal(at.rank, 0);
}

static void ranks_compare_before_keys_and_keys_before_owners(void **state)
{
	struct place_rank_owner *a = evens(1), *b = evens(2);

	(void)state;
	assert_true(place_rank_compare(a, 5, b, 6) < 0 && place_rank_compare(b, 6, a, 5) > 0);
	assert_true(place_rank_compare(a, 5, b, 5) < 0 && place_rank_compare(b, 5, a, 5) > 0);
	assert_int_equal(place_rank_compare(a, 5, a, 5), 0);
	free(place_rank_get(a, 0));
	place_rank_remove(a, &(struct place_rank_at){0, 0, 0});
	assert_true(place_rank_compare(a, 5, b, 5) > 0);
	place_rank_free(a);
	place_rank_free(b);
}

static int count(void *arg, const struct place_candidate *c, bool is_chosen)
{
	unsigned *n = arg;

	assert_int_equal(atoi((const char[]){(char)c->key[0], (char)c->key[1], (char)c->key[2],
					     (char)c->key[3], 0}),
			 2 * n[0]++);
	n[1] += is_chosen;
	return n[0] == 2000 ? 7 : 0;
}

static void a_walk_goes_from_one_rank_to_before_another(void **state)
{
	struct place_rank_owner *o = evens(1);
	unsigned n[] = {500, 0};

	(void)state;
	o->nchosen = 600;
	assert_int_equal(place_rank_each(o, 500, 1500, count, n), 0);
	assert_int_equal(n[0], 1500);
	assert_int_equal(n[1], 100);
	assert_int_equal(place_rank_each(o, 1500, COUNT, count, n), 7);
	assert_int_equal(n[0], 2000);
	place_rank_free(o);
}

static void without_memory_nothing_is_inserted(void **state)
{
	struct place_rank_owner o = {.id = 1};
	struct place_rank_at at;
	unsigned nfailed = 0;

	(void)state;
	for (unsigned i = 0; i < 1200; i++) {
		struct place_candidate *c = candidate(1, i);
		int ret;

		for (int n = 0;; n++) {
			memory_fail_after(n);
			ret = place_rank_insert(&o, c, &at);
			memory_fail_after(MEMORY_ENOUGH);
			if (ret == 0)
				break;
			nfailed++;
			assert_int_equal(ret, -ENOMEM);
			assert_int_equal(o.count, i);
		}
		assert_int_equal(at.rank, i);
	}
	assert_true(nfailed > 3);
	for (size_t i = 0; i < o.nblocks; i++) {
		for (size_t k = 0; k < o.block[i].count; k++)
			free(o.block[i].item[k]);
		free(o.block[i].item);
	}
	free(o.block);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rank_of_a_candidate_is_its_index_in_order),
		cmocka_unit_test(an_owner_without_candidates_has_none),
		cmocka_unit_test(ranks_compare_before_keys_and_keys_before_owners),
		cmocka_unit_test(a_walk_goes_from_one_rank_to_before_another),
		cmocka_unit_test(without_memory_nothing_is_inserted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
