/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The registrar's thread is not started: work may be done before it runs. */

#include "kit.h"

#include <errno.h>
#include <stdlib.h>

#include "dns/type.h"
#include "engine.h"
#include "registry/hold.h"
#include "registry/registrar.h"
#include "registry/work.h"
#include "view/node.h"

#define WEB "web._http._tcp"

struct fixture {
	struct kit_world w;
	struct kit_engine engine;
	struct registry_registrar *registrar;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	kit_world_init(&f->w);
	kit_follow_clock(&f->w);
	kit_view(&f->w);
	assert_int_equal(kit_do(&f->w, "n1", 300, 0, "+ " WEB " SRV 80 n1.nodes; + " WEB " TXT a"),
			 0);
	f->registrar = kit_engine_registrar(&f->engine, &f->w.state);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	registry_registrar_stop(f->registrar);
	kit_world_fini(&f->w);
	free(f);
	return 0;
}

static void a_zone_files_change_takes_records_from_their_leases(void **state)
{
	static const struct {
		int commit_ret, ret;
		unsigned ntxts; /* afterwards */
	} rows[] = {{-ENOSPC, -ENOSPC, 1}, {0, 1, 0}, {0, 0, 0}};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct zone_draft *d = registry_work_begin(f->registrar, f->w.zone);

		assert_non_null(d);
		assert_int_equal(zone_draft_remove_rrset(d, kit_name(WEB), DNS_TYPE_TXT), i < 2);
		f->engine.ret = rows[i].commit_ret;
		assert_int_equal(registry_work_commit(f->registrar, NULL), rows[i].ret);
		assert_int_equal(kit_count(&f->w, WEB, "TXT"), rows[i].ntxts);
	}
}

static void an_aborted_batch_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct zone_draft *d = registry_work_begin(f->registrar, f->w.zone);

	assert_int_equal(zone_draft_remove_rrset(d, kit_name(WEB), DNS_TYPE_TXT), 1);
	registry_work_abort(f->registrar);
	assert_int_equal(kit_count(&f->w, WEB, "TXT"), 1);
	assert_int_equal(f->engine.ncommits, 0);
}

static void a_prepared_draft_is_one_commit(void **state)
{
	struct fixture *f = *state;
	struct registry_hold *hold = registry_work_prepare(f->registrar, f->w.zone);

	assert_non_null(hold);
	assert_null(registry_work_prepare(f->registrar, f->w.zone));
	assert_int_equal(zone_draft_remove_rrset(hold->draft, kit_name(WEB), DNS_TYPE_TXT), 1);
	assert_int_equal(registry_hold_seal(hold), 0);
	registry_hold_let_go(hold);
	assert_non_null(registry_work_adopt(f->registrar));
	assert_int_equal(registry_work_commit(f->registrar, NULL), 1);
	assert_int_equal(f->engine.ncommits, 1);
	assert_int_equal(f->engine.nchanges, 1);
	assert_int_equal(kit_count(&f->w, WEB, "TXT"), 0);
}

static void a_prepared_draft_is_lost_to_what_cannot_wait(void **state)
{
	struct fixture *f = *state;
	struct registry_hold *hold = registry_work_prepare(f->registrar, f->w.zone);

	assert_non_null(hold);
	assert_int_equal(zone_draft_remove_rrset(hold->draft, kit_name(WEB), DNS_TYPE_TXT), 1);
	assert_false(hold->is_wanted_back);
	registry_hold_let_go(hold);
	assert_int_equal(
		registry_work_drain(f->registrar, f->w.zone, &f->w.services, kit_name(WEB), true),
		1);
	assert_true(hold->is_wanted_back);
	assert_null(registry_work_adopt(f->registrar));
	assert_int_equal(kit_count(&f->w, WEB, "TXT"), 1);
	assert_false(kit_points(&f->w, "_http._tcp", WEB));
}

