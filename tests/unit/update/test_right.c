/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The rights that rest on these questions are in test_agent_policy.c and test_takeover.c. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/name.h"
#include "update/right.h"

static const uint8_t lab[] = "\3lab\5cloud";

static const uint8_t *wire(const char *text)
{
	static uint8_t names[2][DNS_NAME_MAX];
	static unsigned turn;
	uint8_t *name = names[turn++ % 2];

	assert_true(dns_name_from_text(name, text, strlen(text), lab) > 0);
	return name;
}

static struct update_fabric_policy asked_by(const uint8_t *key)
{
	return (struct update_fabric_policy){.fabric = lab, .key = key, .zone = lab};
}

static void a_node_is_the_keys_if_its_labels_are(void **state)
{
	static const struct {
		const char *key, *node;
		bool is_own;
	} rows[] = {
		{"n1.keys", "n1.nodes", true},	 {"N1.keys", "n1.NODES", true},
		{"n1.keys", "n2.nodes", false},	 {"n1.keys", "x.n1.nodes", false},
		{"a.b.keys", "a.b.nodes", true}, {"a.b.keys", "b.nodes", false},
		{"n1.keys", "n1.other.", false}, {"keys", "nodes", false},
		{"n1.keys", "n11.nodes", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct update_fabric_policy a = asked_by(wire(rows[i].key));

		assert_int_equal(update_right_is_own_node(&a, wire(rows[i].node)), rows[i].is_own);
	}
}

static void a_txt_names_the_keys_node(void **state)
{
	static const struct {
		const char *key, *text;
		bool is_own;
	} rows[] = {
		{"n1.keys", "node=n1", true},	     {"n1.keys", "NODE=N1", true},
		{"n1.keys", "node=n2", false},	     {"n1.keys", "node=", false},
		{"n1.keys", "node", false},	     {"n1.keys", "node=n1.", true},
		{"n1.keys", "node=n1.nodes", false}, {"n1.keys", "nodes=n1", false},
		{"a.b.keys", "node=a.b", true},	     {"a.b.keys", "node=a\\.b", false},
		{"keys", "node=.", false},	     {"n1.keys", "node=..", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct update_fabric_policy a = asked_by(wire(rows[i].key));
		size_t n = strlen(rows[i].text);
		uint8_t rdata[64] = {(uint8_t)n};

		memcpy(rdata + 1, rows[i].text, n);
		assert_int_equal(update_right_is_of_node(&a, rdata, n + 1), rows[i].is_own);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_is_the_keys_if_its_labels_are),
		cmocka_unit_test(a_txt_names_the_keys_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
