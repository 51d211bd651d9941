/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* From records on a LAN to records of the zone: with a registrar in its own thread. */

#include "../registry/kit.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../mdns/browse_kit.h"
#include "../memory.h"
#include "../registry/engine.h"
#include "advertise/advertise.h"
#include "base/rcu.h"
#include "discover/discover.h"
#include "discover/writer.h"
#include "mdns/rows.h"
#include "mdns/rules.h"
#include "mdns/seen.h"
#include "mdns/stats.h"
#include "registry/intake.h"
#include "registry/registrar.h"
#include "update/policy.h"
#include "zone/look.h"
#include "zone/snapshot.h"

#define WEB "web._http._tcp.lan"

static struct {
	struct kit_world w;
	struct kit_engine engine;
	struct registry_registrar *registrar;
	struct ev_loop *loop;
	struct discover_writer *writer;
	struct mdns_seen *seen;
	struct discover *discover;
	struct mdns_rule rule;
	struct mdns_rows rows;
	struct mdns_stats stats;
	struct update_policy *policy;
	uint64_t answer_ms;
	uint8_t types[4][DNS_NAME_MAX], excluded[1][DNS_NAME_MAX];
	const char *own, *registered; /* what the adverts have */
	void (*on_registered)(void *arg, const uint8_t *lan_name);
	void *arg;
} t;

/* ---- the adverts ---- */

bool advertise_has(const struct advertise *a, const uint8_t *lan_name)
{
	(void)a;
	return t.own != NULL && dns_name_equal(kit_lan_name(t.own), lan_name);
}

bool advertise_is_registered(struct advertise *a, const struct mdns_seen_service *s)
{
	(void)a;
	return t.registered != NULL && dns_name_equal(kit_lan_name(t.registered), s->name);
}

void advertise_listen(struct advertise *a,
		      void (*on_registered)(void *arg, const uint8_t *lan_name), void *arg)
{
	(void)a;
	t.on_registered = on_registered;
	t.arg = arg;
}

/* ---- the world ---- */

static int setup(void **state)
{
	memset(&t, 0, sizeof(t));
	kit_world_init(&t.w);
	kit_follow_clock(&t.w);
	t.registrar = kit_engine_registrar(&t.engine, &t.w.state);
	registry_registrar_set_limits(
		t.registrar,
		&(struct registry_intake_limits){.nbytes = 1 << 24, .nbytes_per_source = 1 << 24});
	t.loop = ev_loop_new(0);
	t.writer = discover_writer_new(t.loop, t.registrar);
	t.seen = mdns_seen_new(NULL, NULL, 1);
	mdns_rows_init(&t.rows);
	memcpy(t.rule.into.name, kit_name("lan"), dns_name_nbytes(kit_name("lan")));
	memcpy(t.rule.into.key, kit_name("_mdns.lan"), dns_name_nbytes(kit_name("_mdns.lan")));
	t.policy = update_policy_new_lan(t.rule.into.key, t.rule.into.name);
	t.rule.into.zone = t.w.zone;
	t.rule.into.policy = t.policy;
	t.rule.into.lease_rule = &t.w.rule;
	t.rule.into.max = 100;
	t.answer_ms = 100;
	t.rule.discover.items = t.types;
	t.rule.exclude.items = t.excluded;
	*state = &t;
	return 0;
}

static void add_type(const char *text)
{
	const uint8_t *name = kit_name(text);

	memcpy(t.types[t.rule.discover.count++], name, dns_name_nbytes(name));
}

static void discover(void)
{
	const struct discover_settings settings = {
		.rule = &t.rule,
		.loop = t.loop,
		.seen = t.seen,
		.writer = t.writer,
		.rows = &t.rows,
		.stats = &t.stats,
		.seed = 1,
		.answer_ms = t.answer_ms,
	};

	t.discover = discover_new(&settings);
	assert_non_null(t.discover);
}

static void begin(void)
{
	if (t.rule.discover.count == 0)
		add_type("_http._tcp.");
	base_rcu_offline();
	assert_int_equal(registry_registrar_start(t.registrar), 0);
	discover();
}

static void end(bool are_removed)
{
	discover_free(t.discover, are_removed);
	t.discover = NULL;
	discover_writer_free(t.writer);
	registry_registrar_stop(t.registrar);
	t.registrar = NULL;
	base_rcu_online();
}

