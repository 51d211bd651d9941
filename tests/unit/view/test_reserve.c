/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../memory.h"
#include "../registry/kit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "view/reserve.h"

static const uint8_t zone[] = "\3lab\5cloud", type[] = "\5_http\4_tcp\3lab\5cloud",
		     other[] = "\4_ftp\4_tcp\3lab\5cloud";

/* SRVs are numbers: their priority, which is their order. */
enum { NRDATA = 6 + 3 };

static const uint8_t *srv(unsigned number)
{
	static uint8_t rdata[NRDATA] = "\0\0\0\0\0\0\1n";

	base_store16(rdata, (uint16_t)number);
	return rdata;
}

static int take(struct view_reserves *r)
{
	uint8_t out[DNS_NAME_MAX + 6];
	size_t n = view_reserve_take(r, zone, type, out);

	assert_true(n == 0 || n == NRDATA);
	return n == 0 ? -1 : base_load16(out);
}

static void added_srvs_come_out_in_order_and_once(void **state)
{
	static const uint16_t numbers[] = {7, 3, 9, 3, 5, 9, 1}, sorted[] = {1, 3, 5, 9};
	struct view_reserves r;

	(void)state;
	assert_int_equal(view_reserves_init(&r, 1), 0);
	view_reserve_add(&r, zone, type, srv(4), NRDATA);
	assert_false(view_reserve_is_known(&r, zone, type));
	assert_int_equal(view_reserve_begin(&r, zone, type, 0), 0);
	assert_true(view_reserve_is_known(&r, zone, type));
	for (unsigned i = 0; i < 7; i++)
		view_reserve_add(&r, zone, type, srv(numbers[i]), NRDATA);
	view_reserve_remove(&r, zone, type, srv(7), NRDATA);
	view_reserve_remove(&r, zone, type, srv(8), NRDATA);
	assert_false(view_reserve_is_known(&r, zone, other));
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(take(&r), sorted[i]);
	assert_int_equal(take(&r), -1);
	view_reserves_commit(&r);
	assert_false(view_reserve_is_known(&r, zone, type));
	view_reserves_fini(&r);
}

static void an_srv_pushed_out_of_the_set_comes_next(void **state)
{
	struct view_reserves r;

	(void)state;
	assert_int_equal(view_reserves_init(&r, 1), 0);
	view_reserve_push(&r, zone, type, srv(5), NRDATA);
	/* Unknown SRVs may sort before this one. */
	view_reserve_add(&r, zone, type, srv(6), NRDATA);
	view_reserve_push(&r, zone, type, srv(4), NRDATA);
	assert_int_equal(take(&r), 4);
	assert_int_equal(take(&r), 5);
	assert_false(view_reserve_is_known(&r, zone, type));
	view_reserves_fini(&r);
}

static void an_empty_reserve_is_not_stored(void **state)
{
	struct view_reserves r;

	(void)state;
	assert_int_equal(view_reserves_init(&r, 1), 0);
	for (unsigned n = 0; n < 2; n++) {
		assert_int_equal(view_reserve_begin(&r, zone, type, 0), 0);
		if (n > 0)
			view_reserve_add(&r, zone, type, srv(4), NRDATA);
		view_reserve_end(&r, zone, type);
		view_reserves_commit(&r);
		assert_int_equal(r.types.count, n);
	}
	view_reserves_fini(&r);
}

static void a_reserve_from_a_long_scan_is_larger(void **state)
{
	static const struct {
		size_t nlooks;
		int kept;
	} rows[] = {{0, VIEW_RESERVE_MIN}, {8000, 500}, {1000000, VIEW_RESERVE_MAX}};

	(void)state;
	for (unsigned k = 0; k < 3; k++) {
		struct view_reserves r;

		assert_int_equal(view_reserves_init(&r, 1), 0);
		assert_int_equal(view_reserve_begin(&r, zone, type, rows[k].nlooks), 0);
		for (unsigned i = 0; i < 9000; i++)
			view_reserve_add(&r, zone, type, srv(i * 7919 % 9000), NRDATA);
		for (int i = 0; i < rows[k].kept; i++)
			assert_int_equal(take(&r), i);
		assert_false(view_reserve_is_known(&r, zone, type));
		view_reserves_fini(&r);
	}
}

static void an_undone_batch_leaves_an_unknown_reserve(void **state)
{
	struct view_reserves r;

	(void)state;
	assert_int_equal(view_reserves_init(&r, 1), 0);
	view_reserve_push(&r, zone, type, srv(5), NRDATA);
	view_reserves_commit(&r);
	assert_int_equal(take(&r), 5);
	view_reserves_undo(&r);
	assert_false(view_reserve_is_known(&r, zone, type));
	assert_int_equal(r.types.count, 0);
	view_reserves_fini(&r);
}

