/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit.h"

#define LIMITED "only what run starts is limited"
#define SIGNALLED "only what run starts is signalled"
#define IN_FILE "its file has what it needs"
#define READ_BACK "the last line of its actions is read from a file"

enum { NFORMS = 4 };

static const struct {
	const char *text, *name;
} forms[NFORMS] = {
	{"'run':['r']", NULL},
	{"'ocf':'heartbeat:a'", "a resource agent"},
	{"'unit':'u.service'", "a unit"},
	{"'machine':{'start':['s'],'stop':['t']}", "a machine"},
};

/* For each form the reason why the option does nothing there; NULL: it has its effect. */
static const struct {
	const char *text, *name;
	const char *reasons[NFORMS];
} options[] = {
	{"'user':'u'", "user", {NULL, "its actions run as weft-agentd does", IN_FILE, NULL}},
	{"'folder':'f'", "folder", {NULL, "its actions run in /", IN_FILE, NULL}},
	{"'environment':{'A':'b'}", "environment", {NULL, NULL, IN_FILE, NULL}},
	{"'secret':{'A':'/b'}", "secret", {NULL, NULL, IN_FILE, NULL}},
	{"'parameters':{'a':1}", "parameters", {NULL, NULL, IN_FILE, NULL}},
	{"'prepare':[['p']]", "prepare", {NULL, NULL, IN_FILE, NULL}},
	{"'state':{'save':['s'],'load':['l']}", "state", {NULL, NULL, IN_FILE, NULL}},
	{"'limits':{'memory':4096}", "limits.memory", {NULL, LIMITED, LIMITED, LIMITED}},
	{"'limits':{'processes':9}", "limits.processes", {NULL, LIMITED, LIMITED, LIMITED}},
	{"'limits':{'files':9}", "limits.files", {NULL, LIMITED, LIMITED, LIMITED}},
	{"'limits':{'core':9}", "limits.core", {NULL, LIMITED, LIMITED, LIMITED}},
	{"'output':{'to':'journal'}", "output.to: journal", {NULL, READ_BACK, IN_FILE, READ_BACK}},
	{"'output':{'to':'none'}", "output.to: none", {NULL, NULL, IN_FILE, NULL}},
	{"'output':{'keep':9,'size':9999}", "output", {NULL, NULL, NULL, NULL}},
	{"'stop':{'signal':'INT'}", "stop.signal", {NULL, SIGNALLED, SIGNALLED, SIGNALLED}},
	{"'stop':{'timeout':1}", "stop.timeout", {NULL, NULL, NULL, NULL}},
	{"'reload':'signal HUP'", "reload: signal", {NULL, SIGNALLED, SIGNALLED, SIGNALLED}},
	{"'reload':{'exec':['e']}", "reload", {NULL, NULL, NULL, NULL}},
	{"'uses':[{'name':'db','on-change':'signal HUP'}]",
	 "uses: on-change: signal",
	 {NULL, SIGNALLED, SIGNALLED, SIGNALLED}},
	{"'uses':[{'name':'db','on-change':'restart'}]", "uses", {NULL, NULL, NULL, NULL}},
};

/* Writes where the option is in the JSON: output.to: journal is at /output/to. Of a state the
 * first member is named, as both begin in the same place. */
static void path_write(char *out, size_t size, const char *name)
{
	snprintf(out, size, "/%.*s", (int)strcspn(name, ":"), name);
	for (char *c = out; *c != '\0'; c++)
		*c = *c == '.' ? '/' : *c;
	if (strcmp(name, "state") == 0)
		strcat(out, "/save");
}

static void expect(const char *json, const char *report)
{
	struct kit kit;

	kit_setup(&kit);
	kit_service(&kit, json);
	if (strcmp(kit.reports, report) != 0)
		fail_msg("%s\ngives\n%s\nnot\n%s", json, kit.reports, report);
	kit_teardown(&kit);
}

static void an_option_does_what_it_says_or_is_refused_with_the_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		for (size_t f = 0; f < NFORMS; f++) {
			const char *reason = options[i].reasons[f];
			char json[400], report[400] = "", path[40];

			path_write(path, sizeof(path), options[i].name);
			snprintf(json, sizeof(json), "{'name':'s','type':'_x._tcp',%s,%s}",
				 forms[f].text, options[i].text);
			if (reason != NULL)
				snprintf(report, sizeof(report), "%s: %s has no effect on %s: %s\n",
					 path, options[i].name, forms[f].name, reason);
			expect(json, report);
		}
}

static void sockets_are_handed_over_to_what_run_starts(void **state)
{
	static const char refusal[] =
		"/listen: listen: agent is for run: only there are sockets handed over\n";
	char json[400];

	(void)state;
	for (size_t f = 0; f < NFORMS; f++) {
		snprintf(json, sizeof(json),
			 "{'name':'s','type':'_x._tcp','port':80,'listen':'agent',%s}",
			 forms[f].text);
		expect(json, f == 0 ? "" : refusal);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_option_does_what_it_says_or_is_refused_with_the_reason),
		cmocka_unit_test(sockets_are_handed_over_to_what_run_starts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
