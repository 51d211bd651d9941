/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../folder.h"
#include "../memory.h"
#include "kit.h"
#include "spec/json.h"

#define WEB "service:\n- name: web\n  type: _http._tcp\n  run: [a]\n"

static const struct {
	const char *text, *reports;
} cases[] = {
	{WEB, ""},
	{"", ""},
	{"service:\n", ""},
	{"servce: {}\n", "f:1: unknown option servce; did you mean service?\n"},
	{"service: 1\n", "f:1: service is a mapping of options, not a single value\n"},
	{"service:\n  typ: _http._tcp\n", "f:2: unknown option typ in service; did you mean type?\n"
					  "f:2: service needs name\nf:2: service needs type\n"
					  "f:2: service needs one of run, ocf, unit and machine\n"},
	{WEB WEB, "f:5: service is given a second time, first at f:1\n"},
	{WEB "---\n" WEB, "f:7: service web is declared a second time, first at f:2\n"},
	{WEB "  count: 0\n  port: 70000\n",
	 "f:5: count is from 1 to 10000, not 0\n"
	 "f:6: port is a port from 1 to 65535, auto or none, not 70000\n"},
	{WEB "  unit: a.service\n",
	 "f:2: service has more than one of run, ocf, unit and machine\n"},
	{WEB "  on: [n1]\n  count: 2\n",
	 "f:6: count is 2, but on has 1 nodes, and the name-resource web lets one instance run on "
	 "a node\n"},
	{WEB "  on: [n1]\n  count: 2\n  name-resource: none\n  port: 80\n",
	 "f:6: count is 2, but on has 1 nodes, and only one instance on a node can have the port "
	 "80; is port: auto meant?\n"},
	{WEB "  on: [n1]\n  count: 2\n  name-resource: none\n  port: auto\n", ""},
	{WEB "  on: [n1, n1]\n  prefer: [n2]\n",
	 "f:5: on has n1 twice\nf:6: prefer: n2 is not one of the nodes that on has\n"},
	{WEB "  on: any\n  count: 9\n", ""},
	{WEB "  listen: agent\n", "f:5: listen: agent needs a port\n"},
	{WEB "  environment: {A-B: 1, WEFT_ID: 2, A: $B, C: '$WEFT_PORT'}\n",
	 "f:5: environment: A-B is not the name of a variable\n"
	 "f:5: environment: WEFT_ID is set by the agent\n"
	 "f:5: environment: there is no variable $B\n"},
	{WEB "  environment: {DB_PASSWORD: x, URL: 'db://u:p@h/', OK_TOKEN: /run/t}\n",
	 "w f:5: environment: DB_PASSWORD looks like a secret: everybody can read a zone; name a "
	 "file on the node, by secret\n"
	 "w f:5: environment: URL looks like a secret: everybody can read a zone; name a file on "
	 "the node, by secret\n"},
	{WEB "  environment: {KEY: '-----BEGIN PRIVATE KEY-----'}\n",
	 "f:5: environment: KEY is a private key: everybody can read a zone; name a file on the "
	 "node, by secret\n"},
	{WEB "  secret: {A: hunter2}\n",
	 "f:5: secret: A is the absolute path of a file on the node\n"},
	{WEB "  secret: {A: /s}\n  prepare: [[x, $A]]\n",
	 "f:6: prepare: $A is a secret: read it from the environment\n"},
	{WEB "  prepare: [[x, 'a$']]\n",
	 "f:5: prepare: $ begins a variable, $NAME or ${NAME}; $$ is a $\n"},
	{WEB "  prepare: x y\n", "f:5: prepare is a list of commands, each a list of words\n"},
	{"service:\n  name: web\n  type: _http._tcp\n  run: a b\n",
	 "f:4: run is a list of words, as no shell splits it: [program, argument]\n"
	 "f:2: service needs one of run, ocf, unit and machine\n"},
	{WEB "  text: {id: 1, a=b: 2}\n", "f:5: text: the agent writes the key id\n"
					  "f:5: text: a key has printable characters without =\n"},
	{WEB "  check: {http: x, tcp: 1}\n",
	 "f:5: check has more than one of http, tcp, exec and ocf\n"
	 "f:5: check.http is a path that begins with /\n"
	 "f:5: check needs a port, and the service has none\n"},
	{WEB "  check: {ocf: yes}\n", "f:5: check.ocf is for resource agents (ocf) alone\n"},
	{WEB "  check: {interval: 1x}\n",
	 "f:5: interval is a time in seconds (ms, m, h, d), not 1x\n"},
	{WEB "  stop: {signal: FOO}\n", "f:5: signal: there is no signal FOO; is TERM meant?\n"},
	{WEB "  restart: {backoff: [5, 1]}\n",
	 "f:5: restart.backoff is the first wait and the longest: [0.1, 10]\n"},
	{WEB "  uses: [web, db, db]\n",
	 "f:5: uses has db twice\nf:5: uses: web cannot wait for itself\n"},
	{WEB "  uses: [{name: db, on-change: signal FOO}]\n",
	 "f:5: on-change: there is no signal FOO\n"},
	{WEB "  fence: never\n", "f:5: fence is lease, none or exec: COMMAND\n"},
	{WEB "  fence: {exec: [x]}\n", ""},
	{WEB "  fence: {exe: [x]}\n", "f:5: unknown option exe in fence; did you mean exec?\n"
				      "f:5: fence needs exec\n"},
	{WEB "  machine: {start: [x]}\n",
	 "f:5: service.machine needs stop\n"
	 "f:2: service has more than one of run, ocf, unit and machine\n"},
	{"service:\n  name: db\n  type: _x._tcp\n  unit: a.service\n  user: x\n  port: auto\n",
	 "f:6: port: auto is for run and ocf: a unit does not learn the port\n"
	 "f:5: user has no effect on a unit: its file has what it needs\n"},
	{"service:\n  name: -db\n  type: x._tcp\n  ocf: apache\n",
	 "f:2: name is a name of letters, digits and dashes, not -db\n"
	 "f:3: type is like _http._tcp or _dns._udp, not x._tcp\n"
	 "f:4: ocf is PROVIDER:AGENT, such as heartbeat:apache, not apache\n"
	 "f:2: service needs one of run, ocf, unit and machine\n"},
	{"schema:\n  s: {properties: {parameters: {required: [a]}}}\n" WEB "  schema: s\n",
	 "f:4: service web: /parameters: a is missing\n"},
	{"schema:\n  s: {properties: {parameters: {required: [a]}}}\n" WEB
	 "  schema: s\n  parameters: {a: 1}\n",
	 ""},
	{"schema:\n  s: {format: x}\n  s: {}\n  t_t: {}\n",
	 "f:2: schema s: /format: the keyword format is not supported\n"
	 "f:3: schema s is declared a second time, first at f:2\n"
	 "f:4: schema is a name of letters, digits and dashes, not t_t\n"},
	{WEB "  parameters: &a [*a]\n",
	 "f:5: parameters has too many values, or too many in each other\n"},
	{WEB "  parameters: {a: 1, a: 2}\n", "f:5: parameters has a name twice\n"},
	{WEB "  parameters: [1]\n", "f:5: parameters is a mapping of names and values\n"},
};

