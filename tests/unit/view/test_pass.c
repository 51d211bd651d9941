/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <errno.h>

#include "../memory.h"
#include "base/budget.h"
#include "dns/type.h"
#include "view/pass.h"

#define TYPE "_http._tcp"
#define WEB "web." TYPE

enum { TTL_S = 10 };

static const struct view_rule rule = {.is_on = 1, .ttl_s = TTL_S};

/* Begins a pass through the world's view in a new draft of its zone. */
static void begin(struct view_pass *p, struct kit_world *w, const struct view_rule *r)
{
	w->draft = zone_draft_new(w->zone);
	view_pass_init(p, &w->state.view);
	view_pass_begin(p, r, w->draft);
}

static int ptr_add(const struct view_pass *p, const char *owner, const char *target)
{
	const uint8_t *name = kit_name(target);

	return view_pass_add(p, p->draft, kit_name(owner), DNS_TYPE_PTR, name,
			     dns_name_nbytes(name));
}

static int ptr_set(const struct view_pass *p, const char *owner, const char *target, bool is_wanted)
{
	const uint8_t *name = kit_name(target);

	return view_pass_set(p, p->draft, kit_name(owner), DNS_TYPE_PTR, name,
			     dns_name_nbytes(name), is_wanted);
}

static uint32_t ptr_ttl(const struct view_pass *p, const char *owner)
{
	return zone_draft_ttl(p->draft, kit_name(owner), DNS_TYPE_PTR, 0);
}

static void a_pass_without_a_rule_that_is_on_has_none(void **state)
{
	static const struct view_rule off = {.is_on = 0};
	static const struct {
		const struct view_rule *rule;
		bool has_rule;
	} rows[] = {{NULL, false}, {&off, false}, {&rule, true}};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct view_pass p;

		begin(&p, w, rows[i].rule);
		assert_int_equal(p.rule != NULL, rows[i].has_rule);
		assert_true(dns_name_equal(p.zone, kit_name("lab.cloud.")));
		kit_undo(w);
		view_pass_fini(&p);
	}
}

static void a_new_walk_forgets_names_error_and_notice(void **state)
{
	struct kit_world *w = *state;
	struct view_pass p;

	begin(&p, w, &rule);
	view_pass_touch(&p, kit_name(WEB));
	view_pass_touch(&p, kit_name("WEB." TYPE));
	assert_int_equal(p.touched.nbytes, dns_name_nbytes(kit_name(WEB)));
	view_pass_fail_if(&p, 3);
	assert_int_equal(p.error, 0);
	view_pass_fail_if(&p, -ENOMEM);
	view_pass_fail_if(&p, -EIO);
	assert_int_equal(p.error, -ENOMEM);
	p.notice.is_full = p.notice.has_grown = p.notice.is_new = true;
	p.has_touched_lists = p.is_reconciling = true;
	view_pass_begin(&p, &rule, w->draft);
	assert_int_equal(p.touched.nbytes, 0);
	assert_int_equal(p.error, 0);
	assert_false(p.notice.is_full || p.notice.has_grown || p.notice.is_new);
	assert_false(p.has_touched_lists || p.is_reconciling);
	kit_undo(w);
	view_pass_fini(&p);
}

static void short_memory_for_a_name_is_the_error_of_the_walk(void **state)
{
	struct kit_world *w = *state;
	struct view_pass p;

	begin(&p, w, &rule);
	memory_fail_after(0);
	view_pass_touch(&p, kit_name(WEB));
	memory_fail_after(MEMORY_ENOUGH);
	assert_int_equal(p.error, -ENOMEM);
	kit_undo(w);
	view_pass_fini(&p);
}

static void a_derived_record_is_added_unless_the_owner_bars_it(void **state)
{
	static const struct {
		const char *owner;
		uint16_t type; /* of a record that is at the owner; 0: none */
		int nchanged;
	} rows[] = {
		{"free", 0, 1},
		{"text", DNS_TYPE_TXT, 1},
		{"alias", DNS_TYPE_CNAME, 0},
		{"child", DNS_TYPE_NS, 0},
	};
	struct kit_world *w = *state;
	struct view_pass p;

	begin(&p, w, &rule);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const uint8_t *name = kit_name("ns");

		if (rows[i].type != 0)
			assert_int_equal(zone_draft_add(w->draft, kit_name(rows[i].owner),
							rows[i].type, 60, name,
							dns_name_nbytes(name)),
					 1);
		assert_int_equal(ptr_add(&p, rows[i].owner, WEB), rows[i].nchanged);
		assert_int_equal(view_pass_has(&p, kit_name(rows[i].owner), DNS_TYPE_PTR),
				 rows[i].nchanged);
		assert_int_equal(ptr_ttl(&p, rows[i].owner), rows[i].nchanged * TTL_S);
	}
	kit_undo(w);
	view_pass_fini(&p);
}