static int teardown(void **state)
{
	(void)state;
	if (t.registrar != NULL)
		end(false);
	mdns_seen_free(t.seen);
	kit_lan_clear();
	ev_loop_destroy(t.loop);
	mdns_rows_fini(&t.rows);
	update_policy_free(t.policy);
	kit_world_fini(&t.w);
	return 0;
}

/* Reports what is on the LAN, and lets the loop turn until no update waits for an answer. */
static void run(void)
{
	bool has_more;

	do {
		has_more = kit_lan_run();
		ev_run(t.loop, discover_writer_nwaiting(t.writer) > 0 ? EVRUN_ONCE : EVRUN_NOWAIT);
		ev_run(t.loop, EVRUN_NOWAIT); /* what follows from an answer */
	} while (has_more || discover_writer_nwaiting(t.writer) > 0);
}

/* Finds records in the current version, online for RCU: the registrar writes the next one. */
static bool find(struct zone_rrset *rrset, const char *owner, uint16_t type)
{
	struct zone_look at;

	return zone_look_find(&at, zone_current(t.w.zone), kit_name(owner)) &&
	       zone_look_rrset(&at, type, rrset);
}

static unsigned count(const char *owner, const char *type_text)
{
	struct zone_rrset rrset;
	unsigned n;
	uint16_t type;

	assert_true(dns_type_from_text(&type, type_text, strlen(type_text)));
	base_rcu_online();
	n = find(&rrset, owner, type) ? rrset.count : 0;
	base_rcu_offline();
	return n;
}

static bool points(const char *owner, const char *target)
{
	struct zone_rrset rrset;
	struct zone_rdata rdata;
	const uint8_t *at;
	bool does = false;

	base_rcu_online();
	if (find(&rrset, owner, DNS_TYPE_PTR)) {
		at = rrset.data;
		while (!does && zone_rrset_next(&rrset, &at, &rdata))
			does = dns_name_equal(rdata.bytes, kit_name(target));
	}
	base_rcu_offline();
	return does;
}

/* Returns whether the TXT record of WEB begins with that string. */
static bool has_txt(const char *text)
{
	struct zone_rrset rrset;
	bool has = false;

	base_rcu_online();
	if (find(&rrset, WEB, DNS_TYPE_TXT)) {
		const uint8_t *from = rrset.data;
		struct zone_rdata rdata;

		has = zone_rrset_next(&rrset, &from, &rdata) &&
		      memcmp(rdata.bytes + 1, text, strlen(text)) == 0;
	}
	base_rcu_offline();
	return has;
}

/* Runs the loop until records are there in that number. */
static void wait_for(const char *owner, const char *type, unsigned n)
{
	run();
	while (count(owner, type) != n) {
		ev_run(t.loop, EVRUN_ONCE);
		run();
	}
}

struct looked {
	const uint8_t *name;
	enum mdns_row_state state;
	char why[MDNS_ROW_WHY_MAX];
	unsigned n;
};

static void look(void *arg, const struct mdns_row *row)
{
	struct looked *l = arg;

	if (l->name != NULL && !dns_name_equal(row->lan_name, l->name))
		return;
	l->n++;
	l->state = row->state;
	memcpy(l->why, row->why, sizeof(l->why));
}

static void assert_row(const char *lan_name, enum mdns_row_state state, const char *why)
{
	struct looked l = {.name = kit_lan_name(lan_name)};

	mdns_rows_each(&t.rows, look, &l);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.why, why);
	assert_int_equal(l.state, state);
}

static unsigned nrows(void)
{
	struct looked l = {0};

	mdns_rows_each(&t.rows, look, &l);
	return l.n;
}

/* ---- tests ---- */

