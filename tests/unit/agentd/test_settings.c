/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agentd/settings.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../folder.h"

static char folder[FOLDER_PATH_MAX];
static char reports[8000]; /* `line: text` lines */
static char changes[1000]; /* options that differ, with `*` if they need a restart */

static void report(void *arg, enum base_log_level level, const struct base_error *error)
{
	size_t n = strlen(reports);

	(void)arg;
	(void)level;
	snprintf(reports + n, sizeof(reports) - n, "%u: %s\n", error->at.line, error->text);
}

static int load(struct agentd_settings **out, const char *text)
{
	char path[128];

	folder_write(folder, "weft-agentd.conf", text);
	snprintf(path, sizeof(path), "%s/weft-agentd.conf", folder);
	reports[0] = '\0';
	return agentd_settings_load(out, path, report, NULL);
}

static int set_up(void **state)
{
	(void)state;
	folder_make(folder, "agentd");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static void an_empty_file_gives_the_defaults(void **state)
{
	struct agentd_settings *s;

	(void)state;
	assert_int_equal(load(&s, ""), 0);
	assert_string_equal(reports, "");
	assert_null(s->agent.node);
	assert_null(s->registry);
	assert_null(s->agent.key_file.text);
	assert_null(s->agent.log_dir);
	assert_string_equal(s->agent.state_dir, WEFT_STATEDIR "-agent");
	assert_string_equal(s->agent.control, WEFT_RUNDIR "/agent.sock");
	assert_int_equal(s->agent.lease_s, 10);
	assert_int_equal(s->history.keep, 10000);
	assert_int_equal(s->address.kind, ADDRESS_INTERFACE);
	assert_int_equal(s->address.ninterfaces, 0);
	agentd_settings_free(s);
}

static void every_option_reaches_its_field(void **state)
{
	static const char text[] = "agent:\n"
				   "  node: n1\n"
				   "  fabric: lab.cloud\n"
				   "  registry: [192.0.2.1, tls://ns2.lab.cloud]\n"
				   "  key-file: n1.key\n"
				   "  certificate: /etc/n1.pem\n"
				   "  tls-ca: ca.pem\n"
				   "  state-dir: state\n"
				   "  run-dir: run\n"
				   "  log-dir: log\n"
				   "  control: agent.sock\n"
				   "  control-group: adm\n"
				   "  cgroup: none\n"
				   "  interface: [eth0, lo]\n"
				   "  lease: 1m\n"
				   "  log: {to: agent.log, level: debug}\n"
				   "history: {keep: 500}\n";
	struct agentd_settings *s;
	char path[128];

	(void)state;
	assert_int_equal(load(&s, text), 0);
	assert_string_equal(s->agent.node, "n1");
	assert_string_equal(s->agent.fabric, "lab.cloud");
	assert_string_equal(s->registry, "192.0.2.1 tls://ns2.lab.cloud ");
	snprintf(path, sizeof(path), "%s/n1.key", folder);
	assert_string_equal(s->agent.key_file.text, path);
	assert_string_equal(s->agent.certificate.text, "/etc/n1.pem");
	snprintf(path, sizeof(path), "%s/state", folder);
	assert_string_equal(s->agent.state_dir, path);
	assert_string_equal(s->agent.control_group, "adm");
	assert_string_equal(s->agent.cgroup, "none");
	assert_int_equal(s->address.ninterfaces, 2);
	assert_string_equal(s->address.interfaces[1], "lo");
	assert_int_equal(s->agent.lease_s, 60);
	assert_int_equal(s->agent.log.level, BASE_LOG_DEBUG);
	assert_int_equal(s->history.keep, 500);
	agentd_settings_free(s);
}

static void addresses_are_given_or_seen(void **state)
{
	struct agentd_settings *s;

	(void)state;
	assert_int_equal(load(&s, "agent: {address: [192.0.2.1, \"2001:db8::1\"]}\n"), 0);
	assert_int_equal(s->address.kind, ADDRESS_GIVEN);
	assert_int_equal(s->address.ngiven, 2);
	assert_int_equal(s->address.given[1].ss_family, AF_INET6);
	agentd_settings_free(s);
	assert_int_equal(load(&s, "agent: {address: seen}\n"), 0);
	assert_int_equal(s->address.kind, ADDRESS_SEEN);
	agentd_settings_free(s);
}

static void invalid_values_are_reported_with_their_line(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"agent:\n  node: n1.\n", "2: node: n1. is not the name of a node, such as n1\n"},
		{"agent:\n  node: a..b\n", "2: node: a..b is not the name of a node, such as n1\n"},
		{"agent:\n  fabric: .\n",
		 "2: fabric: . is not the name of a zone, such as lab.cloud\n"},
		{"agent:\n  registry:\n  - 192.0.2.1\n  - \"ftp://x\"\n", "4: registry: "},
		{"agent:\n  address: 192.0.2.1@53\n",
		 "2: address: 192.0.2.1@53 is not an address without a port, or seen\n"},
		{"agent:\n  address: n1\n",
		 "2: address: n1 is not an address without a port, or seen\n"},
		{"agent:\n  address: [seen, 192.0.2.1]\n",
		 "2: address: seen is not an address without a port, or seen\n"},
		{"agent:\n  interface: eth0\n  address: seen\n",
		 "3: address: interface is given, too; choose one of the two\n"},
		{"agent:\n  interface: a-name-that-is-too-long\n", "2: interface"},
		{"agent:\n  lease: 2\n", "2: lease is from 3 to 3600, not 2\n"},
		{"history:\n  keep: 5\n", "2: keep is from 100 to 1000000, not 5\n"},
		{"agent:\n  nodes: n1\n", "2: "},
		{"hello: {}\n", "1: "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct agentd_settings *s;

		assert_int_equal(load(&s, cases[i].text), -EBADMSG);
		assert_null(s);
		if (strncmp(reports, cases[i].want, strlen(cases[i].want)) != 0)
			fail_msg("%s is reported as %s", cases[i].text, reports);
	}
}

