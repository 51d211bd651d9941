/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/store.h"
#include "view/suspect.h"

#define WEB "web._http._tcp"

static void owners_and_leases_are_the_same_after_a_restart(void **state)
{
	struct kit_world *w = *state;

	w->rule.grace_s = 0;
	kit_do(w, "n1", 100, 200, "+ " WEB " TXT a");
	kit_do(w, "n2", 0, 0, "+ perm._http._tcp TXT a");
	kit_do(w, "n2", 0, 0, "+ gone._http._tcp TXT a");
	kit_do(w, "n2", 0, 0, "- gone._http._tcp");
	kit_pass(w, 30000);
	for (unsigned i = 0; i < 3; i++) {
		kit_restart(w, 1000000);
		assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 70000);
		assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_NAME), 170000);
		assert_string_equal(kit_owner(w, WEB), "n1");
		assert_string_equal(kit_owner(w, "perm._http._tcp"), "n2");
		assert_string_equal(kit_owner(w, "gone._http._tcp"), "");
		assert_int_equal(w->state.ledger.owners.table.count, 2);
		assert_int_equal(w->state.ledger.leases.table.count, 2);
	}
	kit_pass(w, 70000);
	assert_int_equal(kit_count(w, WEB, "TXT"), 0);
	assert_string_equal(kit_owner(w, WEB), "n1");
	kit_pass(w, 100000);
	assert_string_equal(kit_owner(w, WEB), "");
}

static void the_grace_is_what_the_rule_says_and_does_not_add_up(void **state)
{
	static const struct {
		uint32_t grace_s, lease_s;
		int64_t left_ms;
	} rows[] = {
		{0, 30, 30000},
		{7, 30, 37000},
		{5000, 30, 5030000},
		{LEDGER_GRACE_THIRD, 30, 40000},
		{LEDGER_GRACE_THIRD, 1, 1333},
		{LEDGER_GRACE_THIRD, 180, 240000},
		{LEDGER_GRACE_THIRD, 181, 241000},
		{LEDGER_GRACE_THIRD, 7200, 7260000},
	};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		w->rule.grace_s = rows[i].grace_s;
		kit_do(w, "n1", rows[i].lease_s, 0, "+ " WEB " TXT a");
		for (unsigned k = 0; k < 3; k++) {
			kit_restart(w, 5000);
			assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS),
					 rows[i].left_ms);
		}
		kit_do(w, "n1", 0, 0, "- " WEB);
	}
}

static void a_lease_that_had_ended_when_weftd_did_has_the_grace_alone(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 3, 0, "+ " WEB " TXT a");
	kit_do(w, "n1", 3, 0, "+ other._http._tcp TXT a");
	kit_do(w, "n1", 9, 0, "+ long._http._tcp TXT a");
	w->steady_ms += 5000; /* without a tick, as if the disk were full */
	kit_do(w, "n1", 0, 0, "+ now._http._tcp TXT a");
	kit_restart(w, 0);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 1000);
	assert_int_equal(kit_left_ms(w, "long._http._tcp", LEDGER_LEASE_RECORDS), 4000 + 3000);
}

static void the_clock_stands_still_while_weftd_does_and_goes_on_from_the_last_note(void **state)
{
	struct kit_world *w = *state;
	uint64_t before;

	w->rule.grace_s = 0;
	kit_do(w, "n1", 100, 0, "+ " WEB " TXT a");
	kit_pass(w, 10000);
	before = ledger_clock_now(&w->state.ledger.clock, w->steady_ms);
	w->steady_ms += 800; /* time that is not on disk */
	kit_restart(w, 86400000);
	assert_true(ledger_clock_now(&w->state.ledger.clock, w->steady_ms) <= before);
	assert_true(ledger_clock_now(&w->state.ledger.clock, w->steady_ms) + 1000 >= before);
	assert_in_range(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 90000, 91000);
}

