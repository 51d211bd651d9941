/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../memory.h"
#include "../registry/kit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dns/type.h"
#include "listing/services.h"
#include "view/mark.h"

#define TYPE "_http._tcp"
#define SUBTYPE "_printer._sub._http._tcp"
#define WEB "web." TYPE

static uint64_t now_ms(const struct kit_world *w)
{
	return ledger_clock_now(&w->state.ledger.clock, w->steady_ms);
}

/* Takes, walks and looks, `most` at a time. Returns in how many parts it looked. */
static unsigned take(struct kit_world *w, struct listing_services *s, const char *instance,
		     size_t most)
{
	unsigned calls = 0;
	int ret;

	assert_int_equal(listing_services_take(s, w->zone, &w->services), 0);
	assert_int_equal(listing_services_walk(s, instance == NULL ? NULL : kit_name(instance)), 0);
	do {
		ret = listing_services_look(s, &w->state, now_ms(w), most);
		assert_true(ret >= 0);
		calls++;
	} while (ret > 0);
	return calls;
}

static void assert_state(struct kit_world *w, const char *instance, const char *word,
			 const char *why)
{
	struct listing_services s;
	const char *reason;

	take(w, &s, instance, 10);
	assert_int_equal(s.count, 1);
	assert_true(dns_name_equal(s.items[0].name, kit_name(instance)));
	assert_string_equal(listing_service_word(s.items[0].state), word);
	reason = listing_service_why(&s, &s.items[0]);
	assert_int_equal(reason == NULL, why == NULL);
	if (why != NULL)
		assert_string_equal(reason, why);
	listing_services_fini(&s);
}

static void an_instance_is_shown_as_it_is(void **state)
{
	struct kit_world *w = *state;
	struct listing_services s;
	const struct listing_service *one;

	assert_int_equal(kit_do(w, "n1", 100, 1000,
				"+ " WEB " SRV 80 n1.nodes; + " WEB " SRV 81 n2.nodes; + " WEB
				" TXT a=b; + " SUBTYPE " PTR " WEB),
			 0);
	kit_pass(w, 40000);
	take(w, &s, WEB, 10);
	assert_int_equal(s.count, 1);
	one = &s.items[0];
	assert_int_equal(one->state, LISTING_SERVICE_LIVE);
	assert_true(one->is_live);
	assert_int_equal(one->nrecords, 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(s.records[one->record + i].type == DNS_TYPE_SRV ||
			    s.records[one->record + i].type == DNS_TYPE_TXT);
	assert_int_equal(one->npointers, 2);
	assert_true(dns_name_equal(s.pointers[one->pointer].owner, kit_name(TYPE)));
	assert_true(dns_name_equal(s.pointers[one->pointer + 1].owner, kit_name(SUBTYPE)));
	assert_int_equal(one->nsubtypes, 9);
	assert_memory_equal(one->subtypes, "\10_printer", 9);
	assert_true(dns_name_equal(one->owner, kit_name("n1.keys.lab.cloud.")));
	assert_true(one->has_lease);
	assert_false(one->is_suspended);
	assert_int_equal(one->granted_s, 100);
	assert_in_range(one->left_ms, 59000, 60000);
	assert_false(s.is_changed);
	listing_services_fini(&s);
}

static void each_state_has_a_word_and_a_reason(void **state)
{
	static const struct {
		const char *txt, *word, *why;
	} rows[] = {
		{"a=b", "live", NULL},
		{"state=up", "live", NULL},
		{"state=starting", "starting", "its TXT has state=starting"},
		{"state=draining", "draining", "its TXT has state=draining"},
		{"state=failed", "failed", "its TXT has state=failed"},
	};
	struct kit_world *w = *state;
	char text[100];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(text, sizeof(text),
			 "- " WEB "; + " WEB " SRV 80 n1.nodes; + " WEB " TXT %s", rows[i].txt);
		assert_int_equal(kit_do(w, "n1", 100, 0, text), 0);
		assert_state(w, WEB, rows[i].word, rows[i].why);
	}
	/* The operator's word comes before that of the owner. */
	assert_int_equal(kit_drain(w, WEB, true), 1);
	assert_true(kit_commit(w, false) > 0);
	assert_state(w, WEB, "drained", "it is drained");
	assert_int_equal(kit_drain(w, WEB, false), 1);
	assert_true(kit_commit(w, false) > 0);
	assert_int_equal(kit_do(w, "n1", 0, 0, "- " WEB "; + " WEB " SRV 80 n7.nodes"), 0);
	assert_state(w, WEB, "unaddressed", "its target has no address");
	assert_int_equal(kit_do(w, "n1", 0, 0, "+ " WEB " TXT a=b; - " WEB " SRV"), 0);
	assert_state(w, WEB, "incomplete", "it has no SRV with a target");
	assert_int_equal(kit_do(w, "n1", 0, 0, "+ " WEB " SRV 80 ."), 0);
	assert_state(w, WEB, "incomplete", "it has no SRV with a target");
}

