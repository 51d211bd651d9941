/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <stdio.h>
#include <string.h>

static void nothing_changes_unless_all_is_permitted(void **state)
{
	static const char *const rules[] = {
		"deny bench. name secret.lab.cloud. ANY",
		"grant bench. subdomain lab.cloud. A TXT",
	};
	struct kit_fixture *f = *state;

	kit_policy(f, rules, 2);
	assert_int_equal(kit_send(f, "", "IN 60 x.lab.cloud. A 192.0.2.1"), 0);
	assert_int_equal(f->result.rule, 2);
	assert_int_equal(kit_send(f, "",
				  "IN 60 y.lab.cloud. A 192.0.2.1\n"
				  "IN 60 y.lab.cloud. MX \\# 000a00"),
			 DNS_RCODE_REFUSED);
	assert_int_equal(f->result.rule, 0);
	assert_int_equal(f->result.ede, DNS_EDE_PROHIBITED);
	assert_string_equal(f->result.text,
			    "update 2: y.lab.cloud. MX: no rule allows it to key bench.");
	kit_assert_holds(f, "y.lab.cloud.", "");
	assert_int_equal(kit_send(f, "", "ANY 0 secret.lab.cloud. A"), DNS_RCODE_REFUSED);
	assert_int_equal(f->result.rule, 1);
	assert_string_equal(f->result.text, "update 1: secret.lab.cloud. A: rule 1: "
					    "deny bench. name secret.lab.cloud. ANY");
	kit_message(f, "", kit_marker);
	assert_int_equal(kit_send_as(f, NULL), DNS_RCODE_REFUSED);
	assert_string_equal(f->result.text,
			    "update 1: marker.lab.cloud. TXT: the request is not signed");
}

static void a_delete_of_all_needs_the_right_to_each_type_there(void **state)
{
	static const char *const only_a[] = {"grant bench. zonesub A"};
	static const char *const both[] = {"grant bench. zonesub A TXT"};
	struct kit_fixture *f = *state;

	kit_policy(f, only_a, 1);
	assert_int_equal(kit_send(f, "", "ANY 0 web.lab.cloud. ANY"), DNS_RCODE_REFUSED);
	assert_string_equal(f->result.text,
			    "update 1: web.lab.cloud. TXT: no rule allows it to key bench.");
	kit_assert_holds(f, "web.lab.cloud.", "A 120 192.0.2.10 192.0.2.11; TXT 60 one");
	assert_int_equal(kit_send(f, "", "ANY 0 ns1.lab.cloud. ANY"), 0);
	assert_int_equal(kit_send(f, "", "ANY 0 no.lab.cloud. ANY"), 0);

	/* KIT_SOA and NS are not deleted, so the apex needs no right to them. */
	kit_policy(f, both, 1);
	assert_int_equal(kit_send(f, "", "ANY 0 lab.cloud. ANY"), 0);
	kit_assert_holds(f, "lab.cloud.", "NS 3600 ns1.lab.cloud. ns2.lab.cloud.; SOA 3600 100");
}

static void a_key_may_be_kept_to_its_own_names(void **state)
{
	static const char *const rules[] = {"grant *.keys.lab.cloud. selfsub . A TXT"};
	static const uint8_t key[] = "\002N1\004keys\003lab\005cloud";
	struct kit_fixture *f = *state;

	kit_policy(f, rules, 1);
	kit_message(f, "",
		    "IN 60 n1.keys.lab.cloud. A 192.0.2.1\nIN 60 x.n1.keys.lab.cloud. TXT t");
	assert_int_equal(kit_send_as(f, key), 0);
	kit_message(f, "", "IN 60 n2.keys.lab.cloud. A 192.0.2.1");
	assert_int_equal(kit_send_as(f, key), DNS_RCODE_REFUSED);
}

static void write_name(uint8_t name[static 16], unsigned i)
{
	static const uint8_t zone[] = "\3lab\5cloud";

	name[0] = 2;
	name[1] = (uint8_t)('a' + i / 26);
	name[2] = (uint8_t)('a' + i % 26);
	memcpy(name + 3, zone, sizeof(zone));
}

/* Writes deletes of all records of `n` names. */
static void write_deletes(char *text, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		text += sprintf(text, "ANY 0 %c%c.lab.cloud. ANY\n", 'a' + i / 26, 'a' + i % 26);
}

static void what_an_update_looks_at_is_bounded(void **state)
{
	enum { NAMES = 502, TYPES = UPDATE_LOOKS / 500 };
	static const char *const rules[] = {"grant bench. zonesub ANY"};
	static char text[NAMES * 32];
	struct kit_fixture *f = *state;
	uint8_t name[16];

	for (unsigned i = 0; i < NAMES; i++) {
		write_name(name, i);
		for (unsigned type = 0; type < TYPES; type++)
			assert_int_equal(zone_draft_add(f->draft, name, (uint16_t)(1000 + type), 60,
							name, 4),
					 1);
	}
	kit_policy(f, rules, 1);
	write_deletes(text, NAMES);
	assert_int_equal(kit_send(f, "", text), DNS_RCODE_REFUSED);
	assert_int_equal(f->result.bound, UPDATE_BOUND_WORK);
	assert_int_equal(f->result.nremoved, 0);
	write_deletes(text, NAMES - 20);
	assert_int_equal(kit_send(f, "", text), 0);
	assert_int_equal(f->result.nremoved, (NAMES - 20) * TYPES);
}

static void the_same_record_again_costs_nothing(void **state)
{
	static char text[1 << 16];
	struct kit_fixture *f = *state;
	char *at = text;

	for (unsigned i = 0; i < 2000; i++)
		at += sprintf(at, "ANY 0 web.lab.cloud. ANY\n");
	assert_int_equal(kit_send(f, "", text), 0);
	kit_assert_holds(f, "web.lab.cloud.", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(nothing_changes_unless_all_is_permitted),
		KIT_TEST(a_delete_of_all_needs_the_right_to_each_type_there),
		KIT_TEST(a_key_may_be_kept_to_its_own_names),
		KIT_TEST(what_an_update_looks_at_is_bounded),
		KIT_TEST(the_same_record_again_costs_nothing),
	};

	return cmocka_run_group_tests(tests, kit_threads_begin, kit_threads_end);
}
