/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dns/type.h"
#include "dns/update.h"
#include "registry/audit.h"
#include "registry/request.h"

static const uint8_t bench[] = "\5bench", web[] = "\5web-9\5_http\4_tcp\3lab\5cloud",
		     node[] = "\2n9\5nodes\3lab\5cloud", type[] = "\5_http\4_tcp\3lab\5cloud";

static void the_line_has_what_changed(void **state)
{
	static const struct dns_update_record records[] = {
		{.owner = web, .type = DNS_TYPE_SRV, .rrclass = DNS_CLASS_ANY},
		{.owner = web, .type = DNS_TYPE_SRV, .rrclass = DNS_CLASS_IN, .nadded = 1},
		{.owner = web, .type = DNS_TYPE_TXT, .rrclass = DNS_CLASS_IN, .nadded = 1},
		{.owner = node, .type = DNS_TYPE_A, .rrclass = DNS_CLASS_IN, .nadded = 1},
		{.owner = type, .type = DNS_TYPE_PTR, .rrclass = DNS_CLASS_NONE, .nremoved = 1},
	};
	const struct registry_request request = {
		.client = "127.0.0.1@4711",
		.key = bench,
		.result = {.rule = 1, .nadded = 3, .nremoved = 1},
	};
	char line[REGISTRY_AUDIT_LINE_MAX];

	(void)state;
	assert_string_equal(
		registry_audit_line(line, sizeof(line), &request, records, 5),
		"client=127.0.0.1@4711 zone=- key=bench. rule=1 added=3 removed=1 result=NOERROR "
		"changed=\"web-9._http._tcp.lab.cloud. +SRV +TXT, n9.nodes.lab.cloud. +A, "
		"_http._tcp.lab.cloud. -PTR\"");
}

static void the_line_of_a_failure_has_its_reason_without_quotes(void **state)
{
	const struct registry_request request = {
		.client = "::1@5",
		.result = {.rcode = DNS_RCODE_NXDOMAIN,
			   .ede = DNS_EDE_OTHER,
			   .text = "prerequisite 1: \\\"x.lab.cloud. is not in use"},
	};
	char line[REGISTRY_AUDIT_LINE_MAX];

	(void)state;
	assert_string_equal(registry_audit_line(line, sizeof(line), &request, NULL, 0),
			    "client=::1@5 zone=- key=- rule=0 added=0 removed=0 result=NXDOMAIN "
			    "why=\"prerequisite 1: \\'x.lab.cloud. is not in use\"");
}

static void a_key_is_written_in_lower_case(void **state)
{
	static const uint8_t mixed[] = "\5BenCh";
	const struct registry_request request = {.client = "::1@5", .key = mixed};
	char line[REGISTRY_AUDIT_LINE_MAX];

	(void)state;
	assert_string_equal(
		registry_audit_line(line, sizeof(line), &request, NULL, 0),
		"client=::1@5 zone=- key=bench. rule=0 added=0 removed=0 result=NOERROR");
}

static void what_the_lan_changes_has_few_lines(void **state)
{
	static const uint8_t key[] = "\5_mdns\3lan\3lab\5cloud";
	const struct registry_request request = {
		.client = "mdns",
		.key = key,
		.result = {.nadded = 1},
	};
	const struct registry_request other = {
		.client = "::1@5",
		.key = bench,
		.result = {.nadded = 1},
	};
	struct registry_audit a = {0};
	size_t before;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		registry_audit_update(&a, &request, NULL, 0);
	assert_in_range(a.nbytes, 1, 40000);
	before = a.nbytes;
	for (unsigned i = 0; i < 1000; i++)
		registry_audit_update(&a, &other, NULL, 0);
	assert_true(a.nbytes - before > 40000);
	registry_audit_fini(&a);
}

static void a_long_line_is_cut_between_changes(void **state)
{
	static uint8_t owners[200][32];
	static struct dns_update_record records[200];
	const struct registry_request request = {
		.client = "::1@5", .key = bench, .result = {.nadded = 200}};
	char line[REGISTRY_AUDIT_LINE_MAX];

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		memcpy(owners[i], "\4n\0\0\0", 5);
		snprintf((char *)owners[i] + 2, 4, "%03u", i);
		memcpy(owners[i] + 5, node + 3, sizeof(node) - 3);
		records[i] = (struct dns_update_record){.owner = owners[i],
							.type = DNS_TYPE_A,
							.rrclass = DNS_CLASS_IN,
							.nadded = 1};
	}
	for (size_t size = 1; size <= sizeof(line); size++) {
		registry_audit_line(line, size, &request, records, 200);
		assert_true(strlen(line) < size);
	}
	assert_string_equal(line + strlen(line) - 8, " +A ...\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_has_what_changed),
		cmocka_unit_test(the_line_of_a_failure_has_its_reason_without_quotes),
		cmocka_unit_test(a_key_is_written_in_lower_case),
		cmocka_unit_test(what_the_lan_changes_has_few_lines),
		cmocka_unit_test(a_long_line_is_cut_between_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
