/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "place/place.h"

enum { NAMES = 40, OWNERS = 5 };

/* What the tests expect: which candidates there are, and, found by sorting all of them, which have
 * a place. */
struct model {
	struct places places;
	struct place_set *set;
	bool is_there[OWNERS][NAMES], is_shown[NAMES];
	uint64_t capacity;
	unsigned ncalls;
};

static const uint8_t *zone(void)
{
	return (const uint8_t *)"\3lab\5cloud";
}

static size_t name_of(uint8_t out[16], unsigned i)
{
	snprintf((char *)out + 1, 15, "N%02u", i * 7 % NAMES);
	out[0] = 3;
	return 4;
}

static uint16_t cost_of(unsigned i)
{
	return (uint16_t)(1 + i * 7 % NAMES % 3);
}

static int on_change(void *arg, const struct place_candidate *c, bool is_chosen)
{
	struct model *m = arg;
	unsigned n = (unsigned)atoi((const char[]){(char)c->key[2], (char)c->key[3], 0}), i = 0;

	assert_int_equal(c->key[1], 'n');
	assert_int_equal(c->spelled[1], 'N');
	while (i * 7 % NAMES != n)
		i++;
	assert_int_not_equal(m->is_shown[i], is_chosen);
	m->is_shown[i] = is_chosen;
	m->ncalls++;
	return 0;
}

/* All candidates in the order (rank, name, owner). Returns how many there are. */
static unsigned sorted(const struct model *m, unsigned owner[], unsigned name[])
{
	unsigned n = 0, by_name[NAMES], rank[OWNERS][NAMES];

	for (unsigned i = 0; i < NAMES; i++)
		by_name[i * 7 % NAMES] = i;
	for (unsigned o = 0; o < OWNERS; o++)
		for (unsigned k = 0, r = 0; k < NAMES; k++)
			if (m->is_there[o][by_name[k]])
				rank[o][by_name[k]] = r++;
	for (unsigned r = 0; r < NAMES; r++)
		for (unsigned k = 0; k < NAMES; k++)
			for (unsigned o = 0; o < OWNERS; o++)
				if (m->is_there[o][by_name[k]] && rank[o][by_name[k]] == r) {
					owner[n] = o;
					name[n++] = by_name[k];
				}
	return n;
}

static void check(struct model *m)
{
	unsigned owner[OWNERS * NAMES], name[OWNERS * NAMES], n = sorted(m, owner, name);
	bool is_full = false, is_chosen, is_shown[NAMES] = {false};
	uint64_t used = 0, nwaiting = 0;
	uint8_t text[16];

	assert_int_equal(place_count(m->set), n);
	for (unsigned i = 0; i < n; i++) {
		size_t nbytes = name_of(text, name[i]);
		uint16_t cost = is_shown[name[i]] ? 0 : cost_of(name[i]);

		is_full |= used + cost > m->capacity;
		used += is_full ? 0 : cost;
		nwaiting += is_full;
		is_shown[name[i]] |= !is_full;
		assert_non_null(place_get(m->set, owner[i], text, nbytes, &is_chosen));
		assert_int_equal(is_chosen, !is_full);
	}
	for (unsigned i = 0; i < NAMES; i++) {
		size_t nbytes = name_of(text, i);

		assert_int_equal(m->is_shown[i], is_shown[i]);
		assert_int_equal(place_is_shown(m->set, text, nbytes), is_shown[i]);
	}
	assert_int_equal(m->places.nwaiting, nwaiting);
}

static void change(struct model *m, unsigned o, unsigned i, bool is_added)
{
	uint8_t text[16];
	size_t n = name_of(text, i);
	int ret;

	if (is_added == m->is_there[o][i])
		return;
	ret = is_added ? place_add(&m->places, m->set, o, text, n, cost_of(i), on_change, m)
		       : place_remove(&m->places, m->set, o, text, n, on_change, m);
	assert_int_equal(ret, 0);
	m->is_there[o][i] = is_added;
}

