/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <errno.h>

#include "../memory.h"
#include "dns/type.h"
#include "view/reconcile.h"

#define TYPE "_http._tcp"
#define WEB "web." TYPE
#define ADDRESS "7.0.0.10.in-addr.arpa."
#define REGISTER_WEB "+ " WEB " SRV 80 n1.nodes; + n1.nodes A 10.0.0.7"

/* Reconciles the zone in the batch; `ttl_before_s` is of the previous rule. */
static int reconcile(struct kit_world *w, uint32_t ttl_before_s)
{
	if (w->draft == NULL)
		w->draft = zone_draft_new(w->zone);
	if (w->draft == NULL)
		return -ENOMEM;
	return view_reconcile(update_pass(w->state.update), &w->services, ttl_before_s,
			      zone_current(w->zone), w->draft);
}

static uint32_t ptr_ttl(struct zone *zone, const char *owner)
{
	struct zone_draft *d = zone_draft_new(zone);
	uint32_t ttl_s = zone_draft_ttl(d, kit_name(owner), DNS_TYPE_PTR, 0);

	zone_draft_abort(d);
	return ttl_s;
}

static void derived_records_follow_a_new_rule(void **state)
{
	static const struct {
		uint32_t is_on, has_srv, has_reverse, ttl_s;
		uint32_t browse_ttl_s, reverse_ttl_s; /* afterwards; 0: no such record */
		unsigned nsrvs;			      /* at the type; one is the zone file's */
	} rows[] = {
		{1, 1, 1, 20, 20, 20, 2}, {1, 1, 1, 5, 5, 5, 2},    {1, 0, 1, 5, 5, 5, 0},
		{1, 0, 0, 5, 5, 0, 0},	  {1, 1, 1, 10, 10, 10, 2},
	};
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 0, 0, REGISTER_WEB), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint32_t ttl_before_s = w->services.ttl_s;

		w->services.is_on = rows[i].is_on;
		w->services.has_srv = rows[i].has_srv;
		w->services.has_reverse = rows[i].has_reverse;
		w->services.ttl_s = rows[i].ttl_s;
		assert_int_equal(reconcile(w, ttl_before_s), 0);
		assert_true(kit_commit(w, false) >= 0);
		assert_int_equal(ptr_ttl(w->zone, TYPE), rows[i].browse_ttl_s);
		assert_int_equal(ptr_ttl(w->reverse, ADDRESS), rows[i].reverse_ttl_s);
		assert_int_equal(kit_count(w, TYPE, "SRV"), rows[i].nsrvs);
		assert_int_equal(kit_wrong(w), 0);
	}
}

static void short_steps_in_batches_of_their_own_come_to_the_same(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 0, 0, REGISTER_WEB "; + _p._sub." TYPE " PTR " WEB), 0);
	for (uint32_t nrecords = 1; nrecords < 6; nrecords++) {
		const struct zone_snapshot *s = zone_acquire(w->zone);
		uint32_t ttl_before_s = w->services.ttl_s;
		struct view_reconciling walk;
		unsigned nsteps = 0;
		int ret;

		w->services.ttl_s = 20 + nrecords;
		view_reconcile_begin(&walk, &w->services, ttl_before_s, s);
		do {
			w->draft = zone_draft_new(w->zone);
			ret = view_reconcile_step(&walk, update_pass(w->state.update), w->draft,
						  nrecords);
			assert_true(ret >= 0);
			assert_true(kit_commit(w, false) >= 0);
			nsteps++;
		} while (ret > 0);
		view_reconcile_end(&walk);
		assert_true(nsteps >= zone_snapshot_records(s) * 2 / nrecords);
		zone_release(w->zone, s);
		assert_int_equal(ptr_ttl(w->zone, TYPE), w->services.ttl_s);
		assert_int_equal(ptr_ttl(w->zone, "_p._sub." TYPE), w->services.ttl_s);
		assert_int_equal(ptr_ttl(w->reverse, ADDRESS), w->services.ttl_s);
		assert_int_equal(kit_wrong(w), 0);
	}
}

static void records_that_changed_without_the_view_are_repaired(void **state)
{
	static const struct {
		bool is_reverse; /* the record is in the reverse zone */
		const char *owner, *target;
		bool is_added; /* or removed */
	} rows[] = {
		{false, TYPE, WEB, false},
		{false, "_services._dns-sd._udp", TYPE, false},
		{true, ADDRESS, "n1.nodes", false},
		{true, "8.0.0.10.in-addr.arpa.", "n1.nodes", true},
	};
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 0, 0, REGISTER_WEB), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct zone_draft *d = zone_draft_new(rows[i].is_reverse ? w->reverse : w->zone);
		const uint8_t *owner = kit_name(rows[i].owner), *target = kit_name(rows[i].target);
		size_t nbytes = dns_name_nbytes(target);

		assert_int_equal(
			rows[i].is_added
				? zone_draft_add(d, owner, DNS_TYPE_PTR, 10, target, nbytes)
				: zone_draft_remove(d, owner, DNS_TYPE_PTR, target, nbytes),
			1);
		assert_int_equal(zone_draft_seal(d, NULL), 1);
		zone_draft_publish(d);
		assert_int_equal(reconcile(w, w->services.ttl_s), 0);
		assert_true(kit_commit(w, false) >= 0);
		assert_int_equal(kit_points(w, rows[i].owner, rows[i].target), !rows[i].is_added);
		assert_int_equal(kit_wrong(w), 0);
	}
}