static void a_service_gets_into_the_zone_and_goes_with_the_last_record(void **state)
{
	(void)state;
	begin();
	kit_lan_service(true, "web", "_http._tcp", 80, "pc", "192.0.2.1");
	kit_lan_a(true, "pc", "127.0.0.1");
	run();
	assert_int_equal(count(WEB, "SRV"), 1);
	assert_int_equal(count(WEB, "TXT"), 1);
	assert_int_equal(count("pc.lan", "A"), 1);
	assert_true(points("_http._tcp.lan", WEB));
	assert_true(points("_services._dns-sd._udp.lan", "_http._tcp.lan"));
	assert_true(points("b._dns-sd._udp", "lan"));
	assert_true(points("lb._dns-sd._udp", "lan"));
	assert_row("web._http._tcp", MDNS_ROW_ACTIVE, "");
	assert_int_equal(t.stats.ndiscovered, 1);
	kit_lan_service(false, "web", "_http._tcp", 80, "pc", "192.0.2.1");
	wait_for(WEB, "SRV", 0);
	wait_for("b._dns-sd._udp", "PTR", 0);
	assert_int_equal(count(WEB, "TXT"), 0);
	assert_int_equal(count("pc.lan", "A"), 0);
	assert_int_equal(count("_http._tcp.lan", "PTR"), 0);
	assert_int_equal(count("_services._dns-sd._udp.lan", "PTR"), 0);
	assert_int_equal(count("lb._dns-sd._udp", "PTR"), 0);
	assert_int_equal(nrows(), 0);
	assert_int_equal(t.stats.ndiscovered, 0);
}

static void changes_are_written_and_hosts_are_shared(void **state)
{
	(void)state;
	begin();
	kit_lan_service(true, "web", "_http._tcp", 80, "pc", "192.0.2.1");
	kit_lan_service(true, "api", "_http._tcp", 81, "pc", "192.0.2.1");
	run();
	kit_lan_srv(true, "web._http._tcp", 80, "tv");
	kit_lan_srv(false, "web._http._tcp", 80, "pc");
	kit_lan_a(true, "tv", "192.0.2.2");
	wait_for("tv.lan", "A", 1);
	assert_int_equal(count("pc.lan", "A"), 1);
	assert_int_equal(count(WEB, "SRV"), 1);
	kit_lan_aaaa(true, "tv", "2001:db8::1");
	wait_for("tv.lan", "AAAA", 1);
	kit_lan_srv(true, "api._http._tcp", 81, "tv");
	kit_lan_srv(false, "api._http._tcp", 81, "pc");
	wait_for("pc.lan", "A", 0);
	assert_int_equal(count("tv.lan", "A"), 1);
	kit_lan_ptr(false, "_http._tcp", "web._http._tcp");
	wait_for(WEB, "SRV", 0);
	assert_int_equal(count("tv.lan", "A"), 1);
	assert_int_equal(count("_http._tcp.lan", "PTR"), 1);
}

static void a_peer_that_flips_costs_few_updates_and_settles(void **state)
{
	char string[16];
	uint64_t before;

	(void)state;
	begin();
	kit_lan_service(true, "web", "_http._tcp", 80, "pc", "192.0.2.1");
	run();
	before = t.stats.nupdates;
	kit_lan_txt(false, "web._http._tcp", "path=/");
	for (unsigned i = 0; i < 500; i++) {
		snprintf(string, sizeof(string), "n=%u", i);
		kit_lan_txt(true, "web._http._tcp", string);
		run();
		kit_lan_txt(false, "web._http._tcp", string);
	}
	kit_lan_txt(true, "web._http._tcp", "last");
	run();
	while (!has_txt("last"))
		ev_run(t.loop, EVRUN_ONCE);
	assert_true(t.stats.nupdates - before < 100);
}

static void what_must_not_be_discovered_is_left_out(void **state)
{
	(void)state;
	t.own = "own._http._tcp";
	t.registered = "node._http._tcp";
	begin();
	kit_lan_service(true, "own", "_http._tcp", 80, "pc", "192.0.2.1");
	kit_lan_service(true, "node", "_http._tcp", 80, "pc", "192.0.2.1");
	kit_lan_service(true, "bad", "_http._tcp", 80, "lo", "127.0.0.1");
	kit_lan_service(true, "x", "_ipp._tcp", 80, "pc", "192.0.2.1");
	kit_lan_ptr(true, "_http._tcp", "mark._http._tcp");
	kit_lan_srv(true, "mark._http._tcp", 80, "pc");
	kit_lan_txt(true, "mark._http._tcp", "weft-bridge=lab.cloud/1f");
	kit_lan_ptr(true, "_http._tcp", "slow._http._tcp");
	run();
	assert_row("own._http._tcp", MDNS_ROW_STANDBY, "this bridge advertises it");
	assert_row("node._http._tcp", MDNS_ROW_STANDBY, "the registry has it already");
	assert_row("bad._http._tcp", MDNS_ROW_REFUSED,
		   "its host has no address that is of use elsewhere");
	assert_row("mark._http._tcp", MDNS_ROW_STANDBY,
		   "a bridge advertises it, from the zone lab.cloud.");
	assert_row("slow._http._tcp", MDNS_ROW_PENDING, "it waits for the records");
	assert_int_equal(nrows(), 5);
	assert_int_equal(count("_http._tcp.lan", "PTR"), 0);
	assert_int_equal(t.stats.nupdates, 0);
	/* The registry loses it. */
	t.registered = NULL;
	t.on_registered(t.arg, kit_lan_name("node._http._tcp"));
	run();
	assert_row("node._http._tcp", MDNS_ROW_ACTIVE, "");
	assert_int_equal(count("node._http._tcp.lan", "SRV"), 1);
}

