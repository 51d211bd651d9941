/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "assign/item.h"
#include "dns/type.h"
#include "fake.h"

#define WEB "web-1._http._tcp.lab"
#define SPEC "_spec." WEB

static const uint8_t zone[] = "\3lab", web[] = "\5Web-1\5_http\4_tcp\3lab";
static const uint8_t outside[] = "\1x\3org";
static struct follow_tracks tracks;
static struct assign_schemas schemas;
static struct assign_items items;
static char seen[1024]; /* port, change and reason of each order */
static uint64_t now_ms;

static void on_order(void *arg, const struct assign_order *now, const struct spec_service *before)
{
	size_t n = strlen(seen);
	const char *change = before == NULL ? "new" : before == now->spec ? "same" : "changed";

	(void)arg;
	assert_true(now->spec != NULL || (before == NULL && now->why[0] != '\0'));
	assert_int_equal(strlen(now->cfg), now->spec != NULL ? 16 : 0);
	if (before != NULL)
		assert_true(before->port > 0); /* it is still there */
	snprintf(seen + n, sizeof(seen) - n, "%s%u %s%s%s; ", now->is_saved ? "saved " : "",
		 now->spec != NULL ? now->spec->port : 0, change, now->why[0] != '\0' ? ": " : "",
		 now->why);
}

static void on_withdrawn(void *arg, const struct assign_order *last)
{
	size_t n = strlen(seen);

	(void)arg;
	snprintf(seen + n, sizeof(seen) - n, "%s withdrawn; ", last->label);
}

static const struct assign_events events = {.on_order = on_order, .on_withdrawn = on_withdrawn};

static void on_touched(void *arg)
{
	(void)arg;
}

static int setup(void **state)
{
	(void)state;
	fake_reset();
	tracks = (struct follow_tracks){0};
	schemas = (struct assign_schemas){.tracks = &tracks,
					  .zone = zone,
					  .on_touched = on_touched,
					  .on_changed = assign_item_touch_user};
	items = (struct assign_items){.tracks = &tracks,
				      .schemas = &schemas,
				      .zone = zone,
				      .events = &events,
				      .on_touched = on_touched};
	seen[0] = '\0';
	now_ms = 1000;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assign_items_fini(&items);
	assign_schemas_fini(&schemas);
	assert_int_equal(fake_nsubscriptions(), 0);
	return 0;
}

/* Returns when it wants to be called again. */
static uint64_t settle_once(void)
{
	uint64_t wake_ms;

	fake_deliver();
	assert_int_equal(assign_schemas_settle(&schemas), 0);
	assert_int_equal(assign_items_settle(&items, now_ms, &wake_ms), 0);
	return wake_ms;
}

static void settle(void)
{
	for (int i = 0; i < 3; i++) {
		uint64_t wake_ms = settle_once();

		if (wake_ms != UINT64_MAX)
			now_ms = wake_ms;
	}
}

/* Checks what was reported since the last call. */
static void expect(const char *orders)
{
	assert_string_equal(seen, orders);
	seen[0] = '\0';
}

static void declare(const char *more)
{
	char text[512];

	snprintf(text, sizeof(text), "{\"name\":\"web\",\"type\":\"_http._tcp\",\"run\":[\"a\"]%s}",
		 more);
	fake_remove(SPEC);
	fake_add(SPEC, DNS_TYPE_TXT, text);
}

static struct assign_item *item_new(void)
{
	struct assign_item *i = NULL;

	assert_int_equal(assign_item_new(&i, &items, web), 0);
	assert_ptr_equal(assign_item_find(&items, web), i);
	return i;
}

static void an_order_is_reported_when_it_is_known_and_when_it_changes(void **state)
{
	struct assign_item *i;

	(void)state;
	declare(",\"port\":1");
	i = item_new();
	expect("");
	settle();
	expect("1 new; ");
	declare(",\"port\":2");
	settle();
	expect("2 changed; ");
	declare(", \"port\" : 2 ,\"count\":1"); /* the same in other words */
	settle();
	expect("");
	assign_item_withdraw(i);
	expect("web-1 withdrawn; ");
	assert_null(assign_item_find(&items, web));
}

static void what_is_wrong_is_reported_after_a_moment(void **state)
{
	uint64_t wake_ms;

	(void)state;
	declare(",\"port\":1");
	item_new();
	settle();
	expect("1 new; ");
	/* Between the messages of one update. */
	fake_remove(SPEC);
	wake_ms = settle_once();
	assert_int_equal(wake_ms, now_ms + ASSIGN_ITEM_GRACE_MS);
	expect("");
	declare(",\"port\":2");
	assert_int_equal(settle_once(), UINT64_MAX);
	expect("2 changed; ");
	fake_remove(SPEC);
	settle();
	expect("2 same: the zone has no _spec record; ");
	settle();
	expect("");
	fake_add(SPEC, DNS_TYPE_TXT, "[]");
	wake_ms = settle_once();
	assert_int_equal(wake_ms, now_ms + ASSIGN_ITEM_GRACE_MS);
	settle();
	expect("2 same: a service is an object; ");
	declare(",\"port\":2");
	settle();
	expect("2 same; ");
}