static void all_errors_are_reported(void **state)
{
	static const char text[] = "agent:\n  node: n1.\n  address: x\n  lease: 1\n";
	struct agentd_settings *s;

	(void)state;
	assert_int_equal(load(&s, text), -EBADMSG);
	assert_non_null(strstr(reports, "2: node"));
	assert_non_null(strstr(reports, "3: address"));
	assert_non_null(strstr(reports, "4: lease"));
}

static void a_path_of_a_socket_is_not_too_long(void **state)
{
	struct agentd_settings *s;
	char text[300];

	(void)state;
	snprintf(text, sizeof(text), "agent: {control: /%0200d}\n", 0);
	assert_int_equal(load(&s, text), -EBADMSG);
	assert_non_null(strstr(reports, "1: control: the path of a socket"));
}

static void on_change(void *arg, const char *option, bool needs_restart)
{
	(void)arg;
	strcat(strcat(strcat(changes, option), needs_restart ? "*" : ""), " ");
}

static void what_differs_is_named(void **state)
{
	struct agentd_settings *a, *b;

	(void)state;
	assert_int_equal(load(&a, "agent: {node: n1, registry: 192.0.2.1, lease: 10}\n"), 0);
	assert_int_equal(load(&b, "agent: {node: n2, registry: 192.0.2.2, address: seen, "
				  "log: {level: debug}}\nhistory: {keep: 100}\n"),
			 0);
	changes[0] = '\0';
	agentd_settings_compare(a, b, on_change, NULL);
	assert_string_equal(changes, "agent.node* agent.registry* agent.address agent.log.level "
				     "history.keep ");
	changes[0] = '\0';
	agentd_settings_compare(b, b, on_change, NULL);
	assert_string_equal(changes, "");
	agentd_settings_free(a);
	agentd_settings_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_gives_the_defaults),
		cmocka_unit_test(every_option_reaches_its_field),
		cmocka_unit_test(addresses_are_given_or_seen),
		cmocka_unit_test(invalid_values_are_reported_with_their_line),
		cmocka_unit_test(all_errors_are_reported),
		cmocka_unit_test(a_path_of_a_socket_is_not_too_long),
		cmocka_unit_test(what_differs_is_named),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
