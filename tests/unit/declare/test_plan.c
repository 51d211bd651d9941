/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "declare/apply.h"
#include "dns/type.h"
#include "kit.h"

/* What the functions below have plans do. */
static void assign_twice(void *arg, struct declare_plan *p)
{
	(void)arg;
	declare_plan_assign(p, kit_name("n1.nodes"), kit_name("a-1._a._tcp"));
	declare_plan_assign(p, kit_name("n2.nodes"), kit_name("b-1._a._tcp"));
	declare_plan_assign(p, kit_name("n1.nodes"), kit_name("c-1._a._tcp"));
}

static void instances_of_a_node_are_one_change(void **state)
{
	(void)state;
	kit_run("n1", "a-1._a._tcp");
	assert_int_equal(kit_plan(assign_twice, NULL), 0);
	assert_int_equal(kit.plan.nchanges, 2);
	assert_string_equal(kit_changes(), "+ _runs.n1.nodes c-1._a._tcp\n"
					   "+ _runs.n2.nodes b-1._a._tcp\n");
}

static void withdraw_twice(void *arg, struct declare_plan *p)
{
	size_t n;
	const struct atlas_run *runs = atlas_runs(p->atlas, &n);

	(void)arg;
	assert_int_equal(n, 1);
	declare_plan_withdraw(p, &runs[0]);
	declare_plan_withdraw(p, &runs[0]);
}

static void an_instance_is_withdrawn_once(void **state)
{
	(void)state;
	kit_run("n1", "a-1._a._tcp");
	assert_int_equal(kit_plan(withdraw_twice, NULL), 0);
	assert_string_equal(kit_changes(), "- _runs.n1.nodes a-1._a._tcp\n");
}

static void erase(void *arg, struct declare_plan *p)
{
	assert_true(declare_plan_erase(p, kit_name("_spec.a-1._a._tcp")));
	assert_false(declare_plan_erase(p, kit_name("_spec.b-1._a._tcp")));
	(void)arg;
}

static void what_is_not_there_is_not_erased(void **state)
{
	(void)state;
	kit_spec("a-1._a._tcp", "{}");
	kit_spec("a-1._a._tcp", "{'x':1}");
	assert_int_equal(kit_plan(erase, NULL), 0);
	/* Both records of a set that should have one. */
	assert_string_equal(kit_changes(), "- _spec.a-1._a._tcp\n- _spec.a-1._a._tcp\n");
}

static void write_large(void *arg, struct declare_plan *p)
{
	size_t nbytes;
	char *text = calloc(1, 65001);

	(void)arg;
	assert_non_null(text);
	memset(text, 'x', 65000);
	assert_null(declare_plan_rdata(p, NULL, "service", "a", text, &nbytes));
	text[63000] = '\0';
	assert_non_null(declare_plan_rdata(p, NULL, "service", "a", text, &nbytes));
	free(text);
}

static void what_no_registry_takes_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(kit_plan(write_large, NULL), -EBADMSG);
	assert_string_equal(kit.reports, "0: service a has 65000 characters as JSON; a registry "
					 "takes a record of at most 63988 octets\n");
}

static void read_twice(void *arg, struct declare_plan *p)
{
	(void)arg;
	declare_plan_read(p, kit_name("_spec.a-1._a._tcp"), DNS_TYPE_TXT);
	declare_plan_read(p, kit_name("_SPEC.a-1._a._tcp"), DNS_TYPE_TXT);
	declare_plan_read_runs(p);
}

static void what_a_plan_depends_on_is_noted_once(void **state)
{
	(void)state;
	kit_spec("a-1._a._tcp", "{}");
	kit_node("n1");
	assert_int_equal(kit_plan(read_twice, NULL), 0);
	assert_int_equal(kit.plan.nreads, 2);
	assert_int_equal(kit.plan.reads[0].count, 1);
	assert_int_equal(kit.plan.reads[1].count, 0); /* n1 runs nothing */
}

static void short_memory_is_reported(void **state)
{
	struct declare_apply asked = {.set = &kit.set, .is_pruned = true};
	unsigned nfailed = 0;

	(void)state;
	kit_spec("web-1._http._tcp", "{'name':'web','run':['a'],'type':'_http._tcp'}");
	kit_spec("old-1._http._tcp", "{'name':'old','run':['a'],'type':'_http._tcp'}");
	kit_run("n2", "web-1._http._tcp");
	kit_want_schema("s", "{}");
	kit_want("{'name':'web','on':['n1'],'run':['b'],'schema':'s','type':'_http._tcp'}");
	kit_want("{'name':'b','run':['b'],'type':'_http._tcp','uses':[{'name':'web'}]}");
	assert_int_equal(kit_plan(declare_apply_plan, &asked), 0);
	for (int n = 0;; n++) {
		int ret;

		declare_plan_fini(&kit.plan);
		declare_plan_init(&kit.plan, kit.atlas, NULL, NULL);
		memory_fail_after(n);
		declare_apply_plan(&asked, &kit.plan);
		declare_plan_sort(&kit.plan);
		ret = declare_plan_status(&kit.plan);
		memory_fail_after(MEMORY_ENOUGH);
		if (!memory_has_failed())
			break;
		assert_int_equal(ret, -ENOMEM);
		nfailed++;
	}
	assert_true(nfailed > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_set_up, kit_tear_down)
		TEST(instances_of_a_node_are_one_change),
		TEST(an_instance_is_withdrawn_once),
		TEST(what_is_not_there_is_not_erased),
		TEST(what_no_registry_takes_is_an_error),
		TEST(what_a_plan_depends_on_is_noted_once),
		TEST(short_memory_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