static void a_suspect_is_shown_by_the_rule(void **state)
{
	static const struct {
		uint32_t then;
		const char *why;
	} rows[] = {
		{VIEW_DEMOTE, "clients reported it: it has the last priority"},
		{VIEW_IGNORE, "clients reported it, which this zone ignores"},
		{VIEW_WITHDRAW, "clients reported it, but too few others of its type are left"},
	};
	const struct view_mark mark = {.is_suspect = true, .suspect_ms = 1};
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 0, 0, "+ " WEB " SRV 80 n1.nodes"), 0);
	assert_int_equal(
		view_mark_put(&w->state.view, kit_name("lab.cloud."), kit_name(WEB), &mark, NULL),
		0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		w->services.suspect.then = rows[i].then;
		assert_state(w, WEB, "suspect", rows[i].why);
	}
	kit_undo(w);
}

static void a_zone_without_a_view_says_so(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 0, 0, "+ " WEB " SRV 80 n1.nodes"), 0);
	w->services.is_on = 0;
	assert_state(w, WEB, "live", "the zone has no service view");
}

static bool is_even(void *arg, const struct listing_services *s, const struct listing_service *one)
{
	(void)s;
	(*(unsigned *)arg)++;
	return one->name[0] == 2 && (one->name[2] - '0') % 2 == 0;
}

static void all_are_found_once_in_parts_and_filtered(void **state)
{
	enum { MANY = 10 };
	struct kit_world *w = *state;
	struct listing_services s;
	unsigned nasked = 0;
	char text[100];

	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "+ w%u." TYPE " SRV 80 n1.nodes", i);
		assert_int_equal(kit_do(w, "n1", 100, 0, text), 0);
	}
	/* The zone has another one, in its file. */
	assert_int_equal(take(w, &s, NULL, 4), 3);
	assert_int_equal(s.count, MANY + 1);
	for (size_t i = 1; i < s.count; i++)
		assert_true(dns_name_compare(s.items[i - 1].name, s.items[i].name) < 0);
	assert_true(dns_name_equal(s.items[0].name, kit_name("static." TYPE)));
	assert_null(s.items[0].owner);
	assert_false(s.items[0].has_lease);
	listing_services_filter(&s, is_even, &nasked);
	assert_int_equal(nasked, MANY + 1);
	assert_int_equal(s.count, MANY / 2);
	for (size_t i = 0; i < s.count; i++)
		assert_int_equal(s.items[i].npointers, 1);
	listing_services_fini(&s);
}

static void a_zone_that_changes_meanwhile_is_noticed(void **state)
{
	struct kit_world *w = *state;
	struct listing_services s;

	assert_int_equal(kit_do(w, "n1", 100, 0, "+ " WEB " SRV 80 n1.nodes"), 0);
	assert_int_equal(listing_services_take(&s, w->zone, &w->services), 0);
	assert_int_equal(kit_do(w, "n1", 0, 0, "- " WEB), 0);
	assert_int_equal(listing_services_walk(&s, kit_name(WEB)), 0);
	assert_int_equal(s.count, 1);
	assert_int_equal(listing_services_look(&s, &w->state, now_ms(w), 10), 0);
	assert_true(s.is_changed);
	assert_false(s.items[0].is_live);
	assert_null(s.items[0].owner);
	listing_services_fini(&s);
}

static void short_memory_fails_and_leaks_nothing(void **state)
{
	struct kit_world *w = *state;
	bool has_failed = true;

	assert_int_equal(kit_do(w, "n1", 100, 0,
				"+ " WEB " SRV 80 n1.nodes; + " WEB " TXT a; + " SUBTYPE
				" PTR " WEB),
			 0);
	for (int n = 0; has_failed; n++) {
		struct listing_services s;
		int ret;

		memory_fail_after(n);
		ret = listing_services_take(&s, w->zone, &w->services);
		if (ret == 0)
			ret = listing_services_walk(&s, NULL);
		if (ret == 0)
			ret = listing_services_look(&s, &w->state, now_ms(w), 10);
		has_failed = memory_has_failed();
		memory_fail_after(MEMORY_ENOUGH);
		assert_true(ret == (has_failed ? -ENOMEM : 0));
		listing_services_fini(&s);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_instance_is_shown_as_it_is),
		TEST(each_state_has_a_word_and_a_reason),
		TEST(a_suspect_is_shown_by_the_rule),
		TEST(a_zone_without_a_view_says_so),
		TEST(all_are_found_once_in_parts_and_filtered),
		TEST(a_zone_that_changes_meanwhile_is_noticed),
		TEST(short_memory_fails_and_leaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
