/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../memory.h"
#include "../registry/kit.h"

#include <errno.h>

#include "ledger/owner.h"
#include "view/mark.h"

#define WEB "web._http._tcp"
#define REGISTER_WEB \
	"+ " WEB " SRV 80 n1.nodes; + " WEB " TXT a; + n1.nodes A 10.0.0.7; + _http._tcp PTR " WEB

/* Ends a lease of `name` in the batch. Returns what update_expire returns. */
static int expire(struct kit_world *w, const char *name, uint8_t number)
{
	struct ledger_lease *lease = ledger_leases_find(&w->state.ledger.leases, zone_name(w->zone),
							kit_name(name), number);

	assert_non_null(lease);
	if (w->draft == NULL)
		w->draft = zone_draft_new(w->zone);
	if (w->draft == NULL)
		return -ENOMEM;
	return update_expire(w->state.update, lease, w->draft,
			     registry_state_view_rule(&w->state, w->zone));
}

static void an_end_removes_the_records_and_frees_the_names(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 30, 0, REGISTER_WEB);
	assert_string_equal(kit_owner(w, WEB), "n1");
	assert_int_equal(expire(w, WEB, LEDGER_LEASE_RECORDS), 4);
	assert_true(kit_commit(w, false) > 0);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), -1);
	assert_int_equal(kit_count(w, WEB, "SRV") + kit_count(w, WEB, "TXT"), 0);
	assert_int_equal(kit_count(w, "n1.nodes", "A") + kit_count(w, "_http._tcp", "PTR"), 0);
	assert_string_equal(kit_owner(w, WEB), "");
	assert_string_equal(kit_owner(w, "n1.nodes"), "");
}

static void a_record_that_another_lease_holds_remains(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 30, 0, "+ " WEB " SRV 80 n1.nodes; + n1.nodes A 10.0.0.7");
	kit_do(w, "n1", 30, 0, "+ api._http._tcp SRV 81 n1.nodes; + n1.nodes A 10.0.0.7");
	assert_int_equal(expire(w, WEB, LEDGER_LEASE_RECORDS), 1);
	assert_true(kit_commit(w, false) > 0);
	assert_int_equal(kit_count(w, "n1.nodes", "A"), 1);
	assert_int_equal(expire(w, "api._http._tcp", LEDGER_LEASE_RECORDS), 2);
	assert_true(kit_commit(w, false) > 0);
	assert_int_equal(kit_count(w, "n1.nodes", "A"), 0);
}

static void a_name_with_a_key_lease_keeps_its_owner(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 30, 100, "+ " WEB " SRV 80 n1.nodes");
	assert_int_equal(expire(w, WEB, LEDGER_LEASE_RECORDS), 1);
	assert_true(kit_commit(w, false) > 0);
	assert_string_equal(kit_owner(w, WEB), "n1");
	assert_int_equal(expire(w, WEB, LEDGER_LEASE_NAME), 0);
	assert_true(kit_commit(w, false) > 0);
	assert_string_equal(kit_owner(w, WEB), "");
}

static void an_end_that_is_undone_changes_nothing(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 30, 0, REGISTER_WEB);
	assert_int_equal(expire(w, WEB, LEDGER_LEASE_RECORDS), 4);
	kit_undo(w);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 30000);
	assert_int_equal(kit_count(w, WEB, "SRV"), 1);
	assert_string_equal(kit_owner(w, WEB), "n1");
}

static void the_service_view_follows_an_end(void **state)
{
	struct kit_world *w = *state;

	kit_view(w);
	kit_do(w, "n1", 30, 0, "+ " WEB " SRV 80 n1.nodes; + n1.nodes A 10.0.0.7");
	assert_true(kit_points(w, "_http._tcp", WEB));
	assert_int_equal(expire(w, WEB, LEDGER_LEASE_RECORDS), 2);
	assert_true(kit_commit(w, false) > 0);
	assert_false(kit_points(w, "_http._tcp", WEB));
	assert_int_equal(kit_wrong(w), 0);
}

static void without_memory_an_end_can_be_undone(void **state)
{
	struct kit_world *w = *state;
	int ret, n = 0;

	kit_view(w);
	kit_do(w, "n1", 30, 0, REGISTER_WEB);
	do {
		memory_fail_after(n++);
		ret = expire(w, WEB, LEDGER_LEASE_RECORDS);
		memory_fail_after(MEMORY_ENOUGH);
		assert_true(ret == 4 || (ret == -ENOMEM && memory_has_failed()));
		kit_undo(w);
		assert_int_equal(kit_wrong(w), 0);
		assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 30000);
	} while (ret < 0);
	assert_true(n > 2);
}

/* A store can have such leases: they were named after the target of a PTR. */
static void a_lease_named_outside_the_zone_ends(void **state)
{
	static const uint8_t *const names[] = {
		(const uint8_t *)"",
		(const uint8_t *)"\3foo",
		(const uint8_t *)"\3lab\6cloudx",
		(const uint8_t *)"\1a\1b\1c\1d\1e\1f",
		(const uint8_t *)"\10_suspect\3web\5_http\4_tcp\3foo\3bar",
	};
	struct kit_world *w = *state;
	struct ledger_leases *l = &w->state.ledger.leases;
	const struct view_mark drained = {.is_drained = true};

	kit_view(w);
	kit_do(w, NULL, 0, 0, REGISTER_WEB);
	assert_int_equal(
		view_mark_put(&w->state.view, zone_name(w->zone), kit_name(WEB), &drained, NULL),
		0);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct undo_key key;
		struct ledger_lease *lease;

		undo_table_key(&l->table, &key, zone_name(w->zone), names[i], 0);
		lease = ledger_leases_take(l, &key, w->zone);
		assert_non_null(lease);
		assert_int_equal(undo_table_put(&l->table, &lease->entry,
						ledger_content_new(NULL, 5, NULL, 0, 0)),
				 0);
		assert_int_equal(ledger_owner_set(&w->state.ledger.owners, zone_name(w->zone),
						  names[i], (const uint8_t *)"\2n1"),
				 0);
		assert_true(kit_commit(w, false) > 0);
		w->draft = zone_draft_new(w->zone);
		assert_int_equal(update_expire(w->state.update, lease, w->draft,
					       registry_state_view_rule(&w->state, w->zone)),
				 0);
		assert_true(kit_commit(w, false) > 0);
		assert_int_equal(l->table.count, 0);
		assert_null(ledger_owner_of(&w->state.ledger.owners, zone_name(w->zone), names[i]));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_world_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_end_removes_the_records_and_frees_the_names),
		TEST(a_record_that_another_lease_holds_remains),
		TEST(a_name_with_a_key_lease_keeps_its_owner),
		TEST(an_end_that_is_undone_changes_nothing),
		TEST(the_service_view_follows_an_end),
		TEST(without_memory_an_end_can_be_undone),
		TEST(a_lease_named_outside_the_zone_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