/* A type as view/type_srv.c treats it: the best of `there` are in the set. */
enum { NUMBERS = 2000, BEST = 8 };
struct model {
	bool is_there[NUMBERS], is_best[NUMBERS];
	unsigned count, nlooks;
};

static unsigned worst_of(const struct model *m)
{
	unsigned i = NUMBERS - 1;

	while (!m->is_best[i])
		i--;
	return i;
}

static void join(struct model *m, struct view_reserves *r, unsigned number)
{
	unsigned worst;

	m->is_there[number] = true;
	if (m->count == BEST) {
		worst = worst_of(m);
		if (number > worst) {
			view_reserve_add(r, zone, type, srv(number), NRDATA);
			return;
		}
		m->is_best[worst] = false;
		view_reserve_push(r, zone, type, srv(worst), NRDATA);
		m->count--;
	}
	m->is_best[number] = true;
	m->count++;
}

static void look(struct model *m, struct view_reserves *r)
{
	m->nlooks++;
	if (view_reserve_begin(r, zone, type, NUMBERS) < 0)
		return;
	for (unsigned i = 0; i < NUMBERS; i++)
		if (m->is_there[i] && !m->is_best[i])
			view_reserve_add(r, zone, type, srv(i), NRDATA);
}

static void leave(struct model *m, struct view_reserves *r, unsigned number)
{
	bool was_full = m->count == BEST;
	int next;

	m->is_there[number] = false;
	if (!m->is_best[number]) {
		view_reserve_remove(r, zone, type, srv(number), NRDATA);
		return;
	}
	m->is_best[number] = false;
	m->count--;
	if (!was_full)
		return;
	if (!view_reserve_is_known(r, zone, type))
		look(m, r);
	if (!view_reserve_is_known(r, zone, type)) {
		memory_fail_after(MEMORY_ENOUGH);
		look(m, r);
	}
	next = take(r);
	if (next >= 0) {
		m->is_best[next] = true;
		m->count++;
	}
}

static void assert_best(const struct model *m)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < NUMBERS; i++)
		if (m->is_there[i])
			assert_int_equal(m->is_best[i], seen++ < BEST);
		else
			assert_false(m->is_best[i]);
}

/* `fill` of the numbers are there; allocations fail now and then if `is_short`. */
static unsigned run(unsigned fill, unsigned nsteps, bool is_short)
{
	struct view_reserves r;
	struct model m = {.count = 0};

	assert_int_equal(view_reserves_init(&r, 1), 0);
	srand(fill);
	for (unsigned step = 0; step < nsteps; step++) {
		unsigned number = (unsigned)rand() % NUMBERS;
		bool is_few = (unsigned)rand() % NUMBERS < fill;

		if (is_short)
			memory_fail_after(rand() % 20);
		if (m.is_there[number] && !is_few)
			leave(&m, &r, number);
		else if (!m.is_there[number] && is_few)
			join(&m, &r, number);
		memory_fail_after(MEMORY_ENOUGH);
		assert_best(&m);
		if (step % 7 == 0)
			view_reserves_commit(&r);
		if (step % 701 == 0)
			view_reserves_undo(&r);
	}
	view_reserves_fini(&r);
	return m.nlooks;
}

static void the_best_are_known_at_any_time(void **state)
{
	(void)state;
	run(3, 20000, false);
	run(10, 20000, false);
	run(200, 20000, false);
	run(1500, 20000, false);
}

static void short_memory_only_costs_another_scan(void **state)
{
	(void)state;
	run(10, 20000, true);
	run(1500, 20000, true);
}

/* The worst case: always the best of many instances ends, and comes back as the last. */
static void one_scan_of_all_srvs_serves_many_removals(void **state)
{
	struct view_reserves r;
	struct model m = {.count = 0};

	(void)state;
	assert_int_equal(view_reserves_init(&r, 1), 0);
	for (unsigned i = 0; i < 1000; i++)
		join(&m, &r, i);
	for (unsigned i = 0; i < 1000; i++) {
		leave(&m, &r, i);
		join(&m, &r, 1000 + i);
	}
	assert_best(&m);
	assert_true(m.nlooks <= 1000 / VIEW_RESERVE_MIN + 1);
	view_reserves_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(added_srvs_come_out_in_order_and_once),
		cmocka_unit_test(an_srv_pushed_out_of_the_set_comes_next),
		cmocka_unit_test(an_empty_reserve_is_not_stored),
		cmocka_unit_test(a_reserve_from_a_long_scan_is_larger),
		cmocka_unit_test(an_undone_batch_leaves_an_unknown_reserve),
		cmocka_unit_test(the_best_are_known_at_any_time),
		cmocka_unit_test(short_memory_only_costs_another_scan),
		cmocka_unit_test(one_scan_of_all_srvs_serves_many_removals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