static void a_name_that_somebody_has_is_refused_by_the_registry(void **state)
{
	struct looked l = {.name = kit_lan_name("web._http._tcp")};

	(void)state;
	assert_int_equal(kit_do(&t.w, NULL, 0, 0, "+ " WEB " TXT mine"), 0);
	begin();
	kit_lan_service(true, "web", "_http._tcp", 80, "pc", "192.0.2.1");
	run();
	mdns_rows_each(&t.rows, look, &l);
	assert_int_equal(l.state, MDNS_ROW_REFUSED);
	assert_non_null(strstr(l.why, "belongs to the zone's administrator"));
	assert_int_equal(count(WEB, "SRV"), 0);
	assert_int_equal(t.stats.nfailed_updates, 1);
}

static void more_than_the_rule_allows_wait_for_room(void **state)
{
	char label[16];

	(void)state;
	t.rule.into.max = 4;
	begin();
	for (unsigned i = 0; i < 6; i++) {
		snprintf(label, sizeof(label), "i%u", i);
		kit_lan_service(true, label, "_http._tcp", 80, "pc", "192.0.2.1");
	}
	run();
	assert_int_equal(count("_http._tcp.lan", "PTR"), 4);
	assert_int_equal(t.stats.nrefused, 2);
	assert_row("i5._http._tcp", MDNS_ROW_REFUSED,
		   "more services are on the LAN than the rule allows (into: max)");
	kit_lan_service(false, "i0", "_http._tcp", 80, "tv", "192.0.2.9");
	wait_for("i0._http._tcp.lan", "SRV", 0);
	wait_for("i4._http._tcp.lan", "SRV", 1);
	assert_int_equal(t.stats.nrefused, 1);
}

/* Several that go at once give their places to as many. */
static void each_place_that_is_given_back_is_taken(void **state)
{
	char label[16];

	(void)state;
	t.rule.into.max = 4;
	begin();
	for (unsigned i = 0; i < 8; i++) {
		snprintf(label, sizeof(label), "i%u", i);
		kit_lan_service(true, label, "_http._tcp", 80, "pc", "192.0.2.1");
	}
	run();
	assert_int_equal(t.stats.nrefused, 4);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(label, sizeof(label), "i%u", i);
		kit_lan_service(false, label, "_http._tcp", 80, "tv", "192.0.2.9");
	}
	wait_for("i6._http._tcp.lan", "SRV", 1);
	wait_for("_http._tcp.lan", "PTR", 4);
	assert_int_equal(t.stats.nrefused, 1);
}

