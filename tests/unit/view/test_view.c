/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The service view in all its cases is in tests/system/test_services.py; these tests are about
 * short memory, batches that are undone, and a restart from the disk. */

#include "../memory.h"
#include "../registry/kit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "store/store.h"

#define WEB "web._http._tcp"
#define API "api._http._tcp"
#define TYPE "_http._tcp"
#define SUB "_p._sub._http._tcp"
#define ADDRESS "7.0.0.10.in-addr.arpa."
#define REGISTER_WEB                                                                             \
	"- " WEB "; + " WEB " SRV 80 n1.nodes; + " WEB " TXT a=b; + n1.nodes A 10.0.0.7; + " SUB \
	" PTR " WEB

static int view_setup(void **state)
{
	kit_world_setup(state);
	kit_view(*state);
	return 0;
}

static bool is_browsed(struct kit_world *w, const char *name)
{
	return kit_points(w, TYPE, name);
}

static void a_live_instance_has_all_derived_records_and_an_ended_one_none(void **state)
{
	struct kit_world *w = *state;
	unsigned before = kit_count(w, TYPE, "SRV");

	assert_int_equal(kit_do(w, "n1", 30, 0, REGISTER_WEB), 0);
	assert_true(is_browsed(w, WEB) && kit_points(w, SUB, WEB) &&
		    kit_points(w, ADDRESS, "n1.nodes"));
	assert_true(kit_points(w, "_services._dns-sd._udp", TYPE) &&
		    kit_points(w, "lb._dns-sd._udp", "lab.cloud."));
	assert_int_equal(kit_count(w, TYPE, "SRV"), before + 1);
	assert_int_equal(kit_wrong(w), 0);
	kit_pass(w, 30000);
	assert_false(is_browsed(w, WEB) || kit_points(w, SUB, WEB) ||
		     kit_points(w, ADDRESS, "n1.nodes"));
	assert_int_equal(kit_count(w, TYPE, "SRV"), before);
	assert_int_equal(kit_wrong(w), 0);
}

/* Changes of a world where `web` is registered. Each by itself can be undone, and changes
 * nothing if memory is short. */
static const struct {
	const char *key, *update; /* without key: drain, or (with an update) undrain */
} deeds[] = {
	{"n1", REGISTER_WEB "; + _q._sub._http._tcp PTR " WEB},
	{"n1", "- " WEB},
	{"n1", "- " WEB " TXT; + " WEB " TXT state=failed"},
	{"admin", "- " WEB " SRV; + " WEB " SRV 81 n2.nodes; + n2.nodes A 10.0.0.7"},
	{"n1", "+ new._ipp._tcp SRV 1 n1.nodes; + _x._sub._ipp._tcp PTR new._ipp._tcp"},
	{"n1", "- n1.nodes A"},
	{"n2", "+ _suspect." WEB " TXT n2"},
	{"n3", "+ _suspect." API " TXT n3"},
	{"n1", "+ " API " SRV 81 n1.nodes; + " API " TXT again"},
	{NULL, NULL},
	{NULL, "undrain"},
};

static int deed(struct kit_world *w, unsigned i)
{
	int ret = deeds[i].key == NULL ? 0 : kit_update(w, deeds[i].key, 30, 0, deeds[i].update);

	assert_true(ret <= 0); /* none is refused */
	if (deeds[i].key != NULL)
		return ret;
	return kit_drain(w, deeds[i].update == NULL ? WEB : "old._http._tcp",
			 deeds[i].update == NULL);
}

/* web is live, old is drained, api needs one more report to be suspect. */
static void scene(struct kit_world *w)
{
	w->services.srv_max = 2;
	assert_int_equal(kit_do(w, "n1", 300, 0, REGISTER_WEB), 0);
	assert_int_equal(kit_do(w, "n1", 300, 0,
				"+ old._http._tcp SRV 82 n1.nodes; + old._http._tcp TXT state=up"),
			 0);
	assert_int_equal(kit_do(w, "n1", 300, 0, "+ " API " SRV 81 n1.nodes"), 0);
	assert_int_equal(kit_do(w, "n1", 300, 0, "+ third._http._tcp SRV 83 n1.nodes"), 0);
	assert_int_equal(kit_do(w, "n2", 0, 0, "+ _suspect." WEB " TXT n2"), 0);
	assert_int_equal(kit_do(w, "n2", 0, 0, "+ _suspect." API " TXT n2"), 0);
	assert_int_equal(kit_drain(w, "old._http._tcp", true), 1);
	assert_true(kit_commit(w, false) > 0);
	assert_int_equal(kit_wrong(w), 0);
	assert_true(is_browsed(w, WEB) && is_browsed(w, API) && !is_browsed(w, "old._http._tcp"));
}

