/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dnssd/fabric_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t zone[] = "\3lab\5cloud";
static const char too_long[] = "0123456789012345678901234567890123456789012345678901234567890123";

static void expect(const uint8_t *name, size_t nbytes, const char *want)
{
	char text[DNS_NAME_TEXT_MAX];

	assert_int_equal(nbytes, dns_name_nbytes(name));
	dns_name_to_text(text, name);
	assert_string_equal(text, want);
}

static void each_kind_is_written_and_parsed_back(void **state)
{
	static const struct {
		enum dnssd_fabric_kind kind;
		const char *label;
		char base; /* node, instance, zone */
		const char *text;
	} cases[] = {
		{DNSSD_FABRIC_RUNS, NULL, 'n', "_runs.n1.nodes.lab.cloud."},
		{DNSSD_FABRIC_HELD, "web", 'n', "web._names.n1.nodes.lab.cloud."},
		{DNSSD_FABRIC_SPEC, NULL, 'i', "_spec.web-1._http._tcp.lab.cloud."},
		{DNSSD_FABRIC_USES, NULL, 'i', "_uses.web-1._http._tcp.lab.cloud."},
		{DNSSD_FABRIC_RESOURCE, "disk-7", 'z', "disk-7._resources.lab.cloud."},
		{DNSSD_FABRIC_SCHEMA, "http", 'z', "http._schemas.lab.cloud."},
		{DNSSD_FABRIC_SESSION, "a.b", 'z', "a\\.b._sessions.lab.cloud."},
		{DNSSD_FABRIC_LEADER, NULL, 'z', "_leader._cluster.lab.cloud."},
		{DNSSD_FABRIC_RULES, NULL, 'z', "_rules._cluster.lab.cloud."},
		{DNSSD_FABRIC_EVENT, "7-42", 'z', "7-42._events._cluster.lab.cloud."},
	};
	uint8_t node[DNS_NAME_MAX], instance[DNS_NAME_MAX], name[DNS_NAME_MAX];

	(void)state;
	expect(node, dnssd_fabric_name_node(node, "n1", zone), "n1.nodes.lab.cloud.");
	expect(instance, dnssd_fabric_name_instance(instance, "web-1", "_http._tcp", zone),
	       "web-1._http._tcp.lab.cloud.");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint8_t *base = cases[i].base == 'n'   ? node
				      : cases[i].base == 'i' ? instance
							     : zone;
		struct dnssd_fabric_name parsed;

		expect(name, dnssd_fabric_name_write(name, cases[i].kind, cases[i].label, base),
		       cases[i].text);
		assert_int_equal(dnssd_fabric_name_parse(&parsed, name, zone), cases[i].kind);
		assert_int_equal(parsed.kind, cases[i].kind);
		assert_true(dns_name_equal(parsed.base, base));
		assert_int_equal(parsed.label != NULL, cases[i].label != NULL);
		if (parsed.label != NULL)
			assert_int_equal(parsed.label[0], strlen(cases[i].label));
	}
}

static void other_names_have_no_kind(void **state)
{
	static const char *const names[] = {
		".",
		"cloud.",
		"lab.cloud.",
		"_runs.lab.cloud.",
		"_runs.nodes.lab.cloud.",
		"x._runs.n1.nodes.lab.cloud.",
		"_names.n1.nodes.lab.cloud.",
		"_spec._http._tcp.lab.cloud.",
		"x._spec.web-1._http._tcp.lab.cloud.",
		"_resources.lab.cloud.",
		"a.b._resources.lab.cloud.",
		"_cluster.lab.cloud.",
		"_events._cluster.lab.cloud.",
		"_leader._cluster.sub.lab.cloud.",
		"_leader._cluster.example.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct dnssd_fabric_name parsed;
		uint8_t name[DNS_NAME_MAX];

		assert_int_not_equal(dns_name_from_text(name, names[i], strlen(names[i]), NULL), 0);
		if (dnssd_fabric_name_parse(&parsed, name, zone) != DNSSD_FABRIC_OTHER)
			fail_msg("%s has a kind", names[i]);
	}
}

static void what_is_too_long_is_refused(void **state)
{
	uint8_t name[DNS_NAME_MAX];

	(void)state;
	assert_int_equal(dnssd_fabric_name_write(name, DNSSD_FABRIC_SCHEMA, too_long, zone), 0);
	assert_int_equal(dnssd_fabric_name_write(name, DNSSD_FABRIC_SCHEMA, "", zone), 0);
	assert_int_equal(dnssd_fabric_name_node(name, too_long, zone), 0);
	assert_int_equal(dnssd_fabric_name_node(name, "", zone), 0);
	assert_int_equal(dnssd_fabric_name_node(name, "n1.example.", zone), 0);
	assert_int_equal(dnssd_fabric_name_instance(name, too_long, "_http._tcp", zone), 0);
	assert_int_equal(dnssd_fabric_name_instance(name, "web-1", "http.tcp", zone), 0);
	assert_int_equal(dnssd_fabric_name_instance(name, "web-1", "_http._tcp.", zone), 0);
	assert_int_equal(dnssd_fabric_name_instance(name, "web-1", "", zone), 0);
}

static void events_have_two_numbers(void **state)
{
	static const char *const others[] = {"\1"
					     "7",
					     "\2"
					     "7-",
					     "\2-7",
					     "\4"
					     "07-1",
					     "\4"
					     "1-07",
					     "\5"
					     "1-2-3",
					     "\26"
					     "18446744073709551616-1"};
	char label[DNSSD_EVENT_LABEL_MAX];
	uint8_t wire[64];
	uint64_t era, n;

	(void)state;
	dnssd_fabric_name_event(label, UINT64_MAX, 0);
	assert_string_equal(label, "18446744073709551615-0");
	wire[0] = (uint8_t)strlen(label);
	memcpy(wire + 1, label, wire[0]);
	assert_true(dnssd_fabric_name_parse_event(wire, &era, &n));
	assert_true(era == UINT64_MAX);
	assert_int_equal(n, 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(dnssd_fabric_name_parse_event((const uint8_t *)others[i], &era, &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_written_and_parsed_back),
		cmocka_unit_test(other_names_have_no_kind),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(events_have_two_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