static void what_does_not_answer_gives_its_place_to_others(void **state)
{
	char name[32];

	(void)state;
	t.rule.into.max = 4;
	begin();
	kit_lan_service(true, "web", "_http._tcp", 80, "pc", "192.0.2.1");
	kit_lan_service(true, "bad", "_http._tcp", 80, "lo", "127.0.0.1");
	run();
	for (unsigned i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "dead%u._http._tcp", i);
		kit_lan_ptr(true, "_http._tcp", name);
	}
	run();
	assert_row("dead1._http._tcp", MDNS_ROW_PENDING, "it waits for the records");
	assert_int_equal(t.stats.nrefused, 18);
	kit_lan_service(true, "api", "_http._tcp", 80, "pc", "192.0.2.1");
	wait_for("api._http._tcp.lan", "SRV", 1);
	assert_row("api._http._tcp", MDNS_ROW_ACTIVE, "");
	assert_row("web._http._tcp", MDNS_ROW_ACTIVE, "");
	assert_row("dead1._http._tcp", MDNS_ROW_REFUSED,
		   "it does not answer, others have its place");
	assert_row("bad._http._tcp", MDNS_ROW_REFUSED,
		   "its host has no address that is of use elsewhere");
	assert_int_equal(count(WEB, "SRV"), 1);
	/* No more than the rule allows are resolved. */
	assert_int_equal(t.stats.nrefused, 19);
	/* It answers: it gets its turn. */
	kit_lan_service(true, "dead1", "_http._tcp", 80, "pc", "192.0.2.1");
	wait_for("dead1._http._tcp.lan", "SRV", 1);
	assert_row("dead1._http._tcp", MDNS_ROW_ACTIVE, "");
	assert_int_equal(count(WEB, "SRV"), 1);
	assert_int_equal(count("api._http._tcp.lan", "SRV"), 1);
}

static void one_host_does_not_get_all_places(void **state)
{
	char label[16];

	(void)state;
	t.rule.into.max = 40;
	begin();
	for (unsigned i = 0; i < 60; i++) {
		snprintf(label, sizeof(label), "i%u", i);
		kit_lan_service(true, label, "_http._tcp", 80, "pc", "192.0.2.1");
	}
	run();
	assert_int_equal(t.stats.ndiscovered, 20);
	kit_lan_service(true, "web", "_http._tcp", 80, "tv", "192.0.2.2");
	wait_for(WEB, "SRV", 1);
	assert_row("web._http._tcp", MDNS_ROW_ACTIVE, "");
	assert_int_equal(t.stats.ndiscovered, 21);
	/* Those that had to wait come in when the others end. */
	for (unsigned i = 0; i < 40; i++) {
		snprintf(label, sizeof(label), "i%u", i);
		kit_lan_service(false, label, "_http._tcp", 80, "vr", "192.0.2.9");
	}
	wait_for("i59._http._tcp.lan", "SRV", 1);
	wait_for("_http._tcp.lan", "PTR", 21);
}

static void subtypes_and_all_types_are_followed(void **state)
{
	(void)state;
	add_type("_p._sub._ipp._tcp.");
	t.rule.discover.has_all = true;
	memcpy(t.excluded[0], kit_name("_ssh._tcp."), dns_name_nbytes(kit_name("_ssh._tcp.")));
	t.rule.exclude.count = 1;
	begin();
	kit_lan_ptr(true, "_services._dns-sd._udp", "_ipp._tcp");
	kit_lan_ptr(true, "_services._dns-sd._udp", "_ssh._tcp");
	kit_lan_ptr(true, "_services._dns-sd._udp", "_bad.local");
	kit_lan_ptr(true, "_services._dns-sd._udp", "_weft._tcp");
	kit_lan_service(true, "lab", "_weft._tcp", 53, "pc", "192.0.2.1");
	kit_lan_service(true, "lp", "_ipp._tcp", 631, "pc", "192.0.2.1");
	kit_lan_ptr(true, "_p._sub._ipp._tcp", "lp._ipp._tcp");
	kit_lan_service(true, "sh", "_ssh._tcp", 22, "pc", "192.0.2.1");
	run();
	assert_true(points("_ipp._tcp.lan", "lp._ipp._tcp.lan"));
	assert_true(points("_p._sub._ipp._tcp.lan", "lp._ipp._tcp.lan"));
	assert_int_equal(count("sh._ssh._tcp.lan", "SRV"), 0);
	assert_int_equal(count("lab._weft._tcp.lan", "SRV"), 0);
	kit_lan_ptr(false, "_p._sub._ipp._tcp", "lp._ipp._tcp");
	wait_for("_p._sub._ipp._tcp.lan", "PTR", 0);
	assert_true(points("_ipp._tcp.lan", "lp._ipp._tcp.lan"));
}