static void a_batch_that_is_undone_changes_nothing(void **state)
{
	struct kit_world *w = *state;

	scene(w);
	for (unsigned i = 0; i < sizeof(deeds) / sizeof(*deeds); i++) {
		uint32_t serial = zone_snapshot_serial(zone_current(w->zone)), after;

		assert_true(deed(w, i) >= 0);
		kit_undo(w);
		assert_int_equal(kit_wrong(w), 0);
		/* The undone change has no effect on the next update either. */
		assert_int_equal(kit_do(w, "n1", 300, 0, "+ n1.nodes TXT x"), 0);
		assert_int_equal(kit_wrong(w), 0);
		after = zone_snapshot_serial(zone_current(w->zone));
		assert_true(after == serial || i == 0);
	}
}

static void a_batch_that_lacks_memory_changes_nothing(void **state)
{
	struct kit_world *w = *state;

	scene(w);
	for (unsigned i = 0; i < sizeof(deeds) / sizeof(*deeds); i++) {
		int ret = -1, n = 0;

		do {
			memory_fail_after(n);
			ret = deed(w, i);
			if (ret >= 0)
				ret = kit_commit(w, false);
			else
				kit_undo(w);
			memory_fail_after(MEMORY_ENOUGH);
			if (ret < 0)
				assert_true(memory_has_failed());
			assert_int_equal(kit_wrong(w), 0);
			n++;
		} while (memory_has_failed() && n < 1000);
		assert_true(ret >= 0 && n > 1 && n < 1000);
	}
}

static void a_restart_finds_marks_and_subtypes_again(void **state)
{
	struct kit_world *w = *state;

	scene(w);
	assert_int_equal(kit_do(w, "n3", 0, 0, "+ _suspect." API " TXT n3"), 0);
	assert_false(is_browsed(w, API));
	kit_restart(w, 1000);
	assert_int_equal(kit_wrong(w), 0);
	assert_false(is_browsed(w, API) || is_browsed(w, "old._http._tcp"));
	assert_int_equal(w->state.view.stats.ndrained, 1);
	assert_int_equal(w->state.view.stats.nsuspects, 1);
	assert_int_equal(kit_do(w, "n1", 300, 0, "- " WEB " TXT; + " WEB " TXT state=failed"), 0);
	assert_false(kit_points(w, SUB, WEB));
	kit_restart(w, 1000);
	assert_int_equal(kit_do(w, "n1", 300, 0,
				"- " WEB " TXT; + " WEB " TXT state=up; + " API " SRV 81 n1.nodes"),
			 0);
	assert_true(kit_points(w, SUB, WEB) && is_browsed(w, API));
	assert_int_equal(kit_drain(w, "old._http._tcp", false), 1);
	assert_true(kit_commit(w, false) > 0);
	assert_true(is_browsed(w, "old._http._tcp"));
	assert_int_equal(kit_wrong(w), 0);
}

