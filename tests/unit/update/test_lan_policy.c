/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <string.h>

#include "dns/type.h"
#include "update/lan_policy.h"
#include "update/policy.h"

#define WEB "web._http._tcp.lan"

enum { LEASE_S = 120 };

/* The zone with its two policies: the fabric's, and that of the key _mdns.keys.lab.cloud, which may
 * write below lan.lab.cloud. */
struct world {
	struct kit_world w;
	struct update_policy *lan, *fabric;
};

static int world_setup_into(void **state, const char *into)
{
	struct world *t = test_calloc(1, sizeof(*t));

	kit_world_init(&t->w);
	t->fabric = t->w.policy;
	t->lan = update_policy_new_lan(kit_name("_mdns.keys"), kit_name(into));
	assert_non_null(t->lan);
	*state = t;
	return 0;
}

static int world_setup(void **state)
{
	return world_setup_into(state, "lan");
}

static int world_setup_apex(void **state)
{
	return world_setup_into(state, "lab.cloud.");
}

static int world_teardown(void **state)
{
	struct world *t = *state;

	t->w.policy = t->fabric;
	update_policy_free(t->lan);
	kit_world_fini(&t->w);
	test_free(t);
	return 0;
}

/* Runs an update of the LAN's key with a lease, or of another without one. */
static int run(struct world *t, const char *key, const char *update)
{
	bool is_lan = key != NULL && strcmp(key, "_mdns") == 0;
	int rcode;

	t->w.policy = is_lan ? t->lan : t->fabric;
	rcode = kit_do(&t->w, key, is_lan ? LEASE_S : 0, 0, update);
	t->w.policy = t->fabric;
	return rcode;
}

struct row {
	const char *key, *update;
	int rcode;
	const char *why; /* the result's text ends so */
};

static void assert_rows(struct world *t, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = t->w.result.text;
		size_t n = rows[i].rcode == 0 ? 0 : strlen(rows[i].why);

		assert_int_equal(run(t, rows[i].key, rows[i].update), rows[i].rcode);
		assert_true(strlen(text) >= n);
		if (n > 0)
			assert_string_equal(text + strlen(text) - n, rows[i].why);
	}
}

#define ROWS(state, rows) assert_rows(state, rows, sizeof(rows) / sizeof(*(rows)))

static void the_key_writes_names_below_its_own_and_no_others(void **state)
{
	static const char outside[] = "is not below the name that the LAN is discovered into",
			  foreign[] = "is a type that the LAN bridge does not discover";
	static const struct row rows[] = {
		{"_mdns", "+ " WEB " SRV 80 pc.lan; + " WEB " TXT a; + pc.lan A 10.0.0.9", 0, ""},
		{"_mdns", "- " WEB " SRV; - " WEB " TXT; + " WEB " SRV 81 pc.lan; + " WEB " TXT b",
		 0, ""},
		{"_mdns", "+ _http._tcp.lan PTR " WEB, 0, ""},
		{"_mdns", "+ _services._dns-sd._udp.lan PTR _http._tcp.lan", 0, ""},
		{"_mdns", "+ b._dns-sd._udp PTR lan; + lb._dns-sd._udp PTR lan", 0, ""},
		{"_mdns", "- b._dns-sd._udp PTR lan; - lb._dns-sd._udp PTR", 0, ""},
		{"_mdns", "- " WEB "; - _http._tcp.lan PTR " WEB, 0, ""},
		{"_mdns", "- pc.lan", 0, ""},
		{"_mdns", "+ web._http._tcp TXT a", DNS_RCODE_REFUSED, outside},
		{"_mdns", "+ pc A 10.0.0.9", DNS_RCODE_REFUSED, outside},
		{"_mdns", "+ _http._tcp PTR " WEB, DNS_RCODE_REFUSED, outside},
		{"_mdns", "+ db._dns-sd._udp PTR lan", DNS_RCODE_REFUSED, outside},
		{"_mdns", "+ x.b._dns-sd._udp PTR lan", DNS_RCODE_REFUSED, outside},
		{"_mdns", "+ b._dns-sd._udp TXT lan", DNS_RCODE_REFUSED, outside},
		{"_mdns", "- b._dns-sd._udp", DNS_RCODE_REFUSED, outside},
		{"_mdns", "- ns", DNS_RCODE_REFUSED, outside},
		{"_mdns", "+ pc.lan CNAME ns", DNS_RCODE_REFUSED, foreign},
		{"_mdns", "+ lan NS ns", DNS_RCODE_REFUSED, foreign},
	};

	ROWS(*state, rows);
}

