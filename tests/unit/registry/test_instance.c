/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "registry/instance.h"
#include "registry/place.h"

/* Character-strings in a row, '|' between them, as rdata. */
static size_t txt(uint8_t *out, const char *strings)
{
	size_t n = 0;

	for (const char *p = strings; p != NULL; p = strchr(p, '|') == NULL ? NULL : strchr(p, '|') + 1) {
		size_t length = strcspn(p, "|");

		out[n] = (uint8_t)length;
		memcpy(out + n + 1, p, length);
		n += 1 + length;
	}
	return n;
}

static void a_key_takes_the_place_of_what_it_said(void **state)
{
	static const char *const rows[][2] = {
		{ "", "state=x" },
		{ "a=b", "a=b|state=x" },
		{ "a=b|state=up|c=d", "a=b|state=x|c=d" },
		{ "STATE=up", "state=x" },
		{ "state", "state=x" },
		{ "state=", "state=x" },
		{ "state=up|state=failed", "state=x" },
		{ "states=up", "states=up|state=x" },
		{ "stat", "stat|state=x" },
		{ "a=b||c", "a=b|c|state=x" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint8_t from[256], wanted[256], to[256];
		size_t nfrom = txt(from, rows[i][0]), nwanted = txt(wanted, rows[i][1]);

		assert_int_equal(registry_instance_txt_set(to, sizeof to, from, nfrom, "state", "x"), nwanted);
		assert_memory_equal(to, wanted, nwanted);
		/* What says it already stays. */
		assert_int_equal(registry_instance_txt_set(from, sizeof from, to, nwanted, "state", "x"), nwanted);
		assert_memory_equal(from, wanted, nwanted);
		assert_int_equal(registry_instance_txt_set(to, nwanted - 1, wanted, nwanted, "state", "x"), 0);
	}
}

static void what_a_txt_says_of_its_state_counts_once_and_in_any_case(void **state)
{
	static const struct {
		const char *txt;
		enum registry_state state;
	} rows[] = {
		{ "", REGISTRY_UP }, { "a=b", REGISTRY_UP }, { "state=up", REGISTRY_UP }, { "state=other", REGISTRY_UP },
		{ "state=starting", REGISTRY_STARTING }, { "a|STATE=Draining", REGISTRY_DRAINING }, { "state=failed", REGISTRY_FAILED },
		{ "state=failed|state=up", REGISTRY_FAILED }, { "state|state=failed", REGISTRY_UP }, { "xstate=failed", REGISTRY_UP },
		{ "state=failedx", REGISTRY_UP }, { "state=", REGISTRY_UP },
	};
	struct kit_world w;
	uint8_t rdata[64];

	(void)state;
	kit_world_init(&w);
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct zone_draft *d = zone_draft_new(w.zone);

		assert_int_equal(zone_draft_add(d, kit_name("web._http._tcp"), DNS_TYPE_TXT, 60, rdata, txt(rdata, rows[i].txt)), 1);
		assert_int_equal(registry_instance_state(d, kit_name("web._http._tcp")), rows[i].state);
		zone_draft_abort(d);
	}
	kit_world_fini(&w);
}

static void a_name_tells_what_it_is_for(void **state)
{
	static const struct {
		const char *name;
		enum registry_place place;
	} rows[] = {
		{ "lab.cloud.", REGISTRY_ELSEWHERE }, { "nodes", REGISTRY_ELSEWHERE }, { "n1.nodes", REGISTRY_NODE },
		{ "a.n1.NODES", REGISTRY_NODE }, { "_http._tcp", REGISTRY_SERVICE }, { "_HTTP._UDP", REGISTRY_SERVICE },
		{ "_http._sctp", REGISTRY_ELSEWHERE }, { "_services._dns-sd._udp", REGISTRY_ELSEWHERE },
		{ "web._http._tcp", REGISTRY_INSTANCE }, { "*._http._tcp", REGISTRY_ELSEWHERE }, { "_x._http._tcp", REGISTRY_ELSEWHERE },
		{ "My\\032Web\\.Server._http._tcp", REGISTRY_INSTANCE }, { "x.web._http._tcp", REGISTRY_ELSEWHERE },
		{ "_p._sub._http._tcp", REGISTRY_SUBTYPE }, { "p._sub._http._tcp", REGISTRY_SUBTYPE },
		{ "_suspect.web._http._tcp", REGISTRY_REPORT }, { "_suspect._http._tcp", REGISTRY_ELSEWHERE },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(registry_place_of(kit_name(rows[i].name), kit_name("lab.cloud.")), rows[i].place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_takes_the_place_of_what_it_said),
		cmocka_unit_test(what_a_txt_says_of_its_state_counts_once_and_in_any_case),
		cmocka_unit_test(a_name_tells_what_it_is_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
