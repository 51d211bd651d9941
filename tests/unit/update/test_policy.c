/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "dns/name.h"
#include "dns/type.h"
#include "update/policy.h"

struct errors {
	unsigned count;
	size_t index;
	char text[300];
};

static void on_error(void *arg, size_t index, const char *text)
{
	struct errors *e = arg;

	e->count++;
	e->index = index;
	snprintf(e->text, sizeof(e->text), "%s", text);
}

static const uint8_t *wire(const char *text)
{
	static uint8_t names[4][DNS_NAME_MAX];
	static unsigned next;
	uint8_t *name = names[next++ % 4];

	assert_int_not_equal(dns_name_from_text(name, text, strlen(text), NULL), 0);
	return name;
}

static struct update_policy *policy_of(const char *const *rules, size_t count)
{
	struct update_policy *p = NULL;
	struct errors e = {0};

	assert_int_equal(update_policy_parse(&p, rules, count, wire("lab.cloud."), on_error, &e),
			 0);
	assert_int_equal(e.count, 0);
	return p;
}

static bool allows(const char *rule, const char *key, const char *owner, uint16_t type)
{
	struct update_policy *p = policy_of(&rule, 1);
	struct update_verdict v = update_policy_check(p, wire(key), wire(owner), type);

	update_policy_free(p);
	return v.is_allowed;
}

