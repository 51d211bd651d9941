/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "dns/type.h"
#include "view/reverse.h"

#define NODE "n1.nodes"

enum { ZONES = 3, TTL_S = 10, INSTANCE = 7 };

static const char *const apexes[ZONES] = {
	"10.in-addr.arpa.",
	"0.0.10.in-addr.arpa.",
	"8.b.d.0.1.0.0.2.ip6.arpa.",
};

static const struct view_rule rule = {.is_on = 1, .has_reverse = 1, .ttl_s = TTL_S};

/* The world, its view with three reverse zones, and a pass through it. */
struct fixture {
	struct kit_world w;
	struct zone *zones[ZONES];
	struct zone_draft *drafts[ZONES];
	struct view_pass pass;
};

static struct zone_draft *draft_of(void *arg, struct zone *zone)
{
	struct fixture *f = arg;

	for (unsigned i = 0; i < ZONES; i++)
		if (f->zones[i] == zone)
			return f->drafts[i];
	fail();
	return NULL;
}

static struct zone *reverse_zone(const char *apex)
{
	static const uint8_t soa[22] = {[13] = 1};
	struct zone *zone = zone_new(kit_name(apex), 5);
	struct zone_draft *d = zone_draft_new(zone);

	assert_int_equal(zone_draft_set_soa(d, 60, soa, sizeof(soa)), 0);
	assert_int_equal(zone_draft_seal(d, NULL), 1);
	zone_draft_publish(d);
	return zone;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct zone **zones = calloc(ZONES, sizeof(struct zone *));

	assert_true(f != NULL && zones != NULL);
	kit_world_init(&f->w);
	for (unsigned i = 0; i < ZONES; i++) {
		zones[i] = f->zones[i] = reverse_zone(apexes[i]);
		f->drafts[i] = zone_draft_new(zones[i]);
	}
	view_set_reverse(&f->w.state.view, zones, ZONES);
	f->w.state.view.draft_of = draft_of;
	f->w.state.view.draft_arg = f;
	f->w.draft = zone_draft_new(f->w.zone);
	view_pass_init(&f->pass, &f->w.state.view);
	view_pass_begin(&f->pass, &rule, f->w.draft);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	view_pass_fini(&f->pass);
	for (unsigned i = 0; i < ZONES; i++) {
		zone_draft_abort(f->drafts[i]);
		zone_free(f->zones[i]);
	}
	kit_world_fini(&f->w);
	free(f);
	return 0;
}

static size_t address_of(uint8_t out[16], uint16_t type, const char *text)
{
	assert_int_equal(inet_pton(type == DNS_TYPE_A ? AF_INET : AF_INET6, text, out), 1);
	return type == DNS_TYPE_A ? 4 : 16;
}

static void address_add(struct fixture *f, uint16_t type, const char *text)
{
	uint8_t address[16];
	size_t nbytes = address_of(address, type, text);

	assert_int_equal(zone_draft_add(f->w.draft, kit_name(NODE), type, 60, address, nbytes), 1);
}

/* Returns the number of reverse zones in which `owner` has a PTR to the node. */
static unsigned pointers(struct fixture *f, const char *owner)
{
	const uint8_t *node = kit_name(NODE), *name = kit_name(owner);
	unsigned count = 0;

	for (unsigned i = 0; i < ZONES; i++)
		if (dns_name_is_under(name, kit_name(apexes[i])))
			count += zone_draft_has(f->drafts[i], name, DNS_TYPE_PTR, node,
						dns_name_nbytes(node));
	return count;
}

static const struct {
	uint16_t type;
	const char *address, *owner;
	unsigned zone; /* that contains the owner; ZONES: none is hosted */
} rows[] = {
	{DNS_TYPE_A, "10.0.0.7", "7.0.0.10.in-addr.arpa.", 1},
	{DNS_TYPE_A, "10.0.0.0", "0.0.0.10.in-addr.arpa.", 1},
	{DNS_TYPE_A, "10.0.0.255", "255.0.0.10.in-addr.arpa.", 1},
	{DNS_TYPE_A, "10.1.20.99", "99.20.1.10.in-addr.arpa.", 0},
	{DNS_TYPE_A, "192.0.2.1", "1.2.0.192.in-addr.arpa.", ZONES},
	{DNS_TYPE_AAAA, "2001:db8::1",
	 "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.", 2},
	{DNS_TYPE_AAAA, "2001:db8:1234:5678:9abc:def0:fedc:ba98",
	 "8.9.a.b.c.d.e.f.0.f.e.d.c.b.a.9.8.7.6.5.4.3.2.1.8.b.d.0.1.0.0.2.ip6.arpa.", 2},
	{DNS_TYPE_AAAA, "2001:db9::1",
	 "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.9.b.d.0.1.0.0.2.ip6.arpa.", ZONES},
};