static void malformed_items_are_refused(void **state)
{
	static const struct {
		uint8_t kind;
		const char *key;
		size_t nkey;
		const char *bytes;
		size_t nbytes;
	} rows[] = {
		{STORE_ITEM_MARK, "\3lab\5cloud", 11, "\0\0\0\0\0\0\0\0\1", 9},
		{STORE_ITEM_MARK, "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0", 37,
		 "\0\0\0\0\0\0\0\0\1", 9},
		{STORE_ITEM_MARK, "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0\0", 38,
		 "\0\0\0\0\0\0\0\0", 8},
		{STORE_ITEM_MARK, "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0\0", 38,
		 "\0\0\0\0\0\0\0\0\1\0", 10},
		{STORE_ITEM_MARK, "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0\0", 38,
		 "\0\0\0\0\0\0\0\0\1\0\5ab", 13},
		{STORE_ITEM_MARK, "\3lab\5cloud\0\2n1\5nodes\3lab\5cloud\0\0", 31,
		 "\0\0\0\0\0\0\0\0\1", 9},
		{STORE_ITEM_SUBTYPES, "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0\0", 38,
		 "\4_sub", 5},
		{STORE_ITEM_SUBTYPES, "\3lab\5other\0\3web\5_http\4_tcp\3lab\5cloud\0\0", 38,
		 "\4_sub\0", 6},
	};
	struct kit_world *w = *state;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint8_t *bytes =
			malloc(rows[i].nbytes); /* so that a sanitizer sees a read past its end */
		struct store_item note = {.kind = rows[i].kind,
					  .key = (const uint8_t *)rows[i].key,
					  .nkey = (uint16_t)rows[i].nkey,
					  .bytes = bytes,
					  .nbytes = (uint32_t)rows[i].nbytes};

		memcpy(bytes, rows[i].bytes, rows[i].nbytes);
		assert_int_equal(registry_items_read(&w->state.ledger, &w->state.view, &note),
				 -EBADMSG);
		free(bytes);
	}
}

static void a_full_type_has_room_again_when_an_instance_ends(void **state)
{
	struct kit_world *w = *state;
	char update[128];
	unsigned n = 0, browsed;

	while (w->state.view.stats.nwaiting < 10 && n < 5000) {
		snprintf(update, sizeof(update), "+ instance-%u._big._tcp SRV %u n1.nodes", n,
			 n % 50000 + 1);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
		n++;
	}
	browsed = kit_count(w, "_big._tcp", "PTR");
	assert_int_equal(w->state.view.stats.nwaiting, 10);
	assert_int_equal(browsed, n - 10);
	assert_int_equal(kit_wrong(w), 0);
	for (unsigned i = 0; i < 12; i++) {
		snprintf(update, sizeof(update), "- instance-%u._big._tcp", i * 7);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
	}
	assert_int_equal(w->state.view.stats.nwaiting, 0);
	assert_int_equal(kit_count(w, "_big._tcp", "PTR"), n - 12);
	assert_int_equal(kit_wrong(w), 0);
}

/* One of a type's instances is registered, removed or moved; those with low numbers, which have
 * the best SRVs, more often. */
static void move_one(struct kit_world *w, unsigned count)
{
	unsigned i = rand() % 2 ? (unsigned)rand() % count : (unsigned)rand() % 8,
		 how = (unsigned)rand() % 8;
	char update[160];

	if (how == 0)
		snprintf(update, sizeof(update), "- i%u._big._tcp", i);
	else if (how == 1) /* one of the best SRVs, which another instance may have too */
		snprintf(update, sizeof(update),
			 "- i%u._big._tcp SRV; + i%u._big._tcp SRV %u n1.nodes", i, i,
			 rand() % 3 + 1);
	else
		snprintf(update, sizeof(update),
			 "- i%u._big._tcp SRV; + i%u._big._tcp SRV %u n1.nodes", i, i,
			 i + 10 + (unsigned)rand() % 2 * 20000);
	assert_int_equal(kit_update(w, "n1", 0, 0, update), 0);
}

static void srvs_at_a_large_type_are_always_the_best(void **state)
{
	enum { COUNT = VIEW_RESERVE_MIN * 2 };
	struct kit_world *w = *state;
	char update[128];

	w->services.srv_max = 4;
	srand(5);
	for (unsigned i = 0; i < COUNT; i++) {
		snprintf(update, sizeof(update), "+ i%u._big._tcp SRV %u n1.nodes", i, i + 10);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
	}
	/* All of the best are moved to the end, until the reserve is used up. */
	for (unsigned i = 0; i < COUNT - 100; i++) {
		snprintf(update, sizeof(update),
			 "- i%u._big._tcp SRV; + i%u._big._tcp SRV %u n1.nodes", i, i, i + 30000);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
		if (i % 16 == 0)
			assert_int_equal(kit_wrong(w), 0);
	}
	for (unsigned round = 0; round < 200; round++) {
		for (unsigned n = (unsigned)rand() % 20; n > 0; n--)
			move_one(w, COUNT);
		if (rand() % 4 == 0)
			kit_undo(w);
		else
			assert_true(kit_commit(w, false) >= 0);
		assert_int_equal(kit_count(w, "_big._tcp", "SRV"), 4);
		assert_int_equal(kit_wrong(w), 0);
	}
}