static void a_tick_writes_down_the_clock_each_second_and_only_with_leases(void **state)
{
	struct kit_world *w = *state;
	size_t before = w->nitems;

	kit_pass(w, 5000);
	assert_int_equal(w->nitems, before);
	assert_int_equal(ledger_next(&w->state.ledger), UINT64_MAX);
	kit_do(w, "n1", 100, 0, "+ " WEB " TXT a");
	before = w->nitems;
	kit_pass(w, 5000);
	assert_int_equal(w->nitems, before + 5);
}

static void many_refreshes_are_written_with_one_tick(void **state)
{
	struct kit_world *w = *state;
	size_t before;

	w->rule.grace_s = 0;
	kit_do(w, "n1", 100, 0, "+ " WEB " TXT a");
	kit_do(w, "n1", 100, 0, "+ api._http._tcp TXT a");
	kit_pass(w, 500);
	before = w->nitems;
	for (unsigned i = 0; i < 50; i++) {
		kit_do(w, "n1", 100, 0, "+ " WEB " TXT a");
		kit_do(w, "n1", 100, 0, "+ api._http._tcp TXT a");
	}
	assert_int_equal(w->nitems, before);
	assert_int_equal(ledger_next(&w->state.ledger), 0);
	kit_pass(w, 100);
	assert_int_equal(w->nitems, before + 3); /* two leases, the clock */
	kit_restart(w, 0);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 99900);
}

static void a_refresh_that_was_not_stored_is_stored_with_the_next_tick(void **state)
{
	struct kit_world *w = *state;
	const struct store_item *notes;
	size_t nnotes, before;

	kit_do(w, "n1", 100, 0, "+ " WEB " TXT a");
	kit_do(w, "n1", 100, 0, "+ " WEB " TXT a");
	assert_int_equal(registry_items_collect(&w->state.items, &w->state.ledger, &w->state.view,
						1, true, NULL, &notes, &nnotes),
			 0);
	assert_int_equal(nnotes, 2);
	kit_undo(w);
	before = w->nitems;
	kit_pass(w, 100);
	assert_int_equal(w->nitems, before + 2);
}

static void an_item_of_the_caller_is_stored_with_the_others(void **state)
{
	struct kit_world *w = *state;
	const struct store_item more = {.kind = STORE_ITEM_ZONE,
					.key = (const uint8_t *)"k",
					.nkey = 1,
					.bytes = (const uint8_t *)"abc",
					.nbytes = 3};
	const struct store_item *notes;
	size_t nnotes;

	assert_int_equal(registry_items_collect(&w->state.items, &w->state.ledger, &w->state.view,
						1, false, &more, &notes, &nnotes),
			 0);
	assert_int_equal(nnotes, 1);
	assert_int_equal(notes[0].kind, STORE_ITEM_ZONE);
	assert_memory_equal(notes[0].bytes, "abc", 3);
	kit_undo(w);
}