static void the_end_of_a_rule_removes_what_it_discovered(void **state)
{
	(void)state;
	begin();
	kit_lan_service(true, "web", "_http._tcp", 80, "pc", "192.0.2.1");
	run();
	assert_int_equal(count(WEB, "SRV"), 1);
	end(true);
	assert_int_equal(kit_count(&t.w, WEB, "SRV"), 0);
	assert_int_equal(kit_count(&t.w, "pc.lan", "A"), 0);
	assert_int_equal(kit_count(&t.w, "_http._tcp.lan", "PTR"), 0);
	assert_int_equal(kit_count(&t.w, "b._dns-sd._udp", "PTR"), 0);
}

static void a_former_host_goes_when_the_service_has_another_one(void **state)
{
	(void)state;
	begin();
	kit_lan_service(true, "web", "_http._tcp", 80, "pc", "192.0.2.1");
	run();
	discover_free(t.discover, false);
	t.discover = NULL;
	kit_lan_srv(false, "web._http._tcp", 80, "pc");
	kit_lan_srv(true, "web._http._tcp", 80, "tv");
	kit_lan_a(true, "tv", "192.0.2.2");
	discover();
	run();
	assert_int_equal(count("tv.lan", "A"), 1);
	assert_int_equal(count("pc.lan", "A"), 0);
}

static void leases_are_refreshed_only_while_the_daemon_is_there(void **state)
{
	uint64_t nupdates;

	(void)state;
	t.w.rule.minimum_s = t.w.rule.maximum_s = 1;
	begin();
	kit_lan_service(true, "web", "_http._tcp", 80, "pc", "192.0.2.1");
	run();
	nupdates = t.stats.nupdates;
	while (t.stats.nupdates < nupdates + 8)
		ev_run(t.loop, EVRUN_ONCE);
	wait_for(WEB, "SRV", 1);
	kit_lan_is_running = false;
	wait_for(WEB, "SRV", 0);
	while (t.stats.ndiscovered > 0)
		ev_run(t.loop, EVRUN_ONCE);
	kit_lan_is_running = true;
	wait_for(WEB, "SRV", 1);
	assert_row("web._http._tcp", MDNS_ROW_ACTIVE, "");
}

/* The registrar does not run: only what the bridge itself allocates is short. */
static void short_memory_is_survived(void **state)
{
	const struct discover_settings settings = {.rule = &t.rule,
						   .loop = t.loop,
						   .seen = t.seen,
						   .writer = t.writer,
						   .rows = &t.rows,
						   .stats = &t.stats,
						   .seed = 1,
						   .answer_ms = 1000};
	bool has_failed = true;
	int n;

	(void)state;
	add_type("_http._tcp.");
	t.rule.discover.has_all = true;
	kit_lan_ptr(true, "_services._dns-sd._udp", "_ipp._tcp");
	kit_lan_service(true, "web", "_http._tcp", 80, "pc", "192.0.2.1");
	kit_lan_service(true, "lp", "_ipp._tcp", 631, "tv", "192.0.2.2");
	base_rcu_offline();
	for (n = 0; has_failed; n++) {
		memory_fail_after(n);
		t.discover = discover_new(&settings);
		for (unsigned i = 0; i < 3 && t.discover != NULL; i++) {
			kit_lan_run();
			ev_run(t.loop, EVRUN_NOWAIT);
		}
		discover_free(t.discover, n % 2 == 0);
		has_failed = memory_has_failed();
		memory_fail_after(MEMORY_ENOUGH);
		assert_int_equal(kit_lan_nbrowsers(), 0);
		assert_int_equal(nrows(), 0);
	}
	assert_true(n > 30);
	t.discover = NULL;
	assert_int_equal(registry_registrar_start(t.registrar), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_service_gets_into_the_zone_and_goes_with_the_last_record),
		TEST(changes_are_written_and_hosts_are_shared),
		TEST(a_peer_that_flips_costs_few_updates_and_settles),
		TEST(what_must_not_be_discovered_is_left_out),
		TEST(a_name_that_somebody_has_is_refused_by_the_registry),
		TEST(more_than_the_rule_allows_wait_for_room),
		TEST(each_place_that_is_given_back_is_taken),
		TEST(what_does_not_answer_gives_its_place_to_others),
		TEST(one_host_does_not_get_all_places),
		TEST(subtypes_and_all_types_are_followed),
		TEST(the_end_of_a_rule_removes_what_it_discovered),
		TEST(a_former_host_goes_when_the_service_has_another_one),
		TEST(leases_are_refreshed_only_while_the_daemon_is_there),
		TEST(short_memory_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
