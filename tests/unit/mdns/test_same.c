/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../zone/kit.h"

#include "ledger/lease.h"
#include "mdns/rules.h"
#include "mdns/same.h"
#include "view/view.h"

enum { TYPES = 2 };

/* A list with one rule, and what it points to. */
struct list {
	struct mdns_rules rules;
	struct mdns_rule rule;
	uint8_t types[TYPES][DNS_NAME_MAX];
	const char *interfaces[1];
	struct ledger_lease_rule lease;
	struct view_rule view;
};

static struct zone *zone, *other;

static int begin(void **state)
{
	(void)state;
	base_rcu_register();
	zone = kit_zone("lab.cloud.", "$TTL 60\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns\n");
	other = kit_zone("other.test.", "$TTL 60\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns\n");
	return 0;
}

static int end(void **state)
{
	(void)state;
	base_rcu_offline();
	zone_free(zone);
	zone_free(other);
	base_rcu_online();
	base_rcu_unregister();
	return 0;
}

static void name_set(uint8_t *out, const char *text)
{
	memcpy(out, kit_name(text), DNS_NAME_MAX);
}

/* Makes a list; two that are made are equal, and share nothing. */
static void list_make(struct list *l)
{
	memset(l, 0, sizeof(*l));
	l->rules = (struct mdns_rules){.items = &l->rule, .count = 1};
	name_set(l->types[0], "_http._tcp.");
	name_set(l->types[1], "_ipp._tcp.");
	l->interfaces[0] = "eth0";
	l->rule = (struct mdns_rule){
		.zone = zone,
		.interfaces = l->interfaces,
		.ninterfaces = 1,
		.advertise = {l->types, TYPES, false},
		.discover = {l->types, 1, false},
		.exclude = {NULL, 0, false},
		.host_suffix = "-lab",
		.into = {.zone = zone, .lease_rule = &l->lease, .view_rule = &l->view, .max = 10},
		.is_announced = true,
		.dns = {.port = 53},
		.fabric = "lab.cloud.",
		.fingerprint = "AAAA",
	};
	name_set(l->rule.into.name, "lan.lab.cloud.");
}

static void change_zone(struct list *l)
{
	l->rule.zone = other;
}

static void change_interface(struct list *l)
{
	l->interfaces[0] = "eth1";
}

static void change_interfaces(struct list *l)
{
	l->rule.ninterfaces = 0;
}

static void change_types(struct list *l)
{
	l->rule.advertise.count = 1;
}

static void change_type(struct list *l)
{
	name_set(l->types[1], "_ssh._tcp.");
}

static void change_discover(struct list *l)
{
	l->rule.discover.has_all = true;
}

static void change_exclude(struct list *l)
{
	l->rule.exclude = (struct mdns_types){l->types, 1, false};
}

static void change_suffix(struct list *l)
{
	l->rule.host_suffix = "";
}

static void change_into(struct list *l)
{
	name_set(l->rule.into.name, "x.lab.cloud.");
}

static void change_into_zone(struct list *l)
{
	l->rule.into.zone = NULL;
}

static void change_max(struct list *l)
{
	l->rule.into.max = 11;
}

static void change_lease(struct list *l)
{
	l->lease.minimum_s = 7;
}

static void change_view(struct list *l)
{
	l->rule.into.view_rule = NULL;
}

static void change_announced(struct list *l)
{
	l->rule.is_announced = false;
}

static void change_transport(struct list *l)
{
	l->rule.dns.transport = LAN_IPV4;
}

static void change_port(struct list *l)
{
	l->rule.tls.port = 853;
}

static void change_fabric(struct list *l)
{
	l->rule.fabric = NULL;
}

static void change_fingerprint(struct list *l)
{
	l->rule.fingerprint = "BBBB";
}

static bool is_same(const struct list *a, const struct list *b)
{
	return mdns_same_rule(&a->rule, &b->rule);
}

static void rules_are_the_same_by_what_they_do(void **state)
{
	static void (*const changes[])(struct list * l) = {
		change_zone,   change_interface,   change_interfaces, change_types,
		change_type,   change_discover,	   change_exclude,    change_suffix,
		change_into,   change_into_zone,   change_max,	      change_lease,
		change_view,   change_announced,   change_port,	      change_transport,
		change_fabric, change_fingerprint,
	};
	struct list a, b;

	(void)state;
	list_make(&a);
	list_make(&b);
	assert_true(is_same(&a, &b));
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		list_make(&b);
		changes[i](&b);
		assert_false(is_same(&a, &b));
		assert_false(is_same(&b, &a));
	}
}

static void a_name_that_is_written_to_is_found(void **state)
{
	struct list a, b;

	(void)state;
	list_make(&a);
	list_make(&b);
	assert_true(mdns_same_into(&a.rules, &b.rule.into));
	change_max(&b);
	assert_true(mdns_same_into(&a.rules, &b.rule.into));
	change_into(&b);
	assert_false(mdns_same_into(&a.rules, &b.rule.into));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_the_same_by_what_they_do),
		cmocka_unit_test(a_name_that_is_written_to_is_found),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
