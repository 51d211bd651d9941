/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A zone of a fabric, made of records as agents and operators write them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../atlas/zone_made.h"
#include "atlas/atlas.h"
#include "dns/name.h"
#include "dns/type.h"

static int setup(void **state)
{
	(void)state;
	zone_made_clear();
	return 0;
}

#define WEB "{\"name\":\"web\",\"port\":80,\"run\":[\"httpd\"],\"type\":\"_http._tcp\"}"
#define DB "{\"name\":\"db\",\"run\":[\"db\"],\"type\":\"_db._tcp\"}"

static void a_zone_without_records_has_nothing(void **state)
{
	struct atlas *a = zone_made_atlas();
	uint64_t term;
	size_t n;

	(void)state;
	atlas_specs(a, &n);
	assert_int_equal(n, 0);
	assert_null(atlas_spec(a, zone_made_name("web-1._http._tcp")));
	assert_null(atlas_service(a, "web", NULL, NULL));
	assert_null(atlas_instance(a, zone_made_name("web-1._http._tcp")));
	assert_null(atlas_node_of_label(a, "n1"));
	assert_null(atlas_runs_of(a, zone_made_name("web-1._http._tcp"), &n));
	assert_int_equal(n, 0);
	assert_null(atlas_leader(a, &term));
	assert_int_equal(atlas_serial(a), 0);
	atlas_free(a);
}

static void specs_of_a_name_and_type_are_a_service(void **state)
{
	const struct atlas_service *services;
	const struct atlas_spec *s;
	struct atlas *a;
	size_t n;

	(void)state;
	zone_made_json("_spec.web-10._http._tcp", WEB);
	zone_made_json("_spec.web-2._http._tcp", WEB);
	zone_made_json("_spec.db-1._db._tcp", DB);
	zone_made_json("_spec.WEB-1._http._tcp", WEB);
	a = zone_made_atlas();
	services = atlas_services(a, &n);
	assert_int_equal(n, 2);
	assert_string_equal(services[0].name, "db");
	assert_int_equal(services[1].nspecs, 3);
	assert_int_equal(services[1].specs[0].number, 1);
	assert_int_equal(services[1].specs[1].number, 2);
	assert_int_equal(services[1].specs[2].number, 10);
	assert_ptr_equal(atlas_service(a, "Web", NULL, NULL), &services[1]);
	assert_ptr_equal(atlas_service(a, "db", "_DB._tcp", NULL), &services[0]);
	assert_null(atlas_service(a, "db", "_http._tcp", NULL));

	s = atlas_spec(a, zone_made_name("web-1._http._TCP"));
	assert_non_null(s);
	assert_string_equal(s->label, "WEB-1");
	assert_string_equal(s->type, "_http._tcp");
	assert_int_equal(s->service->port, 80);
	assert_null(s->why);
	assert_ptr_equal(s->record, atlas_rrset(a, zone_made_name("_spec.web-1._http._tcp"),
						DNS_TYPE_TXT, &n));
	assert_int_equal(n, 1);
	atlas_free(a);
}

static void a_name_with_two_types_is_ambiguous(void **state)
{
	struct atlas *a;
	bool is_ambiguous;

	(void)state;
	zone_made_json("_spec.db-1._db._tcp", DB);
	zone_made_json("_spec.db-1._pg._tcp",
		       "{\"name\":\"db\",\"run\":[\"db\"],\"type\":\"_pg._tcp\"}");
	a = zone_made_atlas();
	assert_null(atlas_service(a, "db", NULL, &is_ambiguous));
	assert_true(is_ambiguous);
	assert_non_null(atlas_service(a, "db", "_pg._tcp", &is_ambiguous));
	assert_false(is_ambiguous);
	atlas_free(a);
}

