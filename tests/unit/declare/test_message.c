/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The messages are parsed as a registry parses them. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "declare/apply.h"
#include "declare/message.h"
#include "declare/remove.h"
#include "dns/type.h"
#include "dns/update.h"
#include "kit.h"

enum { ROOM = 120 };

static struct dns_update update;

static int setup(void **state)
{
	kit_set_up(state);
	kit_soa();
	return dns_update_init(&update);
}

static int teardown(void **state)
{
	dns_update_fini(&update);
	return kit_tear_down(state);
}

static void plan(void)
{
	struct declare_apply asked = {.set = &kit.set};

	assert_int_equal(kit_plan(declare_apply_plan, &asked), 0);
}

static void record_append(char *text, size_t size, const struct dns_update_record *r)
{
	char owner[DNS_NAME_TEXT_MAX];
	size_t used = strlen(text);

	dns_name_to_text(owner, r->owner);
	snprintf(text + used, size - used, "%.*s %u %u %u%s\n", (int)strcspn(owner, "."), owner,
		 r->rrclass, r->type, r->ttl, r->rdlength > 0 ? " rdata" : "");
}

/* Returns prerequisites and updates: the first label, class, type, TTL, and whether there is
 * rdata. */
static const char *shown(const struct declare_message *m)
{
	static char text[2000];

	assert_int_equal(dns_update_parse(&update, m->bytes, m->nbytes), 0);
	text[0] = '\0';
	for (unsigned i = 0; i < update.nprerequisites; i++)
		record_append(text, sizeof(text), &update.prerequisite[i]);
	strcat(text, "--\n");
	for (unsigned i = 0; i < update.nupdates; i++)
		record_append(text, sizeof(text), &update.update[i]);
	return text;
}

#define WEB(run) "{'name':'web','on':['n1'],'run':['" run "'],'type':'_http._tcp'}"

static void what_is_new_must_not_be_there(void **state)
{
	struct declare_message m, undo;

	(void)state;
	kit_want(WEB("a"));
	plan();
	assert_int_equal(declare_message_write(&m, &kit.plan, 0, ROOM), 0);
	assert_int_equal(m.count, 2);
	assert_false(m.has_serial);
	assert_string_equal(shown(&m), "_spec 254 16 0\n_runs 254 12 0\n--\n"
				       "_spec 1 16 5 rdata\n_runs 1 12 5 rdata\n");
	assert_int_equal(declare_message_undo(&undo, &kit.plan, &m, ROOM), 0);
	assert_string_equal(shown(&undo), "_spec 1 16 0 rdata\n_runs 1 12 0 rdata\n--\n"
					  "_spec 255 16 0\n_runs 255 12 0\n");
	declare_message_fini(&undo);
	declare_message_fini(&m);
}

static void what_changes_must_be_as_it_was(void **state)
{
	struct declare_message m, undo;

	(void)state;
	kit_spec("web-1._http._tcp", WEB("a"));
	kit_run("n1", "x._http._tcp");
	kit_want(WEB("b"));
	plan();
	assert_int_equal(declare_message_write(&m, &kit.plan, 0, ROOM), 0);
	assert_string_equal(shown(&m), "_spec 1 16 0 rdata\n_runs 1 12 0 rdata\n--\n"
				       "_spec 255 16 0\n_spec 1 16 5 rdata\n_runs 1 12 5 rdata\n");
	assert_int_equal(declare_message_undo(&undo, &kit.plan, &m, ROOM), 0);
	/* Both PTR records must be there; only the own one is removed. */
	assert_string_equal(shown(&undo),
			    "_spec 1 16 0 rdata\n_runs 1 12 0 rdata\n_runs 1 12 0 rdata\n--\n"
			    "_spec 255 16 0\n_spec 1 16 60 rdata\n_runs 254 12 0 rdata\n");
	declare_message_fini(&undo);
	declare_message_fini(&m);
}