static void what_somebody_else_has_is_not_replaced(void **state)
{
	static const char admins[] = "belongs to the zone's administrator",
			  ptr[] = "is somebody else's record already";
	static const struct row rows[] = {
		{NULL, "+ " WEB " TXT mine", 0, ""},
		{"_mdns", "+ " WEB " SRV 80 pc.lan; + pc.lan A 10.0.0.9", DNS_RCODE_YXDOMAIN,
		 "update 1: web._http._tcp.lan.lab.cloud. SRV belongs to the zone's "
		 "administrator"},
		{"_mdns", "- " WEB, DNS_RCODE_YXDOMAIN, admins},
		{NULL, "- " WEB, 0, ""},
		{"_mdns", "+ " WEB " SRV 80 pc.lan; + pc.lan A 10.0.0.9", 0, ""},
		{NULL, "+ tv.lan A 10.0.0.8", 0, ""},
		{"_mdns", "+ tv.lan A 10.0.0.8", DNS_RCODE_YXDOMAIN, admins},
		{"_mdns", "- tv.lan A", DNS_RCODE_YXDOMAIN, admins},
		{"_mdns", "- tv.lan", DNS_RCODE_YXDOMAIN, admins},
		/* The administrator adds to a name of the LAN's: the LAN has it no longer. */
		{NULL, "+ pc.lan A 10.0.0.7", 0, ""},
		{"_mdns", "- pc.lan A; + pc.lan A 10.0.0.9", DNS_RCODE_YXDOMAIN, admins},
		{NULL, "+ _ipp._tcp.lan PTR x._ipp._tcp.lan; + b._dns-sd._udp PTR lan", 0, ""},
		{"_mdns", "+ _ipp._tcp.lan PTR y._ipp._tcp.lan", 0, ""},
		{"_mdns", "+ _ipp._tcp.lan PTR X._ipp._tcp.lan", DNS_RCODE_YXDOMAIN, ptr},
		{"_mdns", "- _ipp._tcp.lan PTR x._ipp._tcp.lan", DNS_RCODE_YXDOMAIN, ptr},
		{"_mdns", "- _ipp._tcp.lan PTR", DNS_RCODE_YXDOMAIN, ptr},
		{"_mdns", "- _ipp._tcp.lan PTR y._ipp._tcp.lan", 0, ""},
		{"_mdns", "- _ipp._tcp.lan PTR z._ipp._tcp.lan", 0, ""},
		{"_mdns", "+ b._dns-sd._udp PTR lan", DNS_RCODE_YXDOMAIN, ptr},
	};

	ROWS(*state, rows);
}

static void hosts_are_shared_by_the_leases_of_the_key(void **state)
{
	static const struct row rows[] = {
		{"_mdns", "+ a._http._tcp.lan SRV 80 pc.lan; + pc.lan A 10.0.0.9", 0, ""},
		{"_mdns", "+ b._http._tcp.lan SRV 80 pc.lan; + pc.lan A 10.0.0.9", 0, ""},
		{"_mdns", "+ b._http._tcp.lan SRV 80 pc.lan; - pc.lan A; + pc.lan A 10.0.0.7", 0,
		 ""},
		{"_mdns", "+ a._http._tcp.lan SRV 80 pc.lan; + pc.lan A 10.0.0.7", 0, ""},
		{"_mdns", "- a._http._tcp.lan", 0, ""},
	};
	struct world *t = *state;

	ROWS(t, rows);
	assert_int_equal(kit_count(&t->w, "pc.lan", "A"), 1);
	kit_pass(&t->w, LEASE_S * 1000);
	assert_int_equal(kit_count(&t->w, "pc.lan", "A"), 0);
	assert_int_equal(kit_count(&t->w, "b._http._tcp.lan", "SRV"), 0);
}