static void a_bad_spec_is_there_with_what_is_wrong(void **state)
{
	static const struct {
		const char *label, *json, *why;
	} cases[] = {
		{"a", "{", "end of file"},
		{"b", "{\"name\":\"b\",\"type\":\"_x._tcp\",\"run\":[\"b\"],\"prot\":1}", "prot"},
		{"c", "{\"name\":\"c\",\"type\":\"_y._tcp\",\"run\":[\"c\"]}", "type"},
	};
	const struct atlas_spec *s;
	struct atlas *a;
	char owner[64];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		snprintf(owner, sizeof(owner), "_spec.%s-1._x._tcp", cases[i].label);
		zone_made_json(owner, cases[i].json);
	}
	zone_made_json("_spec.d-1._x._tcp", DB);
	zone_made_json("_spec.d-1._x._tcp", WEB);
	a = zone_made_atlas();
	for (unsigned i = 0; i < 3; i++) {
		snprintf(owner, sizeof(owner), "%s-1._x._tcp", cases[i].label);
		s = atlas_spec(a, zone_made_name(owner));
		assert_null(s->service);
		assert_non_null(strstr(s->why, cases[i].why));
		assert_string_equal(s->service_name, cases[i].label);
		assert_int_equal(s->number, 1);
	}
	s = atlas_spec(a, zone_made_name("d-1._x._tcp"));
	assert_null(s->service);
	assert_non_null(strstr(s->why, "several"));
	atlas_free(a);
}

static void schemas_are_read(void **state)
{
	const struct atlas_schema *s;
	struct atlas *a;
	size_t n;

	(void)state;
	zone_made_json("http._schemas", "{\"type\":\"object\"}");
	zone_made_json("bad._schemas", "{\"typ\":\"object\"}");
	a = zone_made_atlas();
	atlas_schemas(a, &n);
	assert_int_equal(n, 2);
	s = atlas_schema(a, "HTTP");
	assert_non_null(s->schema);
	assert_string_equal(s->text, "{\"type\":\"object\"}");
	s = atlas_schema(a, "bad");
	assert_null(s->schema);
	assert_non_null(s->why);
	assert_null(atlas_schema(a, "none"));
	atlas_free(a);
}

static void what_runs_is_joined_with_its_keys(void **state)
{
	const struct atlas_instance *i;
	const struct atlas_held *held;
	const struct atlas_use *uses;
	const struct atlas_run *runs;
	const struct atlas_node *node;
	struct atlas *a;
	size_t n;

	(void)state;
	zone_made_ptr("_runs.n2.nodes", "web-1._http._tcp");
	zone_made_ptr("_runs.n1.nodes", "web-1._http._tcp");
	zone_made_ptr("_runs.n1.nodes", "db-1._db._tcp");
	zone_made_txt("n1.nodes", "state=up boot=b1 age=7 rev=14 manage=5746");
	memcpy(zone_made_record("n1.nodes", DNS_TYPE_A, 4), "\300\0\2\1", 4);
	zone_made_srv("web-1._http._tcp", 8080, "n1.nodes");
	zone_made_txt("web-1._http._tcp", "id=42 inc=3 state=up node=n1 ver=v cfg=c");
	zone_made_srv("other._http._tcp", 1, "n3.nodes");
	zone_made_ptr("_uses.web-1._http._tcp", "db-1._db._tcp");
	zone_made_txt("web._names.n1.nodes", "by=web-1._http._tcp pid=12 boot=b1");
	zone_made_txt("disk._resources", "by=db-1._db._tcp.lab.cloud.");
	a = zone_made_atlas();

	runs = atlas_runs_of(a, zone_made_name("WEB-1._http._tcp"), &n);
	assert_int_equal(n, 2);
	assert_true(dns_name_equal(runs[0].node, zone_made_name("n1.nodes")));
	assert_true(dns_name_equal(runs[1].node, zone_made_name("n2.nodes")));
	atlas_nodes(a, &n);
	assert_int_equal(n, 2);
	node = atlas_node_of_label(a, "n1");
	assert_string_equal(node->state, "up");
	assert_int_equal(node->age, 7);
	assert_int_equal(node->nv4, 1);
	node = atlas_node_of_label(a, "n2");
	assert_string_equal(node->label, "n2");
	assert_null(node->txt);

	atlas_instances(a, &n);
	assert_int_equal(n, 2);
	i = atlas_instance(a, zone_made_name("web-1._http._tcp"));
	assert_int_equal(i->port, 8080);
	assert_int_equal(i->inc, 3);
	assert_string_equal(i->id, "42");
	assert_string_equal(i->cfg, "c");
	assert_null(i->why);
	i = atlas_instance(a, zone_made_name("other._http._tcp"));
	assert_null(i->txt);
	assert_int_equal(i->inc, 0);

	uses = atlas_uses_of(a, zone_made_name("web-1._http._tcp"), &n);
	assert_int_equal(n, 1);
	assert_true(dns_name_equal(uses->to, zone_made_name("db-1._db._tcp")));
	held = atlas_held(a, &n);
	assert_int_equal(n, 2);
	assert_null(held[0].node);
	assert_true(dns_name_equal(held[0].by_name, zone_made_name("db-1._db._tcp")));
	assert_string_equal(held[1].label, "web");
	assert_int_equal(held[1].pid, 12);
	assert_true(dns_name_equal(held[1].by_name, zone_made_name("web-1._http._tcp")));
	atlas_free(a);
}