static void a_schema_is_waited_for_and_followed(void **state)
{
	(void)state;
	fake_refuse("http._schemas.lab");
	declare(",\"port\":1,\"schema\":\"http\"");
	item_new();
	settle();
	expect("0 new: its schema http cannot be used: the registries refuse to answer; ");
	fake_add("http._schemas.lab", DNS_TYPE_TXT, "true");
	fake_refuse(NULL);
	settle();
	expect("1 new; ");
	fake_remove("http._schemas.lab");
	fake_add("http._schemas.lab", DNS_TYPE_TXT,
		 "{\"properties\":{\"environment\":{\"properties\":{\"A\":{\"default\":\"1\"}}}}}");
	settle();
	expect("1 changed; ");
	fake_remove("http._schemas.lab");
	settle();
	expect("1 same: its schema http cannot be used: the zone has no _schemas record; ");
	declare(",\"port\":1");
	settle();
	expect("1 changed; ");
	assert_int_equal(fake_nsubscriptions(), 1);
}

static void a_saved_order_is_confirmed_once(void **state)
{
	static const char json[] = "{\"name\":\"web\",\"port\":1,\"run\":[\"a\"],"
				   "\"type\":\"_http._tcp\"}";
	struct base_error error;

	(void)state;
	declare(",\"port\":1");
	assert_int_equal(assign_item_new_saved(&items, web, json, strlen(json), &error), 0);
	expect("saved 1 new; ");
	settle();
	expect("");
	assert_int_equal(assign_item_follow(assign_item_find(&items, web)), 0);
	assert_int_equal(assign_item_follow(assign_item_find(&items, web)), 0);
	settle();
	expect("1 same; ");
	settle();
	expect("");
	assert_int_equal(assign_item_new_saved(&items, outside, json, strlen(json), &error),
			 -EBADMSG);
	assert_non_null(strstr(error.text, "another service"));
	assert_null(assign_item_find(&items, outside));
}

static void servers_that_do_not_answer_change_nothing_and_a_refusal_is_a_reason(void **state)
{
	(void)state;
	declare(",\"port\":1");
	fake_reach(false);
	item_new();
	settle();
	expect("");
	fake_reach(true);
	fake_refuse(SPEC);
	settle();
	expect("0 new: the registries refuse to answer for its _spec record; ");
	fake_refuse(NULL);
	settle();
	expect("1 new; ");
	fake_reach(false);
	settle();
	fake_refuse(SPEC);
	settle();
	expect("");
}

static void a_name_that_is_not_that_of_an_instance_is_an_order_without_declaration(void **state)
{
	struct assign_item *i;

	(void)state;
	assert_int_equal(assign_item_new(&i, &items, outside), 0);
	expect("0 new: its name is not that of an instance in the zone; ");
	settle();
	assign_item_withdraw(i);
	expect("x withdrawn; ");
}

static void short_memory_only_delays(void **state)
{
	struct assign_item *i = NULL;
	uint64_t wake_ms;

	(void)state;
	fake_add("http._schemas.lab", DNS_TYPE_TXT, "true");
	declare(",\"port\":1,\"schema\":\"http\"");
	for (int n = 0;; n++) {
		memory_fail_after(n);
		if (assign_item_new(&i, &items, web) == 0)
			break;
		assert_null(assign_item_find(&items, web));
	}
	memory_fail_after(MEMORY_ENOUGH);
	fake_deliver();
	for (int n = 0; n < 2000 && seen[0] == '\0'; n++) {
		memory_fail_after(n);
		if (assign_items_settle(&items, now_ms, &wake_ms) == 0) {
			memory_fail_after(MEMORY_ENOUGH);
			settle_once();
		}
	}
	memory_fail_after(MEMORY_ENOUGH);
	expect("1 new; ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_order_is_reported_when_it_is_known_and_when_it_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_wrong_is_reported_after_a_moment, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_schema_is_waited_for_and_followed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_saved_order_is_confirmed_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			servers_that_do_not_answer_change_nothing_and_a_refusal_is_a_reason, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_name_that_is_not_that_of_an_instance_is_an_order_without_declaration,
			setup, teardown),
		cmocka_unit_test_setup_teardown(short_memory_only_delays, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
