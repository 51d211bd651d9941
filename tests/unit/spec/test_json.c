/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/json.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "kit.h"

#define WEB "'name':'web','type':'_http._tcp','run':['a']"

/* Canonical texts: each is written as it was read. */
static const char *const texts[] = {
	"{'name':'web','run':['a'],'type':'_http._tcp'}",
	"{'check':{'exec':['x'],'fall':9,'interval':0.25},'count':3,'environment':{'A':'','B':'2'},"
	"'fence':{'exec':['f','$WEFT_ID']},'limits':{'core':1,'files':2,'memory':4096,"
	"'processes':3},'listen':'agent','lost':'fail','name':'web','name-resource':'none',"
	"'on':['n1','n2','n3'],'output':{'keep':0,'size':4096,'to':'journal'},"
	"'parameters':{'a':[1,2.5,null,true,'x',{}]},'port':'auto','prefer':['n1'],"
	"'prepare':[['x','y z'],['q']],'priority':1,'reload':'signal HUP',"
	"'resources':[{'name':'d'},"
	"{'exclusive':'yes','name':'e'}],'restart':{'backoff':[1],'times':0,'within':1.5},"
	"'run':['a',''],'schema':'s','secret':{'S':'/f'},'state':{'load':['l'],'save':['s']},"
	"'stop':{'signal':'INT','timeout':0},'text':{'p':'1'},'ttl':60,'type':'_http._tcp',"
	"'user':'u','uses':[{'name':'db','on-change':'restart','type':'_x._udp'},"
	"{'name':'c','on-change':{'exec':['e']}}],'version':'1.2','weight':0}",
	"{'machine':{'check':['c'],'recycle':['r'],'start':['s'],'stop':['t']},'name':'vm',"
	"'reload':'nothing','type':'_ssh._tcp'}",
	"{'check':{'ocf':'yes'},'name':'db','ocf':'heartbeat:pgsql','reload':{'exec':['r']},"
	"'type':'_db._tcp'}",
	"{'check':{'tcp':'auto'},'fence':'none','name':'m','port':9100,'type':'_m._tcp',"
	"'unit':'m.service'}",
};

static void a_canonical_text_comes_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct spec_service *s;
		const char *text = NULL;
		char *copy = strdup(texts[i]);
		struct kit kit;

		kit_setup(&kit);
		s = kit_service(&kit, texts[i]);
		if (s == NULL)
			fail_msg("%s: %s", texts[i], kit.reports);
		assert_int_equal(spec_json_write(&text, &kit.arena, s), 0);
		for (char *c = copy; *c != '\0'; c++)
			*c = *c == '\'' ? '"' : *c;
		assert_string_equal(text, copy);
		free(copy);
		kit_teardown(&kit);
	}
}

static const struct {
	const char *text, *reports;
} cases[] = {
	{"", ": this is not JSON: '[' or '{' expected near end of file (line 1)\n"},
	{"[1]", ": a service is an object\n"},
	{"{" WEB ",'name':'x'}",
	 ": this is not JSON: duplicate object key near '\"name\"' (line 1)\n"},
	{"{" WEB ",'portt':1}", "/portt: unknown option portt in service; did you mean port?\n"},
	{"{" WEB ",'port':70000,'count':'x'}",
	 "/port: port is a port from 1 to 65535, auto or none, not 70000\n"
	 "/count: count is a number, not x\n"},
	{"{" WEB ",'check':{'rise':[]}}", "/check/rise: rise is a number, not a list\n"},
	{"{" WEB ",'prepare':[['a'],['$X']]}", "/prepare: prepare: there is no variable $X\n"},
	{"{" WEB ",'prepare':[['a'],[{}]]}",
	 "/prepare/1/0: prepare: a word of a command is a single value\n"
	 "/prepare/1: prepare has no program\n"},
	{"{" WEB ",'uses':[{'nam':'x'}]}",
	 "/uses/0/nam: unknown option nam in uses; did you mean name?\n"
	 "/uses/0: uses needs name\n"},
	{"{" WEB ",'text':{'a/b=':'1'}}",
	 "/text/a~1b=: text: a key has printable characters without =\n"},
	{"{'name':null}", "/name: name is a name of letters, digits and dashes, not \n"
			  ": service needs type\n"
			  ": service needs one of run, ocf, unit and machine\n"},
};

static void errors_have_their_pointers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kit kit;

		kit_setup(&kit);
		assert_null(kit_service(&kit, cases[i].text));
		if (strcmp(kit.reports, cases[i].reports) != 0)
			fail_msg("%s\ngives\n%s\nnot\n%s", cases[i].text, kit.reports,
				 cases[i].reports);
		kit_teardown(&kit);
	}
}

static void size_and_depth_are_limited(void **state)
{
	static char text[SPEC_JSON_MAX + 200];
	struct spec_service *s;
	const char *out;
	struct kit kit;

	(void)state;
	kit_setup(&kit);
	memset(text, '[', 3000);
	assert_null(kit_service(&kit, text));
	memset(text, 'x', sizeof(text) - 1);
	assert_null(kit_service(&kit, text));
	assert_non_null(strstr(kit.reports, ": a service has at most 65279 characters\n"));

	s = kit_service(&kit, "{" WEB "}");
	s->run.items[0] = text;
	assert_int_equal(spec_json_write(&out, &kit.arena, s), -EMSGSIZE);
	kit_teardown(&kit);
}

static void a_large_service_fits(void **state)
{
	static char text[SPEC_JSON_MAX];
	struct spec_service *s, *back;
	const char *out;
	struct kit kit;

	(void)state;
	kit_setup(&kit);
	memset(text, 'x', 64 * 1000);
	s = kit_service(&kit, "{" WEB "}");
	s->run.items[0] = text;
	assert_int_equal(spec_json_write(&out, &kit.arena, s), 0);
	assert_int_equal(spec_json_read(&back, &kit.arena, out, strlen(out), kit_report, &kit), 0);
	assert_string_equal(back->run.items[0], text);
	kit_teardown(&kit);
}

static void short_memory_is_only_that(void **state)
{
	(void)state;
	for (int n = 0; n < 5000; n++) {
		struct spec_service *s = NULL;
		const char *text;
		struct kit kit;
		int ret;

		kit_setup(&kit);
		memory_fail_after(n);
		s = kit_service(&kit, texts[1]);
		ret = s != NULL ? spec_json_write(&text, &kit.arena, s) : -ENOMEM;
		memory_pause();
		assert_string_equal(kit.reports, "");
		assert_int_equal(ret, memory_has_failed() ? -ENOMEM : 0);
		kit_teardown(&kit);
		if (ret == 0)
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_canonical_text_comes_back),
		cmocka_unit_test(errors_have_their_pointers),
		cmocka_unit_test(size_and_depth_are_limited),
		cmocka_unit_test(a_large_service_fits),
		cmocka_unit_test(short_memory_is_only_that),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
