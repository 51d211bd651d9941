/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../folder.h"
#include "../memory.h"
#include "assign/assign.h"
#include "dns/type.h"
#include "fake.h"

#define RUNS "_runs.n1.nodes.lab"

static const uint8_t zone[] = "\3lab", node[] = "\2n1\5nodes\3lab";
static const uint8_t web[] = "\3WEB\5_http\4_tcp\3lab";
static char folder[FOLDER_PATH_MAX];
static struct assign *assign;
static char seen[1024]; /* a sign and a label for each event */
static unsigned nreports;

static void see(const char *sign, const char *label)
{
	size_t n = strlen(seen);

	snprintf(seen + n, sizeof(seen) - n, "%s%s ", sign, label);
}

static void on_order(void *arg, const struct assign_order *now, const struct spec_service *before)
{
	assert_ptr_equal(arg, seen);
	assert_ptr_equal(assign_get(assign, now->name), now);
	if (now->is_saved)
		see("s", now->label);
	else if (now->spec == NULL)
		see("!", now->label);
	else
		see(before == NULL ? "+" : before == now->spec ? "=" : "~", now->label);
}

static void on_withdrawn(void *arg, const struct assign_order *last)
{
	(void)arg;
	assert_null(assign_get(assign, last->name));
	see("-", last->label);
}

static void on_current(void *arg)
{
	(void)arg;
	assert_true(assign_was_current(assign));
	see("current", "");
}

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	(void)level;
	(void)error;
	nreports++;
}

static const struct assign_events events = {on_order, on_withdrawn, on_current};

static int begin(void)
{
	struct assign_settings settings = {
		.node = node, .zone = zone, .folder = folder, .report = on_report};
	struct base_error error;
	int ret;

	ret = assign_new(&assign, NULL, &settings, &events, seen, &error);
	if (ret < 0)
		return ret;
	ret = assign_start(assign);
	if (ret < 0)
		assign_free(assign);
	return ret;
}

static int setup(void **state)
{
	(void)state;
	fake_reset();
	folder_make(folder, "assign");
	seen[0] = '\0';
	nreports = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_remove(folder);
	assert_int_equal(fake_nsubscriptions(), 0);
	return 0;
}

/* Checks what was reported since the last call. */
static void expect(const char *orders)
{
	fake_settle();
	assert_string_equal(seen, orders);
	seen[0] = '\0';
}

static void place(const char *label)
{
	char name[128];

	snprintf(name, sizeof(name), "%s._http._tcp.lab", label);
	fake_add(RUNS, DNS_TYPE_PTR, name);
}

static void declare(const char *label, unsigned port)
{
	char owner[128], text[256];

	snprintf(owner, sizeof(owner), "_spec.%s._http._tcp.lab", label);
	snprintf(text, sizeof(text),
		 "{\"name\":\"%s\",\"type\":\"_http._tcp\",\"run\":[\"a\"],\"port\":%u}", label,
		 port);
	fake_remove(owner);
	fake_add(owner, DNS_TYPE_TXT, text);
}

static void one_visit(void *arg, const struct assign_order *order)
{
	unsigned *n = arg;

	assert_non_null(order->spec);
	++*n;
}

static void what_is_listed_is_ordered_and_what_is_not_is_withdrawn(void **state)
{
	unsigned n = 0;

	(void)state;
	declare("web", 1);
	place("web");
	assert_int_equal(begin(), 0);
	assert_false(assign_was_current(assign));
	expect("+web current ");
	assert_true(assign_is_current(assign));
	assert_int_equal(assign_get(assign, web)->spec->port, 1);
	place("db");
	expect("!db ");
	declare("db", 2);
	expect("+db ");
	assign_each(assign, one_visit, &n);
	assert_int_equal(n, 2);
	fake_remove(RUNS);
	place("db");
	place("WEB"); /* the same in other letters */
	place("app");
	declare("app", 3);
	expect("+app ");
	fake_remove(RUNS);
	place("app");
	declare("app", 4);
	fake_deliver();
	assert_true(strstr(seen, "~app") > strstr(seen, "-web")); /* first what may be waited for */
	assert_true(strstr(seen, "~app") > strstr(seen, "-db"));
	assign_free(assign);
}