static void a_node_learns_that_a_name_is_the_lans(void **state)
{
	static const struct row rows[] = {
		{"_mdns", "+ web._http._tcp SRV 80 pc; + pc A 10.0.0.9", 0, ""},
		{"n1", "+ web._http._tcp TXT a", DNS_RCODE_YXDOMAIN, "belongs to the LAN bridge"},
		{"n1", "+ web._http._tcp TXT a; + _http._tcp PTR web._http._tcp",
		 DNS_RCODE_YXDOMAIN, "belongs to the LAN bridge"},
		{"n1", "+ own._http._tcp TXT a", 0, ""},
		{"_mdns", "+ own._http._tcp SRV 80 pc", DNS_RCODE_YXDOMAIN,
		 "belongs to key n1.keys.lab.cloud."},
		{"n1", "- own._http._tcp", 0, ""},
		{"_mdns", "+ own._http._tcp SRV 80 pc", 0, ""},
		{"_mdns", "+ static._http._tcp SRV 80 pc", DNS_RCODE_YXDOMAIN,
		 "belongs to the zone's administrator"},
		{"_mdns", "- web._http._tcp", 0, ""},
		{"n1", "+ web._http._tcp TXT a", 0, ""},
	};

	ROWS(*state, rows);
}

static void a_name_that_its_owner_keeps_by_a_key_lease_is_not_free(void **state)
{
	struct world *t = *state;

	assert_int_equal(kit_do(&t->w, "n1", 5, 20, "+ web._http._tcp TXT a"), 0);
	kit_pass(&t->w, 5000);
	assert_int_equal(kit_count(&t->w, "web._http._tcp", "TXT"), 0);
	assert_int_equal(run(t, "_mdns", "+ web._http._tcp TXT a"), DNS_RCODE_YXDOMAIN);
	kit_pass(&t->w, 15000);
	assert_int_equal(run(t, "_mdns", "+ web._http._tcp TXT a"), 0);
}

static void derived_pointers_come_and_go_with_what_was_discovered(void **state)
{
	static const struct row come[] = {
		{"_mdns",
		 "+ web._http._tcp SRV 80 pc; + web._http._tcp TXT a; + pc A 10.9.0.9; "
		 "+ _x._sub._http._tcp PTR web._http._tcp",
		 0, ""},
	};
	static const struct row go[] = {
		{"_mdns",
		 "- web._http._tcp; - pc A; - pc AAAA; - _x._sub._http._tcp PTR web._http._tcp", 0,
		 ""},
	};
	struct world *t = *state;

	kit_view(&t->w);
	for (unsigned i = 0; i < 2; i++) {
		ROWS(t, come);
		assert_true(kit_points(&t->w, "_http._tcp", "web._http._tcp"));
		assert_true(kit_points(&t->w, "_x._sub._http._tcp", "web._http._tcp"));
		assert_true(kit_points(&t->w, "_services._dns-sd._udp", "_http._tcp"));
		assert_int_equal(kit_wrong(&t->w), 0);
		if (i == 0)
			ROWS(t, go);
		else
			kit_pass(&t->w, LEASE_S * 1000);
		assert_false(kit_points(&t->w, "_http._tcp", "web._http._tcp"));
		assert_false(kit_points(&t->w, "_x._sub._http._tcp", "web._http._tcp"));
		assert_int_equal(kit_count(&t->w, "pc", "A"), 0);
		assert_int_equal(kit_wrong(&t->w), 0);
	}
}

static void keys_of_the_bridge_have_their_form(void **state)
{
	(void)state;
	assert_true(update_lan_policy_is_key(kit_name("_mdns.lan")));
	assert_true(update_lan_policy_is_key(kit_name("_MDNS.lan")));
	assert_false(update_lan_policy_is_key(kit_name("mdns.lan")));
	assert_false(update_lan_policy_is_key(kit_name("x._mdns.lan")));
}

#define LAN(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
#define APEX(name) cmocka_unit_test_setup_teardown(name, world_setup_apex, world_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LAN(the_key_writes_names_below_its_own_and_no_others),
		LAN(what_somebody_else_has_is_not_replaced),
		LAN(hosts_are_shared_by_the_leases_of_the_key),
		APEX(a_node_learns_that_a_name_is_the_lans),
		APEX(a_name_that_its_owner_keeps_by_a_key_lease_is_not_free),
		APEX(derived_pointers_come_and_go_with_what_was_discovered),
		cmocka_unit_test(keys_of_the_bridge_have_their_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