static void an_address_has_its_ptr_in_the_deepest_zone_while_an_instance_runs(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		address_add(f, rows[i].type, rows[i].address);
		assert_int_equal(view_reverse_update(&f->pass, kit_name(NODE)), 0);
		assert_int_equal(pointers(f, rows[i].owner), 0);
		assert_int_equal(view_reverse_ref(&f->pass, kit_name(NODE), INSTANCE), 0);
		assert_true(undo_names_has(&f->pass.nodes, kit_name(NODE)));
		assert_int_equal(view_reverse_update(&f->pass, kit_name(NODE)), 0);
		assert_int_equal(pointers(f, rows[i].owner), rows[i].zone < ZONES);
		if (rows[i].zone < ZONES) {
			const uint8_t *node = kit_name(NODE);
			struct zone_draft *d = f->drafts[rows[i].zone];

			assert_true(zone_draft_has(d, kit_name(rows[i].owner), DNS_TYPE_PTR, node,
						   dns_name_nbytes(node)));
			assert_int_equal(
				zone_draft_ttl(d, kit_name(rows[i].owner), DNS_TYPE_PTR, 0), TTL_S);
		}
		assert_int_equal(view_reverse_unref(&f->pass, kit_name(NODE), INSTANCE), 0);
		assert_int_equal(view_reverse_update(&f->pass, kit_name(NODE)), 0);
		assert_int_equal(pointers(f, rows[i].owner), 0);
	}
}

static void a_node_has_its_ptr_until_the_last_instance_is_gone(void **state)
{
	struct fixture *f = *state;

	address_add(f, DNS_TYPE_A, "10.0.0.7");
	for (unsigned i = 1; i <= 2; i++)
		assert_int_equal(view_reverse_ref(&f->pass, kit_name(NODE), i), 0);
	for (unsigned i = 1; i <= 2; i++) {
		assert_int_equal(view_reverse_update(&f->pass, kit_name(NODE)), 0);
		assert_int_equal(pointers(f, rows[0].owner), 1);
		assert_int_equal(view_reverse_unref(&f->pass, kit_name(NODE), i), 0);
	}
	assert_int_equal(view_reverse_update(&f->pass, kit_name(NODE)), 0);
	assert_int_equal(pointers(f, rows[0].owner), 0);
}

static void a_removed_address_loses_its_ptr(void **state)
{
	struct fixture *f = *state;
	uint8_t address[16];
	const struct dns_record record = {kit_name(NODE), DNS_TYPE_A, 60, address,
					  (uint16_t)address_of(address, DNS_TYPE_A, "10.0.0.7")};

	address_add(f, DNS_TYPE_A, "10.0.0.7");
	address_add(f, DNS_TYPE_A, "10.1.20.99");
	assert_int_equal(view_reverse_ref(&f->pass, kit_name(NODE), INSTANCE), 0);
	assert_int_equal(view_reverse_update(&f->pass, kit_name(NODE)), 0);
	view_pass_clear(&f->pass);
	assert_int_equal(view_reverse_removed(&f->pass, &record), 0);
	assert_int_equal(pointers(f, "7.0.0.10.in-addr.arpa."), 0);
	assert_int_equal(pointers(f, "99.20.1.10.in-addr.arpa."), 1);
	/* The same update may add the address again. */
	assert_true(undo_names_has(&f->pass.nodes, kit_name(NODE)));
}

static void records_of_the_administrator_and_delegated_names_are_left_alone(void **state)
{
	static const struct {
		const char *owner; /* at which the record is */
		uint16_t type;
		uint32_t ttl_s;
		bool is_left_alone;
	} others[] = {
		{"7.0.0.10.in-addr.arpa.", DNS_TYPE_PTR, 60, true},
		{"7.0.0.10.in-addr.arpa.", DNS_TYPE_PTR, TTL_S, false},
		{"7.0.0.10.in-addr.arpa.", DNS_TYPE_NS, 60, true},
		{"8.0.0.10.in-addr.arpa.", DNS_TYPE_NS, 60, false},
	};
	struct fixture *f = *state;

	address_add(f, DNS_TYPE_A, "10.0.0.7");
	assert_int_equal(view_reverse_ref(&f->pass, kit_name(NODE), INSTANCE), 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		const uint8_t *target = kit_name("other.cloud.");

		zone_draft_abort(f->drafts[1]);
		f->drafts[1] = zone_draft_new(f->zones[1]);
		assert_int_equal(zone_draft_add(f->drafts[1], kit_name(others[i].owner),
						others[i].type, others[i].ttl_s, target,
						dns_name_nbytes(target)),
				 1);
		assert_int_equal(view_reverse_update(&f->pass, kit_name(NODE)), 0);
		assert_int_equal(pointers(f, "7.0.0.10.in-addr.arpa."), !others[i].is_left_alone);
	}
}

static void nodes_outside_the_zone_and_passes_without_the_rule_do_nothing(void **state)
{
	static const struct view_rule off = {.is_on = 1, .has_reverse = 0, .ttl_s = TTL_S};
	static const struct {
		const struct view_rule *rule;
		const char *node;
	} cases[] = {{&rule, "n1.other.cloud."}, {&off, NODE}, {NULL, NODE}};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		view_pass_begin(&f->pass, cases[i].rule, f->w.draft);
		assert_int_equal(view_reverse_ref(&f->pass, kit_name(cases[i].node), INSTANCE), 0);
		view_reverse_touch(&f->pass, kit_name(cases[i].node));
		assert_int_equal(f->pass.nodes.nbytes, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_address_has_its_ptr_in_the_deepest_zone_while_an_instance_runs),
		TEST(a_node_has_its_ptr_until_the_last_instance_is_gone),
		TEST(a_removed_address_loses_its_ptr),
		TEST(records_of_the_administrator_and_delegated_names_are_left_alone),
		TEST(nodes_outside_the_zone_and_passes_without_the_rule_do_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
