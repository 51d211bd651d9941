/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../memory.h"
#include "base/budget.h"
#include "dns/type.h"
#include "view/drain.h"
#include "view/mark.h"

#define TYPE "_http._tcp"
#define WEB "web." TYPE

/* Returns whether the draft or the current version has a TXT of this rdata at WEB. */
static bool has_txt(struct kit_world *w, const char *rdata)
{
	struct zone_draft *d = w->draft == NULL ? zone_draft_new(w->zone) : w->draft;
	bool has = zone_draft_has(d, kit_name(WEB), DNS_TYPE_TXT, (const uint8_t *)rdata,
				  strlen(rdata));

	if (w->draft == NULL)
		zone_draft_abort(d);
	return has;
}

static void a_drained_instance_publishes_draining_instead_of_its_state(void **state)
{
	static const struct {
		const char *registration;
		unsigned ntxts;
		const char *owner_txt, *published_txt; /* rdata */
	} rows[] = {
		{"", 0, NULL, "\16state=draining"},
		{"; + " WEB " TXT a=b", 1, "\3a=b", "\3a=b\16state=draining"},
		{"; + " WEB " TXT state=up", 1, "\10state=up", "\16state=draining"},
		{"; + " WEB " TXT STATE=failed", 1, "\14STATE=failed", "\16state=draining"},
	};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char update[100] = "+ " WEB " SRV 80 n1.nodes";

		assert_int_equal(kit_do(w, "n1", 0, 0, strcat(update, rows[i].registration)), 0);
		assert_int_equal(kit_drain(w, WEB, true), 1);
		assert_true(kit_commit(w, false) > 0);
		assert_int_equal(kit_count(w, WEB, "TXT"), 1);
		assert_true(has_txt(w, rows[i].published_txt));
		assert_false(kit_points(w, TYPE, WEB));
		assert_int_equal(kit_wrong(w), 0);
		assert_int_equal(kit_drain(w, WEB, false), 1);
		assert_true(kit_commit(w, false) > 0);
		assert_int_equal(kit_count(w, WEB, "TXT"), rows[i].ntxts);
		if (rows[i].owner_txt != NULL)
			assert_true(has_txt(w, rows[i].owner_txt));
		assert_int_equal(kit_wrong(w), 0);
		assert_int_equal(kit_do(w, "n1", 0, 0, "- " WEB), 0);
	}
}

static void only_a_registered_instance_can_be_drained(void **state)
{
	static const struct {
		const char *name;
		bool is_drained;
		int ret;
	} rows[] = {
		{"no." TYPE, true, -ENOENT},
		{"no." TYPE, false, -ENOENT},
		{"n1.nodes", true, -ENOENT},
		{TYPE, true, -ENOENT},
		{"web._http._tcp.other.cloud.", true, -ENOENT},
		{WEB, false, 0},
		{WEB, true, 1},
		{WEB, true, 0},
		{"WEB." TYPE, true, 0},
		{WEB, false, 1},
		{WEB, false, 0},
	};
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 0, 0, "+ " WEB " SRV 80 n1.nodes"), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(kit_drain(w, rows[i].name, rows[i].is_drained), rows[i].ret);
		assert_true(kit_commit(w, false) >= 0);
	}
}

static void an_update_finds_the_txt_that_its_owner_registered(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 0, 0, "+ " WEB " SRV 80 n1.nodes; + " WEB " TXT state=up"),
			 0);
	assert_int_equal(kit_drain(w, WEB, true), 1);
	assert_true(kit_commit(w, false) > 0);
	/* The delete removes the owner's TXT although another one is published. */
	assert_int_equal(
		kit_do(w, "n1", 0, 0, "- " WEB " TXT state=up; + " WEB " TXT state=failed"), 0);
	assert_true(has_txt(w, "\16state=draining"));
	assert_int_equal(kit_count(w, WEB, "TXT"), 1);
	assert_int_equal(kit_drain(w, WEB, false), 1);
	assert_true(kit_commit(w, false) > 0);
	assert_true(has_txt(w, "\14state=failed"));
	assert_int_equal(kit_count(w, WEB, "TXT"), 1);
}

static void the_owners_txts_are_restored_until_the_view_is_updated(void **state)
{
	struct kit_world *w = *state;
	struct view_pass *p = update_pass(w->state.update);

	assert_int_equal(kit_do(w, "n1", 0, 0, "+ " WEB " SRV 80 n1.nodes; + " WEB " TXT a"), 0);
	assert_int_equal(kit_drain(w, WEB, true), 1);
	assert_true(kit_commit(w, false) > 0);
	for (unsigned i = 0; i < 3; i++) {
		w->draft = zone_draft_new(w->zone);
		view_pass_begin(p, i == 2 ? NULL : &w->services, w->draft);
		if (i == 0)
			view_drain_restore(p, kit_name("WEB." TYPE));
		else
			view_drain_restore_all(p);
		assert_int_equal(p->error, 0);
		/* Without a rule nothing is restored. */
		assert_int_equal(has_txt(w, "\1a"), i < 2);
		if (i < 2)
			assert_int_equal(view_drain_overlay(p, kit_name(WEB)), 0);
		assert_true(has_txt(w, "\1a\16state=draining"));
		assert_int_equal(kit_count(w, WEB, "TXT"), 1);
		kit_undo(w);
	}
}

