/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/name.h"
#include "dnssd/kind.h"

/* Makes a name in the zone lab.cloud, in wire form; "" is the apex. */
static const uint8_t *wire(const char *text)
{
	static uint8_t names[4][DNS_NAME_MAX];
	static unsigned next;
	static const uint8_t zone[] = "\3lab\5cloud";
	uint8_t *name = names[next++ % 4];

	if (*text == '\0')
		return zone;
	assert_int_not_equal(dns_name_from_text(name, text, strlen(text), zone), 0);
	return name;
}

static void the_kind_of_a_name_follows_from_its_labels(void **state)
{
	static const struct {
		const char *name;
		enum dnssd_kind kind;
	} rows[] = {
		{"", DNSSD_OTHER},
		{"nodes", DNSSD_OTHER},
		{"n1.nodes", DNSSD_NODE},
		{"a.n1.NODES", DNSSD_NODE},
		{"_http._tcp", DNSSD_TYPE},
		{"_HTTP._UDP", DNSSD_TYPE},
		{"_http._sctp", DNSSD_OTHER},
		{"_services._dns-sd._udp", DNSSD_OTHER},
		{"web._http._tcp", DNSSD_INSTANCE},
		{"*._http._tcp", DNSSD_OTHER},
		{"_x._http._tcp", DNSSD_OTHER},
		{"My\\032Web\\.Server._http._tcp", DNSSD_INSTANCE},
		{"x.web._http._tcp", DNSSD_OTHER},
		{"_p._sub._http._tcp", DNSSD_SUBTYPE},
		{"p._sub._http._tcp", DNSSD_SUBTYPE},
		{"_suspect.web._http._tcp", DNSSD_REPORT},
		{"_suspect._http._tcp", DNSSD_OTHER},
		{"_runs.n1.nodes", DNSSD_RUNS},
		{"_Runs.a.n1.nodes", DNSSD_RUNS},
		{"_runs.nodes", DNSSD_NODE},
		{"_acme-challenge.n1.nodes", DNSSD_NODE},
		{"web._names.n1.nodes", DNSSD_HELD},
		{"_web._NAMES.n1.nodes", DNSSD_HELD},
		{"*._names.n1.nodes", DNSSD_OTHER},
		{"_names.n1.nodes", DNSSD_OTHER},
		{"web._names.nodes", DNSSD_NODE},
		{"a.web._names.n1.nodes", DNSSD_NODE},
		{"_spec.web._http._tcp", DNSSD_SPEC},
		{"_SPEC.Web._http._tcp", DNSSD_SPEC},
		{"_spec._http._tcp", DNSSD_OTHER},
		{"_spec._x._http._tcp", DNSSD_OTHER},
		{"_spec._spec.web._http._tcp", DNSSD_OTHER},
		{"_uses.web._http._tcp", DNSSD_USES},
		{"_other.web._http._tcp", DNSSD_OTHER},
		{"disk-7._resources", DNSSD_RESOURCE},
		{"*._resources", DNSSD_OTHER},
		{"_resources", DNSSD_OTHER},
		{"a.disk-7._resources", DNSSD_OTHER},
		{"http._Schemas", DNSSD_SCHEMA},
		{"4711._sessions", DNSSD_SESSION},
		{"_leader._cluster", DNSSD_LEADER},
		{"_rules._cluster", DNSSD_RULES},
		{"_other._cluster", DNSSD_OTHER},
		{"x._leader._cluster", DNSSD_OTHER},
		{"1-42._events._cluster", DNSSD_EVENT},
		{"*._events._cluster", DNSSD_OTHER},
		{"_events._cluster", DNSSD_OTHER},
		{"x.1-42._events._cluster", DNSSD_OTHER},
		/* A name outside the zone has no kind, however few or many labels it has. */
		{".", DNSSD_OTHER},
		{"foo.", DNSSD_OTHER},
		{"cloud.", DNSSD_OTHER},
		{"n1.nodes.", DNSSD_OTHER},
		{"web._http._tcp.other.cloud.", DNSSD_OTHER},
		{"_suspect.web._http._tcp.xlab.cloud.", DNSSD_OTHER},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(dnssd_kind_of(wire(rows[i].name), wire("")), rows[i].kind);
}

static void an_instance_and_a_subtype_have_a_service_type(void **state)
{
	(void)state;
	assert_true(dns_name_equal(dnssd_kind_type(wire("web._http._tcp"), wire("")),
				   wire("_http._tcp")));
	assert_true(dns_name_equal(dnssd_kind_type(wire("_p._sub._http._tcp"), wire("")),
				   wire("_http._tcp")));
}

static void a_node_answers_acme_at_a_name_below_its_own(void **state)
{
	static const struct {
		const char *name, *node;
	} rows[] = {
		{"n1.nodes", "n1.nodes"},
		{"_acme-challenge.n1.nodes", "n1.nodes"},
		{"_ACME-challenge.a.b.nodes", "a.b.nodes"},
		{"x._acme-challenge.n1.nodes", "x._acme-challenge.n1.nodes"},
		{"_acme-challenge.nodes", "_acme-challenge.nodes"},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_true(
			dns_name_equal(dnssd_kind_node(wire(rows[i].name)), wire(rows[i].node)));
}

static void a_label_is_compared_whole_and_in_any_case(void **state)
{
	(void)state;
	assert_true(dnssd_label_is(wire("nodes"), "nodes"));
	assert_true(dnssd_label_is(wire("NoDes.x"), "nodes"));
	assert_false(dnssd_label_is(wire("node"), "nodes"));
	assert_false(dnssd_label_is(wire("nodesx"), "nodes"));
	assert_false(dnssd_label_is(wire("n[des"), "n{des"));
}

static void the_push_servers_of_a_zone_have_a_name(void **state)
{
	uint8_t zone[DNS_NAME_MAX], name[DNS_NAME_MAX], *at = zone;

	(void)state;
	assert_int_equal(dnssd_push_name(name, wire("")), 30);
	assert_true(dns_name_equal(name, wire("_dns-push-tls._tcp")));
	for (unsigned i = 0; i < 118; i++, at += 2)
		memcpy(at, "\1x", 2);
	*at = 0;
	assert_int_equal(dnssd_push_name(name, zone), 0);
	assert_int_equal(dnssd_push_name(name, zone + 2), 235 + 19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kind_of_a_name_follows_from_its_labels),
		cmocka_unit_test(an_instance_and_a_subtype_have_a_service_type),
		cmocka_unit_test(a_node_answers_acme_at_a_name_below_its_own),
		cmocka_unit_test(a_label_is_compared_whole_and_in_any_case),
		cmocka_unit_test(the_push_servers_of_a_zone_have_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