static void events_are_in_the_order_of_time(void **state)
{
	const struct atlas_event *e;
	uint64_t term;
	struct atlas *a;
	size_t n;

	(void)state;
	zone_made_txt("5-10._events._cluster",
		      "era=5 n=10 t=1700000001.250 node=n1 what=started of=x");
	zone_made_txt("5-9._events._cluster", "era=5 n=9 t=1700000001.25 what=assigned");
	zone_made_txt("4-100._events._cluster", "era=4 n=100 t=1700000002 what=failed why=exit");
	zone_made_txt("x._events._cluster", "t=1");
	zone_made_txt("_leader._cluster", "node=n1 term=9");
	zone_made_json("_rules._cluster", "[]");
	a = zone_made_atlas();
	e = atlas_events(a, &n);
	assert_int_equal(n, 3);
	assert_int_equal(e[0].n, 9);
	assert_int_equal(e[1].n, 10);
	assert_true(e[1].time_ms == UINT64_C(1700000001250));
	assert_string_equal(e[1].of, "x");
	assert_null(e[1].why);
	assert_int_equal(e[2].era, 4);
	assert_string_equal(atlas_leader(a, &term), "n1");
	assert_int_equal(term, 9);
	assert_string_equal(atlas_rules(a, &n), "[]");
	assert_int_equal(n, 2);
	atlas_free(a);
}

static void records_of_another_zone_are_left_out(void **state)
{
	struct atlas *a;
	size_t n;

	(void)state;
	zone_made_txt("n1.nodes.other.", "state=up");
	zone_made_txt("n1.nodes", "state=up");
	a = zone_made_atlas();
	atlas_all(a, &n);
	assert_int_equal(n, 1);
	assert_true(atlas_has_name(a, zone_made_name("n1.nodes")));
	assert_false(atlas_has_name(a, zone_made_name("n1.nodes.other.")));
	atlas_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_zone_without_records_has_nothing, setup),
		cmocka_unit_test_setup(specs_of_a_name_and_type_are_a_service, setup),
		cmocka_unit_test_setup(a_name_with_two_types_is_ambiguous, setup),
		cmocka_unit_test_setup(a_bad_spec_is_there_with_what_is_wrong, setup),
		cmocka_unit_test_setup(schemas_are_read, setup),
		cmocka_unit_test_setup(what_runs_is_joined_with_its_keys, setup),
		cmocka_unit_test_setup(events_are_in_the_order_of_time, setup),
		cmocka_unit_test_setup(records_of_another_zone_are_left_out, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
