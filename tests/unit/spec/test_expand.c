/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/expand.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "kit.h"

static const struct spec_pair uses[] = {{"my-db", "n1.nodes.lab.cloud:5432"}};
static const struct spec_pair secrets[] = {{"SECRET", "s3"}};
static const struct spec_facts facts = {
	.id = "ID",
	.name = "web-1",
	.node = "n1",
	.registry = "192.0.2.1@53",
	.key_file = "/k",
	.inc = 7,
	.port = 8080,
	.has_state = true,
	.parameters_file = "/p",
	.uses = uses,
	.nuses = 1,
	.secrets = secrets,
	.nsecrets = 1,
};

static const char web[] = "{'name':'web','type':'_http._tcp','run':['a'],'uses':['my-db'],"
			  "'environment':{'A':'p$WEFT_PORT','B':'$$A','PATH':'/x:${PATH}'},"
			  "'secret':{'SECRET':'/s'}}";

static void environment_show(char *out, const struct spec_pairs *pairs)
{
	*out = '\0';
	for (size_t i = 0; i < pairs->count; i++)
		sprintf(out + strlen(out), "%s=%s\n", pairs->items[i].name, pairs->items[i].value);
}

static void the_environment_has_all_and_is_sorted(void **state)
{
	struct spec_pairs environment;
	struct spec_service *s;
	char text[2000];
	struct kit kit;

	(void)state;
	kit_setup(&kit);
	s = kit_service(&kit, web);
	assert_non_null(s);
	assert_int_equal(spec_expand_environment(&environment, &kit.arena, s, &facts), 0);
	environment_show(text, &environment);
	assert_string_equal(text, "A=p8080\nB=$A\nPATH=/x:/usr/local/sbin:/usr/local/bin:/usr/sbin:"
				  "/usr/bin:/sbin:/bin\nSECRET=s3\nWEFT_ID=ID\nWEFT_INC=7\n"
				  "WEFT_KEY_FILE=/k\nWEFT_NAME=web-1\nWEFT_NODE=n1\n"
				  "WEFT_PARAMETERS=/p\nWEFT_PORT=8080\nWEFT_REGISTRY=192.0.2.1@53\n"
				  "WEFT_RESTORE=1\nWEFT_TYPE=_http._tcp\n"
				  "WEFT_USES_MY_DB=n1.nodes.lab.cloud:5432\n");
	kit_teardown(&kit);
}

static void a_resource_agent_gets_its_parameters(void **state)
{
	struct spec_facts few = facts;
	struct spec_pairs environment;
	struct spec_service *s;
	char text[2000];
	struct kit kit;

	(void)state;
	few.nuses = few.nsecrets = 0;
	few.fence_node = "n2";
	few.fence_inc = 6;
	kit_setup(&kit);
	s = kit_service(&kit, "{'name':'db','type':'_db._tcp','ocf':'heartbeat:db',"
			      "'parameters':{'a':'x y','b':5,'c':true}}");
	assert_non_null(s);
	assert_int_equal(spec_expand_environment(&environment, &kit.arena, s, &few), 0);
	environment_show(text, &environment);
	assert_non_null(strstr(text, "OCF_RESKEY_a=x y\nOCF_RESKEY_b=5\nOCF_RESKEY_c=true\nPATH="));
	assert_non_null(strstr(text, "WEFT_FENCE_INC=6\nWEFT_FENCE_NODE=n2\n"));
	kit_teardown(&kit);
}

static void variables_in_words_are_replaced(void **state)
{
	static struct spec_pair pairs[] = {{"A", "1"}, {"AB", "2"}};
	static const struct spec_pairs environment = {pairs, 2};
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"", ""},	 {"x", "x"},	    {"$A", "1"},   {"$AB", "2"},
		{"${A}B", "1B"}, {"$A-$AB", "1-2"}, {"$$A", "$A"}, {"$C.", "."},
		{"a$", "a$"},	 {"${A", "${A"},    {"$1", "$1"},
	};
	const char *words[] = {"p", "$A"};
	struct spec_words out;
	const char *text;
	struct kit kit;

	(void)state;
	kit_setup(&kit);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(spec_expand_text(&text, &kit.arena, cases[i].text, &environment),
				 0);
		assert_string_equal(text, cases[i].want);
	}
	assert_int_equal(
		spec_expand_command(&out, &kit.arena, &(struct spec_words){words, 2}, &environment),
		0);
	assert_int_equal(out.count, 2);
	assert_string_equal(out.items[1], "1");
	assert_null(out.items[2]);
	kit_teardown(&kit);
}

static void unknown_variables_and_secrets_are_refused(void **state)
{
	static const struct {
		const char *text;
		enum spec_expand_where where;
		const char *error;
	} cases[] = {
		{"$WEFT_PORT $$ $WEFT_USES_MY_DB $PATH", SPEC_EXPAND_VALUE, ""},
		{"$A", SPEC_EXPAND_COMMAND, ""},
		{"$A", SPEC_EXPAND_VALUE, "there is no variable $A"},
		{"$A $WEFT_FENCE_NODE $WEFT_FENCE_INC", SPEC_EXPAND_FENCE, ""},
		{"$WEFT_FENCE_NODE", SPEC_EXPAND_COMMAND, "there is no variable $WEFT_FENCE_NODE"},
		{"$WEFT_USES_DB", SPEC_EXPAND_COMMAND, "there is no variable $WEFT_USES_DB"},
		{"$SECRET", SPEC_EXPAND_FENCE, "$SECRET is a secret: read it from the environment"},
		{"$ ", SPEC_EXPAND_COMMAND, "$ begins a variable, $NAME or ${NAME}; $$ is a $"},
	};
	struct spec_service *s;
	struct kit kit;

	(void)state;
	kit_setup(&kit);
	s = kit_service(&kit, web);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct base_error error = {0};

		assert_int_equal(spec_expand_check(s, cases[i].text, cases[i].where, &error),
				 cases[i].error[0] == '\0' ? 0 : -EINVAL);
		assert_string_equal(error.text, cases[i].error);
	}
	kit_teardown(&kit);
}

static void short_memory_is_only_that(void **state)
{
	(void)state;
	for (int n = 0; n < 100; n++) {
		struct spec_pairs environment;
		struct base_arena arena;
		struct kit kit;
		struct spec_service *s;
		int ret;

		kit_setup(&kit);
		s = kit_service(&kit, web);
		base_arena_init(&arena, 16);
		memory_fail_after(n);
		ret = spec_expand_environment(&environment, &arena, s, &facts);
		memory_pause();
		assert_int_equal(ret, memory_has_failed() ? -ENOMEM : 0);
		base_arena_fini(&arena);
		kit_teardown(&kit);
		if (ret == 0)
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_environment_has_all_and_is_sorted),
		cmocka_unit_test(a_resource_agent_gets_its_parameters),
		cmocka_unit_test(variables_in_words_are_replaced),
		cmocka_unit_test(unknown_variables_and_secrets_are_refused),
		cmocka_unit_test(short_memory_is_only_that),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