static void places_go_by_rounds_whatever_comes_and_goes(void **state)
{
	struct model *m = calloc(1, sizeof(*m)), *before = malloc(sizeof(*m));

	(void)state;
	srand(7);
	assert_int_equal(place_init(&m->places, 3), 0);
	m->capacity = 30;
	m->set = place_begin(&m->places, zone(), zone(), PLACE_POINTERS, m->capacity);
	assert_non_null(m->set);
	place_commit(&m->places);
	for (unsigned round = 0; round < 600; round++) {
		memcpy(before, m, sizeof(*m));
		for (unsigned n = (unsigned)rand() % 12; n > 0; n--) {
			/* The first owner has most. */
			unsigned o = rand() % 3 == 0 ? (unsigned)rand() % OWNERS : 0;

			change(m, o, (unsigned)rand() % NAMES, rand() % 5 < 3);
			check(m);
		}
		if (rand() % 3 > 0) {
			place_commit(&m->places);
			continue;
		}
		place_undo(&m->places);
		memcpy(m->is_there, before->is_there, sizeof(m->is_there));
		memcpy(m->is_shown, before->is_shown, sizeof(m->is_shown));
		check(m);
	}
	place_fini(&m->places);
	free(before);
	free(m);
}

static int add(struct places *p, struct place_set *s, uint32_t owner, const char *text)
{
	return place_add(p, s, owner, (const uint8_t *)text, strlen(text), 1, NULL, NULL);
}

static bool has_place(const struct place_set *s, uint32_t owner, const char *text)
{
	bool is_chosen;

	return place_get(s, owner, (const uint8_t *)text, strlen(text), &is_chosen) != NULL &&
	       is_chosen;
}

static void a_candidate_goes_with_its_last_reference(void **state)
{
	struct places p;
	struct place_set *s;

	(void)state;
	assert_int_equal(place_init(&p, 3), 0);
	s = place_begin(&p, zone(), zone(), PLACE_POINTERS, 1);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(add(&p, s, 1, "\1a"), 0);
	assert_int_equal(add(&p, s, 2, "\1b"), 0);
	place_commit(&p);
	assert_true(has_place(s, 1, "\1A") && !has_place(s, 2, "\1b"));
	assert_int_equal(place_remove(&p, s, 1, (const uint8_t *)"\1a", 2, NULL, NULL), 0);
	assert_true(has_place(s, 1, "\1a"));
	assert_int_equal(place_remove(&p, s, 1, (const uint8_t *)"\1a", 2, NULL, NULL), 0);
	assert_true(!has_place(s, 1, "\1a") && has_place(s, 2, "\1b"));
	place_undo(&p);
	assert_true(has_place(s, 1, "\1a") && !has_place(s, 2, "\1b"));
	place_fini(&p);
}

static void ports_are_not_letters(void **state)
{
	struct places p;
	struct place_set *s;

	(void)state;
	assert_int_equal(place_init(&p, 3), 0);
	s = place_begin(&p, zone(), zone(), PLACE_SRVS, 9);
	assert_int_equal(add(&p, s, 1, "AAAAAA\1n"), 0);
	assert_int_equal(add(&p, s, 1, "AAAAAa\1n"), 0);
	assert_int_equal(add(&p, s, 1, "AAAAAa\1N"), 0);
	assert_int_equal(place_count(s), 2);
	assert_int_equal(p.nwaiting, 0);
	place_fini(&p);
}

static void a_set_that_ends_is_forgotten_or_comes_back(void **state)
{
	struct places p;
	struct place_set *s;

	(void)state;
	assert_int_equal(place_init(&p, 3), 0);
	/* begun and ended in one batch */
	s = place_begin(&p, zone(), zone(), PLACE_POINTERS, 8);
	assert_int_equal(add(&p, s, 1, "\1a"), 0);
	assert_true(place_is_over(s));
	assert_int_equal(place_remove(&p, s, 1, (const uint8_t *)"\1a", 2, NULL, NULL), 0);
	assert_int_equal(place_count(s), 0);
	assert_int_equal(place_end(&p, zone(), zone(), PLACE_POINTERS), 0);
	assert_null(place_find(&p, zone(), zone(), PLACE_POINTERS));
	s = place_begin(&p, zone(), zone(), PLACE_POINTERS, 8);
	for (const char *const *n = (const char *const[]){"\1a", "\1b", "\1c", "\1d", "\1e", "\1f",
							  "\1g", "\1h", NULL};
	     *n != NULL; n++)
		assert_int_equal(add(&p, s, 1, *n), 0);
	assert_false(place_is_short(s));
	assert_int_equal(add(&p, s, 1, "\1i"), 0);
	assert_true(place_is_short(s));
	assert_int_equal(p.nwaiting, 1);
	assert_int_equal(place_remove(&p, s, 1, (const uint8_t *)"\1i", 2, NULL, NULL), 0);
	assert_int_equal(p.nwaiting, 0);
	place_commit(&p);
	for (const char *n = "abcd"; *n != 0; n++) {
		assert_false(place_is_over(s));
		assert_int_equal(
			place_remove(&p, s, 1, (const uint8_t[]){1, (uint8_t)*n}, 2, NULL, NULL),
			0);
	}
	assert_true(place_is_over(s));
	assert_int_equal(place_end(&p, zone(), zone(), PLACE_POINTERS), 0);
	assert_null(place_find(&p, zone(), zone(), PLACE_POINTERS));
	assert_null(place_find(&p, zone(), zone(), PLACE_SRVS));
	place_undo(&p);
	assert_ptr_equal(place_find(&p, zone(), zone(), PLACE_POINTERS), s);
	assert_int_equal(place_count(s), 8);
	/* begun in a batch that is undone */
	s = place_begin(&p, zone(), zone(), PLACE_SRVS, 0);
	assert_int_equal(add(&p, s, 1, "\1a"), 0);
	place_undo(&p);
	assert_null(place_find(&p, zone(), zone(), PLACE_SRVS));
	assert_int_equal(p.nwaiting, 0);
	place_fini(&p);
}