static void what_reads_finds_the_txt_of_the_owner_and_changes_nothing(void **state)
{
	static const struct {
		const char *registration;
		const char *owner_txt; /* rdata; NULL: the owner has none */
	} rows[] = {
		{"+ " WEB " TXT state=up", "\10state=up"},
		{"- " WEB " TXT", NULL},
	};
	struct kit_world *w = *state;
	struct view_pass *p = update_pass(w->state.update);
	struct zone_rrset set;
	struct zone_rdata one;

	assert_int_equal(kit_do(w, "n1", 0, 0, "+ " WEB " SRV 80 n1.nodes"), 0);
	assert_int_equal(kit_drain(w, WEB, true), 1);
	assert_true(kit_commit(w, false) > 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const uint8_t *at;

		assert_int_equal(kit_do(w, "n1", 0, 0, rows[i].registration), 0);
		w->draft = zone_draft_new(w->zone);
		view_pass_begin(p, &w->services, w->draft);
		assert_true(view_drain_find(p, kit_name(WEB), DNS_TYPE_SRV, &set));
		assert_false(view_drain_find(p, kit_name("x." TYPE), DNS_TYPE_TXT, &set));
		assert_int_equal(view_drain_find(p, kit_name("WEB." TYPE), DNS_TYPE_TXT, &set),
				 rows[i].owner_txt != NULL);
		at = set.data;
		if (rows[i].owner_txt != NULL) {
			assert_true(zone_rrset_next(&set, &at, &one));
			assert_int_equal(one.nbytes, strlen(rows[i].owner_txt));
			assert_memory_equal(one.bytes, rows[i].owner_txt, one.nbytes);
		}
		assert_false(zone_rrset_next(&set, &at, &one));
		assert_true(has_txt(w, "\16state=draining"));
		kit_undo(w);
	}
}

static void a_restored_txt_takes_looks_by_its_octets_once(void **state)
{
	struct kit_world *w = *state;
	struct view_pass *p = update_pass(w->state.update);
	struct base_budget budget = {.nlooks = 3};
	char text[400];

	snprintf(text, sizeof(text), "+ " WEB " SRV 80 n1.nodes; + " WEB " TXT %0250u", 0);
	assert_int_equal(kit_do(w, "n1", 0, 0, text), 0);
	assert_int_equal(kit_drain(w, WEB, true), 1);
	assert_true(kit_commit(w, false) > 0);
	w->draft = zone_draft_new(w->zone);
	view_pass_begin(p, &w->services, w->draft);
	p->budget = &budget;
	assert_true(view_drain_restore(p, kit_name("x." TYPE)));
	assert_int_equal(budget.nlooks, 3);
	/* One look, and one for each 64 of the 253 octets. */
	assert_false(view_drain_restore(p, kit_name(WEB)));
	assert_int_equal(p->restored.nbytes, 0);
	budget.nlooks = 9;
	for (unsigned i = 0; i < 3; i++)
		assert_true(view_drain_restore(p, kit_name(WEB)));
	assert_int_equal(budget.nlooks, 5);
	kit_undo(w);
}

static void an_instance_that_ends_loses_its_mark(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 5, 0, "+ " WEB " SRV 80 n1.nodes"), 0);
	assert_int_equal(kit_drain(w, WEB, true), 1);
	assert_true(kit_commit(w, false) > 0);
	kit_pass(w, 6000);
	assert_int_equal(kit_count(w, WEB, "TXT") + kit_count(w, WEB, "SRV"), 0);
	assert_null(view_mark_of(&w->state.view, kit_name("lab.cloud."), kit_name(WEB)));
	assert_int_equal(kit_wrong(w), 0);
}

/* A thousand TXTs are the largest set; with `state=` in each no answer would carry them. */
static void txts_without_room_for_the_state_are_published_as_they_are(void **state)
{
	struct kit_world *w = *state;
	char text[16384], rdata[64] = "";

	for (unsigned i = 0; i < 1000; i += 80) {
		snprintf(text, sizeof(text), "+ " WEB " SRV 80 n1.nodes");
		for (unsigned k = i; k < i + 80 && k < 1000; k++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text),
				 "; + " WEB " TXT %050u", k);
		assert_int_equal(kit_do(w, "n1", 0, 0, text), 0);
	}
	snprintf(rdata, sizeof(rdata), "%c%050u", 50, 999);
	assert_int_equal(kit_count(w, WEB, "TXT"), 1000);
	assert_int_equal(kit_drain(w, WEB, true), 1);
	assert_true(kit_commit(w, false) > 0);
	assert_false(kit_points(w, TYPE, WEB));
	assert_int_equal(kit_count(w, WEB, "TXT"), 1000);
	assert_true(has_txt(w, rdata));
	assert_int_equal(kit_wrong(w), 0);
	/* Changes while it is drained, and its end, lose no TXT. */
	assert_int_equal(kit_do(w, "n1", 0, 0, "+ " WEB " SRV 81 n1.nodes"), 0);
	assert_int_equal(kit_drain(w, WEB, false), 1);
	assert_true(kit_commit(w, false) > 0);
	assert_int_equal(kit_count(w, WEB, "TXT"), 1000);
	assert_true(kit_points(w, TYPE, WEB));
	assert_int_equal(kit_wrong(w), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_drained_instance_publishes_draining_instead_of_its_state),
		TEST(only_a_registered_instance_can_be_drained),
		TEST(an_update_finds_the_txt_that_its_owner_registered),
		TEST(the_owners_txts_are_restored_until_the_view_is_updated),
		TEST(what_reads_finds_the_txt_of_the_owner_and_changes_nothing),
		TEST(a_restored_txt_takes_looks_by_its_octets_once),
		TEST(an_instance_that_ends_loses_its_mark),
		TEST(txts_without_room_for_the_state_are_published_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