static void each_rule_type_matches_its_names(void **state)
{
	static const struct {
		const char *rule, *key, *owner;
		bool allowed;
	} cases[] = {
		{"grant k. name a.lab.cloud.", "k.", "a.lab.cloud.", true},
		{"grant k. name a.lab.cloud.", "K.", "A.Lab.Cloud.", true},
		{"grant k. name a.lab.cloud.", "k.", "b.a.lab.cloud.", false},
		{"grant k. name a.lab.cloud.", "j.", "a.lab.cloud.", false},
		{"grant k name a.lab.cloud", "k.", "a.lab.cloud.", true},
		{"grant k. subdomain a.lab.cloud.", "k.", "a.lab.cloud.", true},
		{"grant k. subdomain a.lab.cloud.", "k.", "c.b.a.lab.cloud.", true},
		{"grant k. subdomain a.lab.cloud.", "k.", "ba.lab.cloud.", false},
		{"grant k. subdomain cloud.", "k.", "b.lab.cloud.", true},
		{"grant k. zonesub", "k.", "lab.cloud.", true},
		{"grant k. zonesub", "k.", "x.y.lab.cloud.", true},
		{"grant k. wildcard *.a.lab.cloud.", "k.", "x.a.lab.cloud.", true},
		{"grant k. wildcard *.a.lab.cloud.", "k.", "y.x.a.lab.cloud.", true},
		{"grant k. wildcard *.a.lab.cloud.", "k.", "a.lab.cloud.", false},
		{"grant k. name *.a.lab.cloud.", "k.", "x.a.lab.cloud.", false},
		{"grant k. name *.a.lab.cloud.", "k.", "*.a.lab.cloud.", true},
		{"grant a.lab.cloud. self .", "a.lab.cloud.", "a.lab.cloud.", true},
		{"grant a.lab.cloud. self .", "a.lab.cloud.", "b.a.lab.cloud.", false},
		{"grant *.lab.cloud. self .", "a.lab.cloud.", "a.lab.cloud.", true},
		{"grant *.lab.cloud. self .", "a.lab.cloud.", "b.lab.cloud.", false},
		{"grant *.lab.cloud. self *.lab.cloud.", "a.lab.cloud.", "a.lab.cloud.", true},
		{"grant *.lab.cloud. self .", "lab.cloud.", "lab.cloud.", false},
		{"grant *.lab.cloud. selfsub .", "a.lab.cloud.", "a.lab.cloud.", true},
		{"grant *.lab.cloud. selfsub .", "a.lab.cloud.", "c.b.a.lab.cloud.", true},
		{"grant *.lab.cloud. selfsub .", "a.lab.cloud.", "lab.cloud.", false},
		{"grant *.lab.cloud. selfwild .", "a.lab.cloud.", "a.lab.cloud.", false},
		{"grant *.lab.cloud. selfwild .", "a.lab.cloud.", "b.a.lab.cloud.", true},
		{"grant *.lab.cloud. selfwild .", "a.lab.cloud.", "*.a.lab.cloud.", true},
		{"grant * zonesub", "any.key.", "a.lab.cloud.", true},
		{"grant * zonesub", ".", "a.lab.cloud.", false},
		{"deny k. zonesub", "k.", "a.lab.cloud.", false},
		{"  GRANT\t\"k.\" Name  \"a.lab.cloud.\" ; ", "k.", "a.lab.cloud.", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (allows(cases[i].rule, cases[i].key, cases[i].owner, DNS_TYPE_A) !=
		    cases[i].allowed)
			fail_msg("%s: key %s, owner %s", cases[i].rule, cases[i].key,
				 cases[i].owner);
}

static void types_limit_a_rule(void **state)
{
	static const struct {
		const char *types;
		uint16_t type;
		bool allowed;
	} cases[] = {
		{"", DNS_TYPE_A, true},
		{"", DNS_TYPE_KEY, true},
		{"", 65280, true},
		{"", DNS_TYPE_SOA, false},
		{"", DNS_TYPE_NS, false},
		{"", DNS_TYPE_RRSIG, false},
		{"", DNS_TYPE_NSEC, false},
		{"", DNS_TYPE_NSEC3, false},
		{"A AAAA", DNS_TYPE_A, true},
		{"a aaaa;", DNS_TYPE_AAAA, true},
		{"A AAAA", DNS_TYPE_TXT, false},
		{"NS SOA", DNS_TYPE_SOA, true},
		{"TYPE65280", 65280, true},
		{"ANY", DNS_TYPE_SOA, true},
		{"ANY", DNS_TYPE_RRSIG, true},
		{"ANY", DNS_TYPE_NSEC, false},
		{"ANY", DNS_TYPE_NSEC3, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char rule[100];

		snprintf(rule, sizeof(rule), "grant k. zonesub %s", cases[i].types);
		if (allows(rule, "k.", "a.lab.cloud.", cases[i].type) != cases[i].allowed)
			fail_msg("%s: type %u", rule, cases[i].type);
	}
}

static void the_first_match_decides(void **state)
{
	static const char *const rules[] = {
		"deny k. name secret.lab.cloud. ANY",
		"grant k. subdomain lab.cloud. A",
		"deny * zonesub ANY",
		"grant j. zonesub",
	};
	struct update_policy *p = policy_of(rules, 4);
	struct update_verdict v;

	(void)state;
	v = update_policy_check(p, wire("k."), wire("secret.lab.cloud."), DNS_TYPE_A);
	assert_false(v.is_allowed);
	assert_int_equal(v.rule, 1);
	v = update_policy_check(p, wire("k."), wire("web.lab.cloud."), DNS_TYPE_A);
	assert_true(v.is_allowed);
	assert_int_equal(v.rule, 2);
	v = update_policy_check(p, wire("j."), wire("web.lab.cloud."), DNS_TYPE_A);
	assert_false(v.is_allowed);
	assert_int_equal(v.rule, 3);
	assert_string_equal(update_policy_text(p, 2), "grant k. subdomain lab.cloud. A");
	update_policy_free(p);
}

static void without_a_matching_rule_the_update_is_refused(void **state)
{
	static const char *const rules[] = {"grant k. name a.lab.cloud."};
	struct update_policy *p = policy_of(rules, 1), *empty = policy_of(NULL, 0);
	struct update_verdict v;

	(void)state;
	v = update_policy_check(p, wire("k."), wire("b.lab.cloud."), DNS_TYPE_A);
	assert_false(v.is_allowed);
	assert_int_equal(v.rule, 0);
	assert_string_equal(update_policy_text(p, 0), "no rule");
	v = update_policy_check(empty, wire("k."), wire("b.lab.cloud."), DNS_TYPE_A);
	assert_false(v.is_allowed);
	update_policy_free(p);
	update_policy_free(empty);
}

static void an_unsigned_request_may_do_nothing(void **state)
{
	static const char *const rules[] = {"grant * zonesub ANY"};
	struct update_policy *p = policy_of(rules, 1);

	(void)state;
	assert_false(update_policy_check(p, NULL, wire("a.lab.cloud."), DNS_TYPE_A).is_allowed);
	assert_false(update_policy_admits(p, NULL));
	update_policy_free(p);
}

static void the_policy_of_a_key_lets_it_do_anything(void **state)
{
	struct update_policy *p = update_policy_new_key(wire("Bench."));

	(void)state;
	assert_non_null(p);
	assert_true(update_policy_check(p, wire("bench."), wire("lab.cloud."), DNS_TYPE_SOA)
			    .is_allowed);
	assert_false(
		update_policy_check(p, wire("other."), wire("lab.cloud."), DNS_TYPE_A).is_allowed);
	assert_string_equal(update_policy_text(p, 1), "key Bench.");
	update_policy_free(p);
}

static void the_policy_of_the_lan_bridge_admits_its_key(void **state)
{
	struct update_policy *p = NULL;
	int n;

	(void)state;
	for (n = 0; p == NULL; n++) {
		memory_fail_after(n);
		p = update_policy_new_lan(wire("_mdns.LAN.lab.cloud."), wire("LAN.lab.cloud."));
		memory_fail_after(MEMORY_ENOUGH);
	}
	assert_int_equal(n, 4);
	assert_true(update_policy_admits(p, wire("_mdns.lan.lab.cloud.")));
	assert_false(update_policy_admits(p, wire("mdns.lan.lab.cloud.")));
	assert_false(update_policy_admits(p, NULL));
	assert_false(update_policy_check(p, wire("_mdns.lan.lab.cloud."), wire("lan.lab.cloud."),
					 DNS_TYPE_A)
			     .is_allowed);
	assert_true(dns_name_equal(update_policy_into(p), wire("lan.lab.cloud.")));
	assert_null(update_policy_fabric(p));
	update_policy_free(p);
}

static void a_key_without_any_grant_is_not_admitted(void **state)
{
	static const char *const rules[] = {"deny d. zonesub", "grant k. name a.lab.cloud.",
					    "grant *.n.lab.cloud. selfsub ."};
	struct update_policy *p = policy_of(rules, 3);

	(void)state;
	assert_true(update_policy_admits(p, wire("k.")));
	assert_true(update_policy_admits(p, wire("x.n.lab.cloud.")));
	assert_false(update_policy_admits(p, wire("d.")));
	assert_false(update_policy_admits(p, wire("n.lab.cloud.")));
	update_policy_free(p);
}

static void wrong_rules_are_all_reported_and_named(void **state)
{
	static const struct {
		const char *rule, *part;
	} cases[] = {
		{"", "a rule starts with grant or deny"},
		{"allow k. zonesub", "\"allow\""},
		{"grant", "an identity"},
		{"grant k..j. zonesub", "not a domain name: \"k..j.\""},
		{"grant k.", "the third word must be"},
		{"grant k. everything", "\"everything\""},
		{"grant k. name", "a name must follow"},
		{"grant k. name \"\" A", "a name must follow"},
		{"grant k. self", "a name must follow"},
		{"grant k. self A AAAA", "write a dot: \"A\""},
		{"grant k. wildcard a.lab.cloud.", "must start with *."},
		{"grant k. zonesub lab.cloud. A", "not a record type: \"lab.cloud.\""},
		{"grant k. zonesub A FOO", "not a record type: \"FOO\""},
		{"grant k. zonesub \"\" A", "not a record type"},
		{"grant k. zonesub A(1)", "a limit on the number of records is not supported"},
		{"grant k. zonesub AXFR", "no zone holds records of this type"},
		{"grant k. krb5-self . A", "not supported: \"krb5-self\""},
		{"grant k. tcp-self . PTR", "not supported: \"tcp-self\""},
	};
	enum { COUNT = sizeof(cases) / sizeof(*cases) };
	const char *all[COUNT + 1];
	struct update_policy *p = NULL;
	struct errors e = {0};

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		const char *rules[2] = {"grant k. zonesub", cases[i].rule};

		memset(&e, 0, sizeof(e));
		assert_int_equal(
			update_policy_parse(&p, rules, 2, wire("lab.cloud."), on_error, &e),
			-EBADMSG);
		assert_int_equal(e.count, 1);
		assert_int_equal(e.index, 1);
		if (strstr(e.text, cases[i].part) == NULL)
			fail_msg("%s: %s", cases[i].rule, e.text);
		all[i] = cases[i].rule;
	}
	all[COUNT] = "grant k. zonesub";
	e.count = 0;
	assert_int_equal(update_policy_parse(&p, all, COUNT + 1, wire("lab.cloud."), on_error, &e),
			 -EBADMSG);
	assert_int_equal(e.count, COUNT);
	assert_null(p);
}

static void short_memory_is_an_error_and_leaves_nothing(void **state)
{
	static const char *const rules[] = {"grant k. name a.lab.cloud. A AAAA",
					    "deny * zonesub ANY"};
	struct update_policy *p = NULL;
	int ret = -ENOMEM;
	unsigned n;

	(void)state;
	for (n = 1; ret != 0; n++) {
		memory_fail_after((int)n - 1);
		ret = update_policy_parse(&p, rules, 2, wire("lab.cloud."), on_error, NULL);
		memory_fail_after(MEMORY_ENOUGH);
		assert_true(ret == 0 || (ret == -ENOMEM && p == NULL));
	}
	assert_true(n > 8);
	update_policy_free(p);
	p = NULL;
	for (n = 1; p == NULL; n++) {
		memory_fail_after((int)n - 1);
		p = update_policy_new_key(wire("k."));
		memory_fail_after(MEMORY_ENOUGH);
	}
	assert_int_equal(n, 5);
	update_policy_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_type_matches_its_names),
		cmocka_unit_test(types_limit_a_rule),
		cmocka_unit_test(the_first_match_decides),
		cmocka_unit_test(without_a_matching_rule_the_update_is_refused),
		cmocka_unit_test(an_unsigned_request_may_do_nothing),
		cmocka_unit_test(the_policy_of_a_key_lets_it_do_anything),
		cmocka_unit_test(the_policy_of_the_lan_bridge_admits_its_key),
		cmocka_unit_test(a_key_without_any_grant_is_not_admitted),
		cmocka_unit_test(wrong_rules_are_all_reported_and_named),
		cmocka_unit_test(short_memory_is_an_error_and_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