/* Items are the same octets on every host: stores of all versions so far have these. */
static void items_are_these_octets(void **state)
{
#define ZONE_KEY "\3lab\5cloud\0"
#define TYPE_NAME "\5_http\4_tcp\3lab\5cloud\0"
#define WEB_NAME "\3web" TYPE_NAME
#define ROW(kind, number, bytes)                                                             \
	{                                                                                    \
		kind, ZONE_KEY WEB_NAME number, sizeof(ZONE_KEY WEB_NAME number) - 1, bytes, \
			sizeof(bytes) - 1                                                    \
	}
	static const struct {
		uint8_t kind;
		const char *key;
		size_t nkey;
		const char *bytes;
		size_t nbytes;
	} rows[] = {
		/* clang-format off */
		ROW(STORE_ITEM_OWNER, "\0", "\2n1\4keys" ZONE_KEY),
		ROW(STORE_ITEM_LEASE, "\0",
		    "\1\0\0\0\0\1\43\105\240\0\0\0\0\1\44\314\100" /* version, stamp, end */
		    "\0\0\0\144\0\0\0\4\23\2n1\4keys" ZONE_KEY /* seconds, records, holder */
		    TYPE_NAME "\0\14\0\1\0\0\0\74\0\32" WEB_NAME
		    "\4_new\4_sub" TYPE_NAME "\0\14\0\1\0\0\0\74\0\32" WEB_NAME
		    WEB_NAME "\0\41\0\1\0\0\0\74\0\32\0\0\0\0\0\120\2n1\5nodes" ZONE_KEY
		    WEB_NAME "\0\20\0\1\0\0\0\74\0\2\1a"),
		ROW(STORE_ITEM_LEASE, "\1",
		    "\1\0\0\0\0\1\43\105\240\0\0\0\0\1\62\207\340\0\0\3\350\0\0\0\0\23\2n1\4keys"
		    ZONE_KEY),
		ROW(STORE_ITEM_SUBTYPE, "\0\4_new", "\4_new"),
		/* suspect since, flags, the TXT */
		ROW(STORE_ITEM_MARK, "\0", "\0\0\1\2\3\4\5\6\3\0\2\1a"),
		ROW(STORE_ITEM_LEASE_TIME, "\0", "\0\0\0\0\1\43\111\210\0\0\0\0\1\44\320\50"),
		{STORE_ITEM_CLOCK, "", 1, "\0\0\0\0\1\43\111\210", 8},
		/* clang-format on */
	};
#undef ROW
	static const char registration[] =
		"+ _http._tcp PTR " WEB "; + _new._sub._http._tcp PTR " WEB "; + " WEB
		" SRV 80 n1.nodes; + " WEB " TXT a";
	struct kit_world *w = *state;

	kit_view(w);
	kit_pass(w, 0x1234567);
	kit_do(w, "n1", 100, 1000, registration);
	kit_pass(w, 1000);
	kit_do(w, "n1", 100, 1000, registration);
	kit_pass(w, 1000);
	assert_int_equal(kit_drain(w, WEB, true), 1);
	assert_int_equal(
		view_suspect_set(update_pass(w->state.update), kit_name(WEB), true, 0x010203040506),
		0);
	assert_true(kit_commit(w, false) > 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool is_there = false;

		for (size_t k = 0; k < w->nitems && !is_there; k++) {
			const struct kit_item *n = &w->items[k];

			is_there = n->kind == rows[i].kind && n->nkey == rows[i].nkey &&
				   n->nbytes == rows[i].nbytes &&
				   memcmp(n->key, rows[i].key, n->nkey) == 0 &&
				   memcmp(n->bytes, rows[i].bytes, n->nbytes) == 0;
		}
		if (!is_there)
			fail_msg("no such note: row %zu", i);
	}
}

static void items_of_other_kinds_or_malformed_are_told_apart(void **state)
{
	static const struct {
		struct store_item note;
		int result;
	} rows[] = {
		{{STORE_ITEM_OWNER, (const uint8_t *)"\1a\0", 3, (const uint8_t *)"", 0}, -EBADMSG},
		{{STORE_ITEM_OWNER, (const uint8_t *)"\1a\0\1b\0\0", 7, (const uint8_t *)"\1k", 2},
		 -EBADMSG},
		{{STORE_ITEM_OWNER, (const uint8_t *)"\1a\0\1b\0\0", 7, (const uint8_t *)"\1k\0",
		  3},
		 0},
		{{STORE_ITEM_OWNER, (const uint8_t *)"\1a\0\1b\0\0x", 8, (const uint8_t *)"\1k\0",
		  3},
		 -EBADMSG},
		{{STORE_ITEM_OWNER, (const uint8_t *)"\1a\0\1b\0\0", 7, (const uint8_t *)"", 0}, 0},
		{{STORE_ITEM_CLOCK, (const uint8_t *)"\0", 1, (const uint8_t *)"1234567", 7},
		 -EBADMSG},
		{{STORE_ITEM_LEASE, (const uint8_t *)"\1a\0\1b\0\17", 7, (const uint8_t *)"", 0},
		 -EBADMSG},
		{{STORE_ITEM_LEASE, (const uint8_t *)"\1a\0\1b\0\0", 7, (const uint8_t *)"", 0}, 0},
		{{STORE_ITEM_LEASE_TIME, (const uint8_t *)"\1a\0", 3, (const uint8_t *)"", 0},
		 -EBADMSG},
		{{STORE_ITEM_REVOKED, (const uint8_t *)"", 0, (const uint8_t *)"", 0}, 0},
		{{99, (const uint8_t *)"", 0, (const uint8_t *)"x", 1}, 0},
	};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(
			registry_items_read(&w->state.ledger, &w->state.view, &rows[i].note),
			rows[i].result);
	assert_int_equal(w->state.ledger.owners.table.count, 0);
}

