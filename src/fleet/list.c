/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fleet/list.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "cli/cli.h"
#include "cli/fail.h"
#include "cli/output.h"
#include "fleet/event.h"
#include "fleet/join.h"
#include "fleet/name.h"
#include "fleet/zone.h"
#include "spec/json.h"

enum { EVENTS_SHOWN = 10 }; /* of an instance, the latest */

/* ---- one instance ---- */

static json_t *assigned_to_json(const struct fleet_row *r, const uint8_t *zone)
{
	json_t *nodes = json_array();

	for (size_t i = 0; i < r->nruns; i++)
		json_array_append_new(nodes, fleet_name_node_to_json(r->runs[i].node, zone));
	return nodes;
}

/* Adds what is registered; of an instance that is not, null, so that each has the same members. */
static void registered_add(json_t *o, const struct atlas_instance *i, const uint8_t *zone)
{
	static const char *const fields[] = {"target", "port", "priority", "weight", "ttl",
					     "inc",    "id",   "ver",	   "cfg"};

	for (size_t f = 0; f < sizeof(fields) / sizeof(*fields) && i == NULL; f++)
		json_object_set_new(o, fields[f], json_null());
	if (i == NULL)
		return;
	json_object_set_new(o, "target", fleet_name_to_json(i->target, zone));
	json_object_set_new(o, "port", json_integer(i->port));
	json_object_set_new(o, "priority", json_integer(i->priority));
	json_object_set_new(o, "weight", json_integer(i->weight));
	json_object_set_new(o, "ttl", json_integer(i->ttl));
	json_object_set_new(o, "inc", json_integer((json_int_t)i->inc));
	json_object_set_new(o, "id", fleet_name_text_to_json(i->id));
	json_object_set_new(o, "ver", fleet_name_text_to_json(i->ver));
	json_object_set_new(o, "cfg", fleet_name_text_to_json(i->cfg));
}

/* Makes an instance as JSON has it. */
static json_t *row_to_json(const struct fleet_join *j, const struct fleet_row *r)
{
	const uint8_t *zone = atlas_zone(j->atlas), *node = fleet_join_node(j, r);
	char why[FLEET_JOIN_WHY_MAX];
	json_t *o = json_object();

	json_object_set_new(o, "instance", fleet_name_to_json(r->name, zone));
	json_object_set_new(o, "state", fleet_name_text_to_json(fleet_join_state(r)));
	json_object_set_new(o, "node", fleet_name_node_to_json(node, zone));
	json_object_set_new(o, "declared", json_boolean(r->spec != NULL));
	json_object_set_new(o, "assigned", assigned_to_json(r, zone));
	json_object_set_new(o, "registered", json_boolean(r->instance != NULL));
	json_object_set_new(
		o, "service",
		fleet_name_text_to_json(r->spec != NULL ? r->spec->service_name : NULL));
	json_object_set_new(o, "type",
			    fleet_name_text_to_json(r->spec != NULL	  ? r->spec->type
						    : r->instance != NULL ? r->instance->type
									  : NULL));
	registered_add(o, r->instance, zone);
	fleet_join_why(why, j, r);
	json_object_set_new(o, "why", why[0] == '\0' ? json_null() : fleet_name_text_to_json(why));
	return o;
}

/* ---- service list ---- */

/* Returns whether the first labels of a name are those of `first`, as weftd compares them. */
static bool is_begun_by(const char *name, const char *first)
{
	size_t n = strlen(first);

	return strncasecmp(name, first, n) == 0 && (name[n] == '\0' || name[n] == '.');
}

static bool is_wanted(const struct cli_options *options, const json_t *o)
{
	const struct {
		const char *wanted, *field;
	} filters[] = {{options->node, "node"}, {options->type, "type"}, {options->state, "state"}};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		const char *value = json_string_value(json_object_get(o, filters[i].field));

		if (filters[i].wanted != NULL &&
		    (value == NULL || !is_begun_by(value, filters[i].wanted)))
			return false;
	}
	return true;
}

/* What people are shown of an instance in a line. */
static json_t *line_of(const json_t *o)
{
	static const char *const fields[] = {"instance", "state", "node", "port",
					     "inc",	 "ver",	  "why"};
	json_t *line = json_object();

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		json_t *value = json_object_get(o, fields[i]);
		bool is_none = json_is_integer(value) && json_integer_value(value) == 0;

		json_object_set(line, fields[i], is_none ? json_null() : value);
	}
	return line;
}