static void nothing_is_withdrawn_while_no_registry_answers(void **state)
{
	(void)state;
	declare("web", 1);
	place("web");
	assert_int_equal(begin(), 0);
	expect("+web current ");
	fake_reach(false);
	fake_remove(RUNS);
	expect("");
	assert_true(assign_was_current(assign));
	assert_false(assign_is_current(assign));
	place("web");
	fake_reach(true);
	expect("");
	assert_true(assign_is_current(assign));
	assign_free(assign);
}

static void saved_orders_are_reported_at_once_and_then_confirmed_or_withdrawn(void **state)
{
	(void)state;
	declare("web", 1);
	declare("db", 2);
	place("web");
	place("db");
	assert_int_equal(begin(), 0);
	fake_settle();
	assign_free(assign);
	seen[0] = '\0';
	fake_reach(false);
	assert_int_equal(begin(), 0);
	assert_non_null(strstr(seen, "sweb "));
	assert_non_null(strstr(seen, "sdb "));
	assert_int_equal(strlen(seen), strlen("sweb sdb "));
	seen[0] = '\0';
	expect("");
	fake_remove(RUNS);
	place("web");
	fake_reach(true);
	expect("-db =web current ");
	assign_free(assign);
	assert_int_equal(begin(), 0);
	expect("sweb =web current ");
	assert_int_equal(nreports, 0);
	assign_free(assign);
}

static void one_that_cannot_be_read_does_not_hold_up_the_others(void **state)
{
	(void)state;
	declare("web", 1);
	place("web");
	place("db");
	fake_refuse("_spec.db._http._tcp.lab");
	fake_add(RUNS, DNS_TYPE_PTR, "elsewhere.org");
	assert_int_equal(begin(), 0);
	fake_settle();
	assert_non_null(strstr(seen, "+web "));
	assert_non_null(strstr(seen, "!db "));
	assert_non_null(strstr(seen, "!elsewhere "));
	assert_string_equal(seen + strlen(seen) - 8, "current ");
	assign_free(assign);
}

static void short_memory_only_delays(void **state)
{
	(void)state;
	for (int n = 0;; n++) {
		bool has_failed;
		int ret;

		fake_reset();
		folder_empty(folder);
		declare("web", 1);
		place("web");
		seen[0] = '\0';
		memory_fail_after(n);
		ret = begin();
		if (ret == 0)
			fake_settle();
		memory_fail_after(MEMORY_ENOUGH);
		has_failed = memory_has_failed();
		if (ret == 0) {
			expect("+web current ");
			assign_free(assign);
		} else {
			assert_int_equal(ret, -ENOMEM);
		}
		if (!has_failed)
			break;
	}
}

static void a_node_whose_name_is_too_long_and_a_missing_folder_are_errors(void **state)
{
	struct assign_settings settings = {
		.node = node, .zone = zone, .folder = "/nowhere/at/all", .report = on_report};
	uint8_t name[DNS_NAME_MAX];
	struct base_error error;
	struct assign *a;

	(void)state;
	assert_int_equal(assign_new(&a, NULL, &settings, &events, NULL, &error), -ENOENT);
	memset(name, 1, sizeof(name));
	for (size_t at = 0; at + 2 < sizeof(name); at += 2)
		name[at + 1] = 'a';
	name[sizeof(name) - 1] = 0;
	settings.node = name;
	assert_int_equal(assign_new(&a, NULL, &settings, &events, NULL, &error), -EINVAL);
	assert_string_equal(error.text, "the node's name is too long");
	assign_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_listed_is_ordered_and_what_is_not_is_withdrawn, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_withdrawn_while_no_registry_answers,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			saved_orders_are_reported_at_once_and_then_confirmed_or_withdrawn, setup,
			teardown),
		cmocka_unit_test_setup_teardown(one_that_cannot_be_read_does_not_hold_up_the_others,
						setup, teardown),
		cmocka_unit_test_setup_teardown(short_memory_only_delays, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_node_whose_name_is_too_long_and_a_missing_folder_are_errors, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