static void a_zone_that_is_forgotten_leaves_nothing_and_can_come_back_in_the_batch(void **state)
{
	struct kit_world *w = *state;

	kit_do(w, "n1", 5, 20, "+ " WEB " TXT a");
	assert_int_equal(registry_state_forget(&w->state, kit_name("other.cloud.")), 0);
	kit_commit(w, false);
	assert_string_equal(kit_owner(w, WEB), "n1");
	assert_int_equal(registry_state_forget(&w->state, zone_name(w->zone)), 0);
	kit_undo(w);
	assert_string_equal(kit_owner(w, WEB), "n1");
	assert_int_equal(registry_state_forget(&w->state, zone_name(w->zone)), 0);
	kit_commit(w, false);
	kit_restart(w, 0);
	assert_int_equal(w->state.ledger.owners.table.count + w->state.ledger.leases.table.count,
			 0);
	assert_string_equal(kit_owner(w, WEB), "");
}

struct finding {
	struct kit_world *w;
	bool is_hosted;
};

static bool find_zone(void *arg, const uint8_t *name, struct zone **zone,
		      const struct ledger_lease_rule **rule)
{
	struct finding *f = arg;

	(void)name;
	*zone = f->w->zone;
	*rule = &f->w->rule;
	return f->is_hosted;
}

static void the_leases_of_a_parked_zone_do_not_end(void **state)
{
	struct kit_world *w = *state;
	struct finding f = {w, false};
	uint64_t now_ms = ledger_clock_now(&w->state.ledger.clock, w->steady_ms);

	kit_do(w, "n1", 5, 0, "+ " WEB " TXT a");
	assert_int_equal(ledger_resume(&w->state.ledger, find_zone, &f, now_ms), 0);
	kit_pass(w, 20000);
	assert_int_equal(kit_count(w, WEB, "TXT"), 1);
	f.is_hosted = true;
	now_ms = ledger_clock_now(&w->state.ledger.clock, w->steady_ms);
	assert_int_equal(ledger_resume(&w->state.ledger, find_zone, &f, now_ms), 0);
	assert_true(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS) >= 1600);
	kit_pass(w, 10000);
	assert_int_equal(kit_count(w, WEB, "TXT"), 0);
}

#define WORLD(name) cmocka_unit_test_setup_teardown(name, kit_world_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(owners_and_leases_are_the_same_after_a_restart),
		WORLD(the_grace_is_what_the_rule_says_and_does_not_add_up),
		WORLD(a_lease_that_had_ended_when_weftd_did_has_the_grace_alone),
		WORLD(the_clock_stands_still_while_weftd_does_and_goes_on_from_the_last_note),
		WORLD(a_tick_writes_down_the_clock_each_second_and_only_with_leases),
		WORLD(many_refreshes_are_written_with_one_tick),
		WORLD(a_refresh_that_was_not_stored_is_stored_with_the_next_tick),
		WORLD(an_item_of_the_caller_is_stored_with_the_others),
		WORLD(items_are_these_octets),
		WORLD(items_of_other_kinds_or_malformed_are_told_apart),
		WORLD(a_zone_that_is_forgotten_leaves_nothing_and_can_come_back_in_the_batch),
		WORLD(the_leases_of_a_parked_zone_do_not_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
