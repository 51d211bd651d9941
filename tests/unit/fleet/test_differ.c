/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* An agent of n1 that runs web-1, as its zone has it; then one thing is different. */

#include <jansson.h>

#include "../atlas/zone_made.h"
#include "atlas/atlas.h"
#include "dns/type.h"
#include "fleet/differ.h"
#include "fleet/join.h"

static const char status_json[] = "{\"node\": \"n1\", \"boot\": \"b\", \"error\": null, "
				  "\"addresses\": [\"192.0.2.1\"]}";
static const char web_json[] =
	"{\"instances\": [{\"instance\": \"web-1._http._tcp.lab.cloud\", \"state\": \"up\", "
	"\"pid\": 7, \"inc\": 3, \"id\": \"i\", \"port\": 80, \"cfg\": \"c\", \"ver\": null, "
	"\"registered\": true, \"name\": \"web\", \"resources\": [\"disk\"], "
	"\"uses\": [{\"name\": \"db\", \"address\": \"192.0.2.2:5\"}]}]}";

/* What is left out of the zone, or is different in it. */
enum change {
	NOTHING,
	NODE,
	BOOT,
	ADDRESS,
	ASSIGNMENT,
	REGISTRATION,
	TARGET,
	STATE,
	INC,
	PORT,
	CFG,
	NAME,
	PID,
	RESOURCE,
	USES,
};

static void zone_make(enum change change)
{
	uint8_t *address;

	zone_made_clear();
	address = zone_made_record("n1.nodes", DNS_TYPE_A, 4);
	memcpy(address, change == ADDRESS ? "\300\0\2\11" : "\300\0\2\1", 4);
	if (change != NODE)
		zone_made_txt("n1.nodes", change == BOOT ? "state=up boot=x" : "state=up boot=b");
	if (change != ASSIGNMENT)
		zone_made_ptr("_runs.n1.nodes", "web-1._http._tcp");
	if (change != REGISTRATION)
		zone_made_srv("web-1._http._tcp", change == PORT ? 81 : 80,
			      change == TARGET ? "n2.nodes" : "n1.nodes");
	zone_made_txt("web-1._http._tcp", change == STATE ? "id=i inc=3 state=failed cfg=c"
					  : change == INC ? "id=i inc=2 state=up cfg=c"
					  : change == CFG ? "id=i inc=3 state=up"
							  : "id=i inc=3 state=up cfg=c");
	if (change != NAME)
		zone_made_txt("web._names.n1.nodes", change == PID ? "by=web-1._http._tcp pid=8"
								   : "by=web-1._http._tcp pid=7");
	if (change != RESOURCE)
		zone_made_txt("disk._resources", "by=web-1._http._tcp");
	if (change != USES)
		zone_made_ptr("_uses.web-1._http._tcp", "db-1._db._tcp");
}

/* Compares, and returns the differences as lines. */
static const char *differences(const char *services_json)
{
	static char text[2000];
	json_t *status = json_loads(status_json, 0, NULL), *found, *one;
	json_t *services = json_loads(services_json, 0, NULL);
	struct atlas *atlas = zone_made_atlas();
	struct fleet_join join;
	size_t i, n = 0;

	assert_non_null(services);
	assert_int_equal(fleet_join_make(&join, atlas), 0);
	found = fleet_differ_find(&join, status, services);
	text[0] = '\0';
	json_array_foreach(found, i, one) n +=
		(size_t)snprintf(text + n, sizeof(text) - n, "%s: %s\n",
				 json_string_value(json_object_get(one, "of")),
				 json_string_value(json_object_get(one, "what")));
	json_decref(found);
	fleet_join_free(&join);
	atlas_free(atlas);
	json_decref(services);
	json_decref(status);
	return text;
}

static void each_difference_is_found(void **state)
{
	static const char *const lines[] = {
		[NOTHING] = "",
		[NODE] = "n1: the node is not registered\n",
		[BOOT] = "n1: the node is registered with another boot\n",
		[ADDRESS] = "n1: the node's address 192.0.2.1 is not registered\n",
		[ASSIGNMENT] = "web-1._http._tcp: runs, but is not assigned to n1\n",
		[REGISTRATION] = "web-1._http._tcp: is up, but is not registered\n",
		[TARGET] = "web-1._http._tcp: runs, but is registered by n2\n",
		[STATE] = "web-1._http._tcp: state is up, but failed in its record\n",
		[INC] = "web-1._http._tcp: inc is 3, but 2 in its record\n",
		[PORT] = "web-1._http._tcp: port is 80, but 81 in its record\n",
		[CFG] = "web-1._http._tcp: cfg is c, and is not in its record\n",
		[NAME] = "web-1._http._tcp: holds the name web, which has no record of it\n",
		[PID] = "web-1._http._tcp: pid is 7, but 8 in its record\n",
		[RESOURCE] = "web-1._http._tcp: holds the resource disk, which has no record of "
			     "it\n",
		[USES] = "web-1._http._tcp: uses 1 instances, but has 0 records of that\n",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		zone_make((enum change)i);
		assert_string_equal(differences(web_json), lines[i]);
	}
}

static void what_the_agent_does_not_have_is_found(void **state)
{
	(void)state;
	zone_make(NOTHING);
	zone_made_srv("tool._x._tcp", 1, "n1.nodes"); /* not declared: a program's own */
	assert_string_equal(
		differences("{\"instances\": []}"),
		"web-1._http._tcp: is assigned to n1, but the agent does not have it\n"
		"web._names.n1.nodes: is held by web-1._http._tcp, which does not run here with "
		"it\n");
	zone_make(ASSIGNMENT);
	zone_made_json("_spec.web-1._http._tcp",
		       "{\"name\":\"web\",\"run\":[\"x\"],\"type\":\"_http._tcp\"}");
	assert_non_null(strstr(differences("{\"instances\": []}"),
			       "is registered for n1, but the agent does not have it"));
}

static void what_has_stopped_need_not_be_registered(void **state)
{
	static const char stopped[] =
		"{\"instances\": [{\"instance\": \"web-1._http._tcp.lab.cloud\", \"state\": "
		"\"failed\", \"inc\": 0, \"registered\": false, \"name\": null, \"resources\": "
		"[], \"uses\": []}]}";

	(void)state;
	zone_made_clear();
	zone_made_txt("n1.nodes", "state=up boot=b");
	memcpy(zone_made_record("n1.nodes", DNS_TYPE_A, 4), "\300\0\2\1", 4);
	zone_made_ptr("_runs.n1.nodes", "web-1._http._tcp");
	zone_made_srv("web-1._http._tcp", 80, "n2.nodes");
	assert_string_equal(differences(stopped), "");
}

static void an_answer_that_is_not_one_differs(void **state)
{
	(void)state;
	zone_make(NOTHING);
	assert_non_null(strstr(differences("{\"instances\": [{}, 5, {\"instance\": \"a..b\"}]}"),
			       "a..b: is not in the zone\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_difference_is_found),
		cmocka_unit_test(what_the_agent_does_not_have_is_found),
		cmocka_unit_test(what_has_stopped_need_not_be_registered),
		cmocka_unit_test(an_answer_that_is_not_one_differs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