static void leases_are_ended_at_once_or_not_at_all(void **state)
{
	struct fixture *f = *state;
	struct ledger_lease *lease =
		ledger_leases_find(&f->w.state.ledger.leases, zone_name(f->w.zone), kit_name(WEB),
				   LEDGER_LEASE_RECORDS);

	lease->zone = f->w.zone;
	f->engine.ret = -EIO;
	assert_int_equal(registry_work_expire(f->registrar, &lease, 1), -EIO);
	assert_int_equal(kit_count(&f->w, WEB, "SRV"), 1);
	f->engine.ret = 0;
	assert_int_equal(registry_work_expire(f->registrar, &lease, 1), 0);
	assert_int_equal(kit_count(&f->w, WEB, "SRV"), 0);
	assert_false(kit_points(&f->w, "_http._tcp", WEB));
}

static void an_instance_is_drained_when_that_is_durable(void **state)
{
	static const struct {
		const char *instance;
		bool is_drained;
		int commit_ret, ret;
		bool is_browsed; /* WEB, afterwards */
	} rows[] = {
		{"no._http._tcp", true, 0, -ENOENT, true},
		{WEB, true, -EIO, -EIO, true},
		{WEB, true, 0, 1, false},
		{WEB, true, 0, 0, false},
		{WEB, false, 0, 1, true},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		f->engine.ret = rows[i].commit_ret;
		assert_int_equal(registry_work_drain(f->registrar, f->w.zone, &f->w.services,
						     kit_name(rows[i].instance),
						     rows[i].is_drained),
				 rows[i].ret);
		assert_int_equal(kit_points(&f->w, "_http._tcp", WEB), rows[i].is_browsed);
	}
}

static void a_node_is_drained_when_that_is_durable(void **state)
{
	static const struct {
		bool is_drained;
		int commit_ret, ret;
		bool is_drained_after;
	} rows[] = {
		{true, -EIO, -EIO, false}, {true, 0, 1, true},	 {true, 0, 0, true},
		{false, -EIO, -EIO, true}, {false, 0, 1, false}, {false, 0, 0, false},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		f->engine.ret = rows[i].commit_ret;
		assert_int_equal(registry_work_drain_node(f->registrar, kit_name("n1.nodes"),
							  rows[i].is_drained),
				 rows[i].ret);
		assert_int_equal(view_node_is_drained(&f->w.state.view, kit_name("n1.nodes")),
				 rows[i].is_drained_after);
	}
}

static void instances_follow_their_node_when_that_is_durable(void **state)
{
	static const struct {
		bool is_drained;
		int commit_ret, ret;
		bool is_browsed; /* WEB, afterwards */
	} rows[] = {
		{true, -EIO, -EIO, true}, {true, 0, 1, false}, {true, 0, 0, false},
		{false, -EIO, -EIO, false}, {false, 0, 1, true}, {false, 0, 0, true},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const uint8_t *const instances[] = {kit_name(WEB), kit_name("gone._http._tcp")};

		f->engine.ret = 0;
		assert_true(registry_work_drain_node(f->registrar, kit_name("n1.nodes"),
						     rows[i].is_drained) >= 0);
		f->engine.ret = rows[i].commit_ret;
		assert_int_equal(registry_work_drain_follow(f->registrar, f->w.zone,
							    &f->w.services, instances, 2),
				 rows[i].ret);
		assert_int_equal(kit_points(&f->w, "_http._tcp", WEB), rows[i].is_browsed);
	}
}

/* Does all steps of a reconciliation. Returns what the last one returns. */
static int reconcile(struct fixture *f)
{
	int ret;

	do
		ret = registry_work_reconcile_step(f->registrar);
	while (ret > 0);
	return ret;
}

static void a_view_is_reconciled_with_a_new_rule(void **state)
{
	struct fixture *f = *state;
	struct view_rule rule = f->w.services;

	rule.has_srv = 0;
	assert_true(kit_count(&f->w, "_http._tcp", "SRV") > 0);
	registry_work_reconcile_begin(f->registrar, f->w.zone, &rule, f->w.services.ttl_s);
	assert_int_equal(reconcile(f), 0);
	assert_int_equal(kit_count(&f->w, "_http._tcp", "SRV"), 0);
	assert_int_equal(f->engine.ncommits, 1);
	assert_int_equal(f->engine.nchanges, 1);
	assert_int_equal(registry_work_reconcile_step(f->registrar), 0);
}

