/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "view/instance.h"

/* Makes rdata of character-strings, separated by '|' in `text`. */
static size_t txt(uint8_t *out, const char *strings)
{
	size_t n = 0;

	for (const char *p = strings; p != NULL;
	     p = strchr(p, '|') == NULL ? NULL : strchr(p, '|') + 1) {
		size_t length = strcspn(p, "|");

		out[n] = (uint8_t)length;
		memcpy(out + n + 1, p, length);
		n += 1 + length;
	}
	return n;
}

static void the_state_in_a_txt_counts_once_and_in_any_case(void **state)
{
	static const struct {
		const char *txt;
		enum dnssd_state state;
	} rows[] = {
		{"", DNSSD_UP},
		{"a=b", DNSSD_UP},
		{"state=up", DNSSD_UP},
		{"state=other", DNSSD_UP},
		{"state=starting", DNSSD_STARTING},
		{"a|STATE=Draining", DNSSD_DRAINING},
		{"state=failed", DNSSD_FAILED},
		{"state=failed|state=up", DNSSD_FAILED},
		{"state|state=failed", DNSSD_UP},
		{"xstate=failed", DNSSD_UP},
		{"state=failedx", DNSSD_UP},
		{"state=", DNSSD_UP},
	};
	struct kit_world w;
	uint8_t rdata[64];

	(void)state;
	kit_world_init(&w);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct zone_draft *d = zone_draft_new(w.zone);

		assert_int_equal(zone_draft_add(d, kit_name("web._http._tcp"), DNS_TYPE_TXT, 60,
						rdata, txt(rdata, rows[i].txt)),
				 1);
		assert_int_equal(view_instance_state(d, kit_name("web._http._tcp")), rows[i].state);
		zone_draft_abort(d);
	}
	kit_world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_state_in_a_txt_counts_once_and_in_any_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