static void srvs_keep_the_ttl_of_those_at_the_type(void **state)
{
	static const uint8_t srv[] = "\0\0\0\0\0\120";
	struct kit_world *w = *state;
	struct view_pass p;

	begin(&p, w, &rule);
	assert_int_equal(zone_draft_add(w->draft, kit_name(TYPE), DNS_TYPE_SRV, 99,
					(const uint8_t *)"\0\1\0\0\0\120", 7),
			 1);
	assert_int_equal(view_pass_add(&p, w->draft, kit_name(TYPE), DNS_TYPE_SRV, srv, 7), 1);
	assert_int_equal(zone_draft_ttl(w->draft, kit_name(TYPE), DNS_TYPE_SRV, 0), 99);
	kit_undo(w);
	view_pass_fini(&p);
}

static void a_record_is_added_or_removed_as_it_is_wanted(void **state)
{
	static const struct {
		bool is_wanted;
		int nchanged;
		uint32_t ttl; /* afterwards; 0: no record */
	} rows[] = {{false, 0, 0}, {true, 1, TTL_S}, {true, 0, TTL_S}, {false, 1, 0}};
	struct kit_world *w = *state;
	struct view_pass p;

	begin(&p, w, &rule);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(ptr_set(&p, TYPE, WEB, rows[i].is_wanted), rows[i].nchanged);
		assert_int_equal(ptr_ttl(&p, TYPE), rows[i].ttl);
	}
	kit_undo(w);
	view_pass_fini(&p);
}

static void only_reconciling_changes_the_ttl_and_only_of_derived_records(void **state)
{
	static const struct {
		bool is_reconciling;
		uint32_t ttl_before_s, ttl_s; /* of the previous rule; of the record */
		int nchanged;
	} rows[] = {
		{false, 20, 20, 0},   {true, 20, 20, 1},       {true, 20, 60, 0},
		{true, TTL_S, 20, 0}, {true, TTL_S, TTL_S, 0},
	};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const uint8_t *web = kit_name(WEB);
		struct view_pass p;

		begin(&p, w, &rule);
		p.is_reconciling = rows[i].is_reconciling;
		p.ttl_before_s = rows[i].ttl_before_s;
		assert_int_equal(zone_draft_add(w->draft, kit_name(TYPE), DNS_TYPE_PTR,
						rows[i].ttl_s, web, dns_name_nbytes(web)),
				 1);
		assert_int_equal(ptr_set(&p, TYPE, WEB, true), rows[i].nchanged);
		assert_int_equal(ptr_ttl(&p, TYPE), rows[i].nchanged ? TTL_S : rows[i].ttl_s);
		kit_undo(w);
		view_pass_fini(&p);
	}
}

static void looks_are_taken_if_the_pass_belongs_to_a_request(void **state)
{
	struct base_budget budget = {.nlooks = 5};
	struct kit_world *w = *state;
	struct view_pass p;

	begin(&p, w, &rule);
	assert_int_equal(view_pass_look(&p, UINT64_MAX), 0);
	p.budget = &budget;
	assert_int_equal(view_pass_look(&p, 3), 0);
	assert_int_equal(view_pass_look(&p, 3), -ECANCELED);
	assert_int_equal(view_pass_look(&p, 1), -ECANCELED);
	view_pass_fini(&p);
	kit_undo(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_world_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(looks_are_taken_if_the_pass_belongs_to_a_request),
		TEST(a_pass_without_a_rule_that_is_on_has_none),
		TEST(a_new_walk_forgets_names_error_and_notice),
		TEST(short_memory_for_a_name_is_the_error_of_the_walk),
		TEST(a_derived_record_is_added_unless_the_owner_bars_it),
		TEST(srvs_keep_the_ttl_of_those_at_the_type),
		TEST(a_record_is_added_or_removed_as_it_is_wanted),
		TEST(only_reconciling_changes_the_ttl_and_only_of_derived_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