static void other_work_on_a_zone_comes_after_all_steps(void **state)
{
	struct fixture *f = *state;
	struct view_rule rule = f->w.services;

	rule.has_srv = 0;
	registry_work_reconcile_begin(f->registrar, f->w.zone, &rule, rule.ttl_s);
	assert_int_equal(registry_work_reconcile_step(f->registrar), 1);
	assert_true(registry_hold_has(&registry_registrar_batch(f->registrar)->hold, f->w.zone));
	assert_true(kit_count(&f->w, "_http._tcp", "SRV") > 0);
	assert_int_equal(registry_work_drain(f->registrar, f->w.zone, &rule, kit_name(WEB), true),
			 1);
	assert_int_equal(kit_count(&f->w, "_http._tcp", "SRV"), 0);
	assert_int_equal(registry_work_reconcile_step(f->registrar), 0);
	assert_false(registry_hold_has(&registry_registrar_batch(f->registrar)->hold, f->w.zone));
}

static void a_step_that_fails_is_the_last(void **state)
{
	struct fixture *f = *state;
	struct view_rule rule = f->w.services;

	rule.has_srv = 0;
	f->engine.ret = -EIO;
	registry_work_reconcile_begin(f->registrar, f->w.zone, &rule, rule.ttl_s);
	assert_int_equal(reconcile(f), -EIO);
	assert_int_equal(registry_work_reconcile_step(f->registrar), 0);
	assert_true(kit_count(&f->w, "_http._tcp", "SRV") > 0);
	/* Steps that are left when the registrar ends are dropped. */
	registry_work_reconcile_begin(f->registrar, f->w.zone, &rule, rule.ttl_s);
}

static void a_purged_zone_is_forgotten_by_store_and_state(void **state)
{
	static const int rets[] = {-EIO, 0};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rets) / sizeof(*rets); i++) {
		f->engine.ret = rets[i];
		assert_int_equal(registry_work_purge(f->registrar, zone_name(f->w.zone), NULL),
				 rets[i]);
		assert_int_equal(f->engine.nremovals, i + 1);
		assert_true(f->engine.nitems > 0);
		assert_string_equal(kit_owner(&f->w, WEB), rets[i] == 0 ? "" : "n1");
	}
}

static void an_item_is_stored_on_its_own(void **state)
{
	struct fixture *f = *state;
	const struct store_item item = {STORE_ITEM_ZONE, (const uint8_t *)"k", 1, NULL, 0};

	assert_ptr_equal(registry_work_state(f->registrar), &f->w.state);
	assert_int_equal(registry_work_save_item(f->registrar, &item), 0);
	assert_int_equal(f->engine.ncommits, 1);
	assert_int_equal(f->engine.nitems, 1);
	f->engine.ret = -EIO;
	assert_int_equal(registry_work_save_item(f->registrar, &item), -EIO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_zone_files_change_takes_records_from_their_leases),
		TEST(an_aborted_batch_changes_nothing),
		TEST(a_prepared_draft_is_one_commit),
		TEST(a_prepared_draft_is_lost_to_what_cannot_wait),
		TEST(leases_are_ended_at_once_or_not_at_all),
		TEST(an_instance_is_drained_when_that_is_durable),
		TEST(a_node_is_drained_when_that_is_durable),
		TEST(instances_follow_their_node_when_that_is_durable),
		TEST(a_view_is_reconciled_with_a_new_rule),
		TEST(other_work_on_a_zone_comes_after_all_steps),
		TEST(a_step_that_fails_is_the_last),
		TEST(a_purged_zone_is_forgotten_by_store_and_state),
		TEST(an_item_is_stored_on_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
