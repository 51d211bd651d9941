/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "view/instance.h"
#include "dnssd/kind.h"

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
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint8_t from[256], wanted[256], to[256];
		size_t nfrom = txt(from, rows[i][0]), nwanted = txt(wanted, rows[i][1]);

		assert_int_equal(dnssd_txt_set(to, sizeof(to), from, nfrom, "state", "x"), nwanted);
		assert_memory_equal(to, wanted, nwanted);
		/* What says it already stays. */
		assert_int_equal(dnssd_txt_set(from, sizeof(from), to, nwanted, "state", "x"),
				 nwanted);
		assert_memory_equal(from, wanted, nwanted);
		assert_int_equal(dnssd_txt_set(to, nwanted - 1, wanted, nwanted, "state", "x"), 0);
	}
}

static void what_a_txt_says_of_its_state_counts_once_and_in_any_case(void **state)
{
	static const struct {
		const char *txt;
		enum dnssd_state state;
	} rows[] = {
		{ "", DNSSD_UP }, { "a=b", DNSSD_UP }, { "state=up", DNSSD_UP }, { "state=other", DNSSD_UP },
		{ "state=starting", DNSSD_STARTING }, { "a|STATE=Draining", DNSSD_DRAINING }, { "state=failed", DNSSD_FAILED },
		{ "state=failed|state=up", DNSSD_FAILED }, { "state|state=failed", DNSSD_UP }, { "xstate=failed", DNSSD_UP },
		{ "state=failedx", DNSSD_UP }, { "state=", DNSSD_UP },
	};
	struct kit_world w;
	uint8_t rdata[64];

	(void)state;
	kit_world_init(&w);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct zone_draft *d = zone_draft_new(w.zone);

		assert_int_equal(zone_draft_add(d, kit_name("web._http._tcp"), DNS_TYPE_TXT, 60, rdata, txt(rdata, rows[i].txt)), 1);
		assert_int_equal(view_instance_state(d, kit_name("web._http._tcp")), rows[i].state);
		zone_draft_abort(d);
	}
	kit_world_fini(&w);
}

static void a_name_tells_what_it_is_for(void **state)
{
	static const struct {
		const char *name;
		enum dnssd_kind place;
	} rows[] = {
		{ "lab.cloud.", DNSSD_OTHER }, { "nodes", DNSSD_OTHER }, { "n1.nodes", DNSSD_NODE },
		{ "a.n1.NODES", DNSSD_NODE }, { "_http._tcp", DNSSD_TYPE }, { "_HTTP._UDP", DNSSD_TYPE },
		{ "_http._sctp", DNSSD_OTHER }, { "_services._dns-sd._udp", DNSSD_OTHER },
		{ "web._http._tcp", DNSSD_INSTANCE }, { "*._http._tcp", DNSSD_OTHER }, { "_x._http._tcp", DNSSD_OTHER },
		{ "My\\032Web\\.Server._http._tcp", DNSSD_INSTANCE }, { "x.web._http._tcp", DNSSD_OTHER },
		{ "_p._sub._http._tcp", DNSSD_SUBTYPE }, { "p._sub._http._tcp", DNSSD_SUBTYPE },
		{ "_suspect.web._http._tcp", DNSSD_REPORT }, { "_suspect._http._tcp", DNSSD_OTHER },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(dnssd_kind_of(kit_name(rows[i].name), kit_name("lab.cloud.")), rows[i].place);
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