static int count(void *arg, const struct place_candidate *c, bool is_chosen)
{
	unsigned *n = arg;

	n[is_chosen]++;
	return c->nbytes == 0;
}

static void thousands_of_candidates_are_in_order(void **state)
{
	enum { COUNT = 5000, CAPACITY = 700 };
	struct places p;
	struct place_set *s;
	unsigned n[2] = {0, 0};
	char text[16];

	(void)state;
	assert_int_equal(place_init(&p, 3), 0);
	s = place_begin(&p, zone(), zone(), PLACE_POINTERS, CAPACITY);
	for (unsigned i = 0; i < COUNT; i++) {
		snprintf(text, sizeof(text), "\4%04u", i * 3 % COUNT);
		assert_int_equal(add(&p, s, 1, text), 0);
	}
	assert_int_equal(place_each(s, PLACE_ALL, count, n), 0);
	assert_int_equal(n[1], CAPACITY);
	assert_int_equal(n[0], COUNT - CAPACITY);
	assert_true(has_place(s, 1, "\0040699") && !has_place(s, 1, "\0040700"));
	place_commit(&p);
	for (unsigned i = 0; i < COUNT; i++) {
		snprintf(text, sizeof(text), "\4%04u", i * 7 % COUNT);
		assert_int_equal(place_remove(&p, s, 1, (const uint8_t *)text, 5, NULL, NULL), 0);
	}
	assert_int_equal(place_count(s), 0);
	place_undo(&p);
	assert_int_equal(p.nwaiting, COUNT - CAPACITY);
	assert_true(has_place(s, 1, "\0040699") && !has_place(s, 1, "\0040700"));
	place_fini(&p);
}

static void without_memory_the_batch_can_be_undone(void **state)
{
	struct places p;
	struct place_set *s;
	int ret, n = 0;

	(void)state;
	assert_int_equal(place_init(&p, 3), 0);
	s = place_begin(&p, zone(), zone(), PLACE_POINTERS, 1);
	assert_int_equal(add(&p, s, 1, "\1a"), 0);
	place_commit(&p);
	do {
		memory_fail_after(n++);
		ret = add(&p, s, 2, "\1B");
		if (ret == 0)
			ret = place_remove(&p, s, 1, (const uint8_t *)"\1a", 2, NULL, NULL);
		memory_fail_after(MEMORY_ENOUGH);
		if (ret == 0)
			break;
		assert_int_equal(ret, -ENOMEM);
		place_undo(&p);
		assert_true(has_place(s, 1, "\1a"));
		assert_int_equal(place_count(s), 1);
	} while (n < 100);
	assert_true(n > 2 && n < 100 && has_place(s, 2, "\1b"));
	place_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_go_by_rounds_whatever_comes_and_goes),
		cmocka_unit_test(a_candidate_goes_with_its_last_reference),
		cmocka_unit_test(ports_are_not_letters),
		cmocka_unit_test(a_set_that_ends_is_forgotten_or_comes_back),
		cmocka_unit_test(thousands_of_candidates_are_in_order),
		cmocka_unit_test(without_memory_the_batch_can_be_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