/* As a crash leaves them before all instances of a node have followed it. */
static void srvs_at_a_type_that_no_instance_implies_are_removed(void **state)
{
	static const uint8_t srv[] = "\0\0\0\0\0\120\2ns\3lab\5cloud";
	static const struct {
		uint32_t ttl_s;
		unsigned nleft;
	} rows[] = {{10, 0}, {60, 1}};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct zone_draft *d = zone_draft_new(w->zone);

		assert_int_equal(zone_draft_add(d, kit_name("_x._tcp"), DNS_TYPE_SRV, rows[i].ttl_s,
						srv, sizeof(srv)),
				 1);
		assert_int_equal(zone_draft_seal(d, NULL), 1);
		zone_draft_publish(d);
		assert_int_equal(kit_wrong(w), 1 - rows[i].nleft);
		assert_int_equal(reconcile(w, w->services.ttl_s), 0);
		assert_true(kit_commit(w, false) >= 0);
		assert_int_equal(kit_count(w, "_x._tcp", "SRV"), rows[i].nleft);
		assert_int_equal(kit_count(w, TYPE, "SRV"), 1);
		assert_int_equal(kit_wrong(w), 0);
	}
}

static void a_reverse_zone_that_was_loaded_gets_its_ptrs(void **state)
{
	struct kit_world *w = *state;
	const uint8_t *node;
	struct zone_draft *d;

	assert_int_equal(kit_do(w, "n1", 0, 0, REGISTER_WEB), 0);
	d = zone_draft_new(w->reverse);
	node = kit_name("n1.nodes");
	assert_int_equal(
		zone_draft_remove(d, kit_name(ADDRESS), DNS_TYPE_PTR, node, dns_name_nbytes(node)),
		1);
	assert_int_equal(zone_draft_seal(d, NULL), 1);
	zone_draft_publish(d);
	w->draft = zone_draft_new(w->zone);
	assert_int_equal(
		view_reconcile_reverse(update_pass(w->state.update), &w->services, w->draft), 0);
	assert_true(kit_commit(w, false) >= 0);
	assert_true(kit_points(w, ADDRESS, "n1.nodes"));
	assert_int_equal(kit_wrong(w), 0);
}

static void a_forgotten_zone_leaves_no_table_entry(void **state)
{
	struct kit_world *w = *state;
	const struct view *v = &w->state.view;

	assert_int_equal(kit_do(w, "n1", 0, 0, REGISTER_WEB "; + _p._sub." TYPE " PTR " WEB), 0);
	assert_int_equal(kit_drain(w, WEB, true), 1);
	assert_true(kit_commit(w, false) > 0);
	assert_true(v->subtypes.count > 0 && v->marks.count > 0);
	assert_int_equal(view_reconcile_forget(&w->state.view, kit_name("lab.cloud.")), 0);
	view_commit(&w->state.view);
	assert_int_equal(v->subtypes.count + v->marks.count + v->srvs.count, 0);
	assert_int_equal(v->places.nwaiting, 0);
}

static void without_memory_reconciling_can_be_undone(void **state)
{
	struct kit_world *w = *state;
	int ret, n = 0;

	assert_int_equal(kit_do(w, "n1", 0, 0, REGISTER_WEB "; + _p._sub." TYPE " PTR " WEB), 0);
	w->services.ttl_s = 20;
	do {
		memory_fail_after(n++);
		ret = reconcile(w, 10);
		memory_fail_after(MEMORY_ENOUGH);
		assert_true(ret == 0 || (ret == -ENOMEM && memory_has_failed()));
		kit_undo(w);
		assert_int_equal(ptr_ttl(w->zone, TYPE), 10);
	} while (ret < 0 && n < 1000);
	assert_true(n > 10 && n < 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(derived_records_follow_a_new_rule),
		TEST(short_steps_in_batches_of_their_own_come_to_the_same),
		TEST(records_that_changed_without_the_view_are_repaired),
		TEST(srvs_at_a_type_that_no_instance_implies_are_removed),
		TEST(a_reverse_zone_that_was_loaded_gets_its_ptrs),
		TEST(a_forgotten_zone_leaves_no_table_entry),
		TEST(without_memory_reconciling_can_be_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