int fleet_list_services(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args)
{
	json_t *services = json_array(), *lines = json_array(), *whole;
	struct fleet_zone z;
	struct fleet_join j;
	int status = fleet_zone_load(&z, options, nargs > 0 ? args[0] : options->zone);

	(void)command;
	if (status != CLI_OK)
		goto out;
	if (fleet_join_make(&j, z.atlas) < 0) {
		fleet_zone_close(&z);
		status = cli_fail(options, CLI_FAILURE, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < j.n; i++) {
		json_t *o = row_to_json(&j, &j.rows[i]);

		if (is_wanted(options, o)) {
			json_array_append(services, o);
			json_array_append_new(lines, line_of(o));
		}
		json_decref(o);
	}
	whole = json_pack("{s:o, s:I, s:O}", "zone",
			  fleet_name_to_json(atlas_zone(z.atlas), atlas_zone(z.atlas)), "serial",
			  (json_int_t)atlas_serial(z.atlas), "services", services);
	status = cli_output_result(options, options->is_json ? whole : lines);
	json_decref(whole);
	fleet_join_free(&j);
	fleet_zone_close(&z);
out:
	json_decref(services);
	json_decref(lines);
	return status;
}

/* ---- service show ---- */

/* Adds what the instance holds: `name` on a node, `resource` in the cluster. */
static void held_add(json_t *o, const struct atlas *a, const uint8_t *name)
{
	json_t *names = json_array(), *resources = json_array();
	size_t n;
	const struct atlas_held *held = atlas_held(a, &n);

	for (size_t i = 0; i < n; i++)
		if (held[i].by_name != NULL && dns_name_equal(held[i].by_name, name))
			json_array_append_new(held[i].node != NULL ? names : resources,
					      fleet_name_text_to_json(held[i].label));
	json_object_set_new(o, "names", names);
	json_object_set_new(o, "resources", resources);
}

static void uses_add(json_t *o, const struct atlas *a, const uint8_t *name)
{
	const uint8_t *zone = atlas_zone(a);
	json_t *uses = json_array(), *users = json_array();
	size_t n;
	const struct atlas_use *all = atlas_uses(a, &n);

	for (size_t i = 0; i < n; i++) {
		if (dns_name_equal(all[i].from, name))
			json_array_append_new(uses, fleet_name_to_json(all[i].to, zone));
		if (dns_name_equal(all[i].to, name))
			json_array_append_new(users, fleet_name_to_json(all[i].from, zone));
	}
	json_object_set_new(o, "uses", uses);
	json_object_set_new(o, "users", users);
}

static void events_add(json_t *o, const struct atlas *a, const uint8_t *name)
{
	json_t *list = json_array();
	const struct atlas_event *of[EVENTS_SHOWN];
	size_t n, nof = 0;
	const struct atlas_event *events = atlas_events(a, &n);

	while (n > 0 && nof < EVENTS_SHOWN)
		if (fleet_event_is_of(&events[--n], name, atlas_zone(a)))
			of[nof++] = &events[n];
	while (nof > 0)
		json_array_append_new(list, fleet_event_to_json(of[--nof]));
	json_object_set_new(o, "events", list);
}

/* Shows an instance to people: what is one value, then the lists, then the declaration. */
static int show(const struct cli_options *options, json_t *o)
{
	json_t *declaration = json_incref(json_object_get(o, "spec"));
	json_t *events = json_incref(json_object_get(o, "events")), *e, *lines = json_array();
	int status;
	size_t i;

	json_object_del(o, "spec");
	json_object_del(o, "events");
	status = cli_output_result(options, o);
	json_array_foreach(events, i, e) json_array_append_new(lines, fleet_event_line(e));
	if (status == CLI_OK && json_array_size(lines) > 0) {
		puts("\nevents");
		status = cli_output_result(options, lines);
	}
	if (status == CLI_OK && json_is_object(declaration)) {
		puts("\ndeclared");
		json_dumpf(declaration, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(declaration);
	json_decref(events);
	json_decref(lines);
	return status;
}

int fleet_list_show(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args)
{
	const struct fleet_row *r;
	struct fleet_zone z;
	struct fleet_join j;
	int status = fleet_zone_load(&z, options, options->zone);
	json_t *o;
	size_t n;

	(void)command;
	(void)nargs;
	if (status != CLI_OK)
		return status;
	if (fleet_join_make(&j, z.atlas) < 0) {
		fleet_zone_close(&z);
		return cli_fail(options, CLI_FAILURE, "out of memory");
	}
	n = fleet_join_find(&j, args[0], &r);
	if (n == 0) {
		status = cli_fail(options, CLI_FAILURE,
				  "there is no instance %s: see weft service list", args[0]);
	} else if (n > 1) {
		status = cli_fail(options, CLI_FAILURE,
				  "%zu instances are called %s: give the type too, as in "
				  "%s._http._tcp",
				  n, args[0], args[0]);
	} else {
		o = row_to_json(&j, r);
		held_add(o, z.atlas, r->name);
		uses_add(o, z.atlas, r->name);
		events_add(o, z.atlas, r->name);
		if (r->spec != NULL && r->spec->service != NULL)
			json_object_set_new(o, "spec", spec_json_of(r->spec->service));
		status = options->is_json ? cli_output_result(options, o) : show(options, o);
		json_decref(o);
	}
	fleet_join_free(&j);
	fleet_zone_close(&z);
	return status;
}