static void the_list_of_types_is_full_and_has_room_again(void **state)
{
	struct kit_world *w = *state;
	char update[128];
	unsigned n = 0, listed = 0, before;

	do {
		before = listed;
		snprintf(update, sizeof(update), "+ a._type-%u._tcp SRV 80 n1.nodes", n++);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
		listed = kit_count(w, "_services._dns-sd._udp", "PTR");
	} while (listed > before && n < 5000);
	assert_true(n > 1000 && n < 5000);
	for (unsigned i = 0; i < 5; i++) {
		snprintf(update, sizeof(update), "+ a._more-%u._tcp SRV 80 n1.nodes", i);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
	}
	assert_int_equal(kit_count(w, "_services._dns-sd._udp", "PTR"), listed);
	assert_int_equal(kit_wrong(w), 0);
	for (unsigned i = 0; i < 10; i++) {
		snprintf(update, sizeof(update), "- a._type-%u._tcp", i);
		assert_int_equal(kit_do(w, "n1", 0, 0, update), 0);
	}
	assert_int_equal(kit_count(w, "_services._dns-sd._udp", "PTR"), listed + 6 - 10);
	assert_int_equal(kit_wrong(w), 0);
}

static void suspects_are_kept_as_the_panic_rule_says(void **state)
{
	static const struct {
		enum view_panic panic;
		bool first, last;
	} rows[] = {{VIEW_PANIC_ALL, true, true},
		    {VIEW_PANIC_LAST, false, true},
		    {VIEW_PANIC_NONE, false, false}};
	struct kit_world *w = *state;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		w->services.suspect.panic = rows[i].panic;
		assert_int_equal(kit_do(w, "n1", 300, 0,
					"+ a._x._tcp SRV 80 n1.nodes; + b._x._tcp SRV 81 n1.nodes"),
				 0);
		for (unsigned k = 0; k < 4; k++) {
			static const char *const reports[] = {
				"+ _suspect.a._x._tcp TXT n2", "+ _suspect.a._x._tcp TXT n3",
				"+ _suspect.b._x._tcp TXT n2", "+ _suspect.b._x._tcp TXT n3"};

			assert_int_equal(kit_do(w, k % 2 == 0 ? "n2" : "n3", 0, 0, reports[k]), 0);
			kit_pass(w, 100);
		}
		assert_int_equal(kit_points(w, "_x._tcp", "a._x._tcp"), rows[i].first);
		assert_int_equal(kit_points(w, "_x._tcp", "b._x._tcp"), rows[i].last);
		assert_int_equal(kit_wrong(w), 0);
		/* One instance that is not suspect ends the panic. */
		assert_int_equal(kit_do(w, "n1", 300, 0, "+ c._x._tcp SRV 82 n1.nodes"), 0);
		assert_false(kit_points(w, "_x._tcp", "a._x._tcp") ||
			     kit_points(w, "_x._tcp", "b._x._tcp"));
		assert_int_equal(kit_do(w, "n1", 0, 0, "- c._x._tcp; - a._x._tcp; - b._x._tcp"), 0);
		kit_pass(w, 20000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_live_instance_has_all_derived_records_and_an_ended_one_none, view_setup,
			kit_world_teardown),
		cmocka_unit_test_setup_teardown(a_batch_that_is_undone_changes_nothing, view_setup,
						kit_world_teardown),
		cmocka_unit_test_setup_teardown(a_batch_that_lacks_memory_changes_nothing,
						view_setup, kit_world_teardown),
		cmocka_unit_test_setup_teardown(a_restart_finds_marks_and_subtypes_again,
						view_setup, kit_world_teardown),
		cmocka_unit_test_setup_teardown(malformed_items_are_refused, view_setup,
						kit_world_teardown),
		cmocka_unit_test_setup_teardown(a_full_type_has_room_again_when_an_instance_ends,
						view_setup, kit_world_teardown),
		cmocka_unit_test_setup_teardown(srvs_at_a_large_type_are_always_the_best,
						view_setup, kit_world_teardown),
		cmocka_unit_test_setup_teardown(the_list_of_types_is_full_and_has_room_again,
						view_setup, kit_world_teardown),
		cmocka_unit_test_setup_teardown(suspects_are_kept_as_the_panic_rule_says,
						view_setup, kit_world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