static void what_the_plan_depends_on_must_be_as_it_was(void **state)
{
	struct declare_message m;

	(void)state;
	kit_spec("db-1._db._tcp", "{'name':'db','run':['/bin/db'],'type':'_db._tcp'}");
	kit_schema("s", "{}");
	kit_want("{'name':'web','run':['a'],'schema':'s','type':'_http._tcp',"
		 "'uses':[{'name':'db'}]}");
	plan();
	assert_int_equal(declare_message_write(&m, &kit.plan, 0, ROOM), 0);
	assert_string_equal(shown(&m), "_spec 1 16 0 rdata\ns 1 16 0 rdata\n_spec 254 16 0\n--\n"
				       "_spec 1 16 5 rdata\n");
	declare_message_fini(&m);
}

static void a_deletion_requires_the_whole_zone_as_it_was(void **state)
{
	char *names[] = {"web"};
	bool was_found = false;
	struct declare_remove asked = {names, 1, &was_found, false};
	struct declare_message m;

	(void)state;
	kit_spec("web-1._http._tcp", WEB("a"));
	assert_int_equal(kit_plan(declare_remove_plan, &asked), 0);
	assert_int_equal(declare_message_write(&m, &kit.plan, 0, ROOM), 0);
	assert_true(m.has_serial);
	assert_string_equal(shown(&m), "lab 1 6 0 rdata\n--\n_spec 255 16 0\n");
	declare_message_fini(&m);
}

/* Returns a declaration with that many characters. */
static const char *large(char letter, size_t nchars)
{
	static char text[70000];
	int n = snprintf(text, sizeof(text), "{'environment':{'X':'");

	memset(text + n, letter, nchars);
	strcpy(text + n + nchars, "'},'name':'web','run':['a'],'type':'_http._tcp'}");
	return text;
}

static void where_what_was_does_not_fit_the_zone_must_be_as_it_was(void **state)
{
	struct declare_message m, undo;

	(void)state;
	kit_spec("web-1._http._tcp", large('a', 63000));
	kit_want(large('b', 63000));
	plan();
	assert_int_equal(declare_message_write(&m, &kit.plan, 0, ROOM), 0);
	assert_true(m.has_serial);
	assert_string_equal(shown(&m), "lab 1 6 0 rdata\n--\n_spec 255 16 0\n_spec 1 16 5 rdata\n");
	assert_true(m.nbytes + ROOM <= 65535);
	assert_int_equal(declare_message_undo(&undo, &kit.plan, &m, ROOM), 0);
	assert_string_equal(shown(&undo), "--\n_spec 255 16 0\n_spec 1 16 60 rdata\n");
	declare_message_fini(&undo);
	declare_message_fini(&m);
}

static void what_does_not_fit_one_message_is_in_several(void **state)
{
	struct declare_message m;
	char json[30000];
	unsigned nmessages = 0;

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		int n = snprintf(json, sizeof(json), "{'environment':{'X':'");

		memset(json + n, 'x', 25000);
		snprintf(json + n + 25000, sizeof(json) - (size_t)n - 25000,
			 "'},'name':'s%u','on':['n1'],'run':['a'],'type':'_http._tcp'}", i);
		kit_want(json);
	}
	plan();
	/* Five declarations, two of which fit, and a set of five instances. */
	for (size_t at = 0; at < kit.plan.nchanges; at += m.count) {
		assert_int_equal(declare_message_write(&m, &kit.plan, at, ROOM), 0);
		assert_false(m.has_serial);
		assert_int_equal(dns_update_parse(&update, m.bytes, m.nbytes), 0);
		assert_true(m.nbytes + ROOM <= 65535);
		declare_message_fini(&m);
		nmessages++;
	}
	assert_int_equal(nmessages, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(what_is_new_must_not_be_there),
		TEST(what_changes_must_be_as_it_was),
		TEST(what_the_plan_depends_on_must_be_as_it_was),
		TEST(a_deletion_requires_the_whole_zone_as_it_was),
		TEST(where_what_was_does_not_fit_the_zone_must_be_as_it_was),
		TEST(what_does_not_fit_one_message_is_in_several),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