static char folder[FOLDER_PATH_MAX];

static int read_text(struct kit *kit, const char *text, struct spec_set *set)
{
	char path[FOLDER_PATH_MAX + 2];
	const char *paths[] = {path};

	folder_write(folder, "f", text);
	strcpy(path, folder);
	strcat(path, "/f");
	return spec_file_read(set, &kit->arena, paths, 1, kit_report, kit);
}

/* Takes the folder out of texts that contain the path. */
static void folder_cut(char *text)
{
	char *at;

	while ((at = strstr(text, folder)) != NULL)
		memmove(at, at + strlen(folder) + 1, strlen(at + strlen(folder) + 1) + 1);
}

static void all_errors_of_a_file_are_reported_with_their_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kit kit;
		struct spec_set set;
		int ret;

		kit_setup(&kit);
		ret = read_text(&kit, cases[i].text, &set);
		folder_cut(kit.reports);
		if (strcmp(kit.reports, cases[i].reports) != 0)
			fail_msg("%s\ngives\n%s\nnot\n%s", cases[i].text, kit.reports,
				 cases[i].reports);
		assert_int_equal(ret, cases[i].reports[0] == '\0' || cases[i].reports[0] == 'w'
					      ? 0
					      : -EBADMSG);
		kit_teardown(&kit);
	}
}

static void the_example_is_valid_and_survives_json(void **state)
{
	const char *srcdir = getenv("SRCDIR");
	char path[1000];
	const char *paths[] = {path};
	struct spec_set set;
	struct kit kit;

	(void)state;
	snprintf(path, sizeof(path), "%s/zones/lab.services.yaml", srcdir != NULL ? srcdir : "..");
	kit_setup(&kit);
	assert_int_equal(spec_file_read(&set, &kit.arena, paths, 1, kit_report, &kit), 0);
	assert_string_equal(kit.reports, "");
	assert_int_equal(set.nservices, 3);
	assert_int_equal(set.nschemas, 1);
	assert_string_equal(set.services[0]->parameters, "{\"root\":\"/srv/www\"}");
	for (size_t i = 0; i < set.nservices; i++) {
		struct spec_service *back;
		const char *text, *again;

		assert_int_equal(spec_json_write(&text, &kit.arena, set.services[i]), 0);
		assert_int_equal(
			spec_json_read(&back, &kit.arena, text, strlen(text), kit_report, &kit), 0);
		assert_int_equal(spec_json_write(&again, &kit.arena, back), 0);
		assert_string_equal(text, again);
	}
	kit_teardown(&kit);
}

static void a_file_that_is_not_there_is_an_error(void **state)
{
	const char *const paths[] = {"/nowhere/f"};
	struct spec_set set;
	struct kit kit;

	(void)state;
	kit_setup(&kit);
	assert_int_equal(spec_file_read(&set, &kit.arena, paths, 1, kit_report, &kit), -EBADMSG);
	assert_string_equal(kit.reports, "/nowhere/f: cannot be read: No such file or directory\n");
	kit_teardown(&kit);
}

static void short_memory_is_only_that(void **state)
{
	static const char text[] = "schema:\n  s: {properties: {parameters: {}}}\n" WEB
				   "  schema: s\n  parameters: {a: [1, x]}\n  environment: {A: b}\n"
				   "  uses: [db]\n  prepare: [[x]]\n";

	(void)state;
	for (int n = 0; n < 5000; n++) {
		struct kit kit;
		struct spec_set set;
		int ret;

		kit_setup(&kit);
		memory_fail_after(n);
		ret = read_text(&kit, text, &set);
		memory_pause();
		if (memory_has_failed() && ret == -EBADMSG)
			assert_non_null(strstr(kit.reports, "Cannot allocate memory"));
		else if (ret != (memory_has_failed() ? -ENOMEM : 0))
			fail_msg("allocation %d: %d", n, ret);
		kit_teardown(&kit);
		if (ret == 0)
			break;
	}
}

static int setup(void **state)
{
	(void)state;
	folder_make(folder, "spec");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_errors_of_a_file_are_reported_with_their_lines),
		cmocka_unit_test(the_example_is_valid_and_survives_json),
		cmocka_unit_test(a_file_that_is_not_there_is_an_error),
		cmocka_unit_test(short_memory_is_only_that),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
