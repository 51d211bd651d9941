/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../mdns/lan_kit.h"
#include "advertise/twins.h"
#include "dns/name.h"
#include "mdns/table.h"

static const uint8_t web[] = "\3web\5_http\4_tcp\5local";

static void is_of(const char *label, const char *original)
{
	uint8_t name[DNS_NAME_MAX], out[DNS_NAME_MAX];
	size_t n = strlen(label);

	name[0] = (uint8_t)n;
	memcpy(name + 1, label, n);
	memcpy(name + 1 + n, web + 4, sizeof(web) - 4);
	assert_int_equal(advertise_twins_original(out, name), original != NULL);
	if (original == NULL)
		return;
	assert_int_equal(out[0], strlen(original));
	assert_memory_equal(out + 1, original, out[0]);
	assert_memory_equal(out + 1 + out[0], web + 4, sizeof(web) - 4);
}

static void what_daemons_make_of_a_taken_name_is_an_alternative(void **state)
{
	(void)state;
	is_of("web #2", "web");
	is_of("web (2)", "web");
	is_of("web #123456789012345678901234567890", "web");
	is_of("web (2) #3", "web (2)");
	is_of("web", NULL);
	is_of("web2", NULL);
	is_of("web-2", NULL);
	is_of("web 2", NULL);
	is_of("web#2", NULL);
	is_of("web #", NULL);
	is_of("web ()", NULL);
	is_of("web 2)", NULL);
	is_of("web #2)", NULL);
	is_of("web (2", NULL);
	is_of(" #2", NULL);
	is_of("#2", NULL);
	is_of("2", NULL);
	is_of(")", NULL);
}

static void each_name_has_a_bit_of_its_own(void **state)
{
	uint8_t name[DNS_NAME_MAX], out[DNS_NAME_MAX];

	(void)state;
	for (unsigned i = 0; i < ADVERTISE_TWINS_MAX; i++) {
		assert_true(advertise_twins_name(name, web, i));
		assert_true(advertise_twins_original(out, name));
		assert_true(dns_name_equal(out, web));
		assert_int_equal(advertise_twins_bit(web, name), UINT32_C(1) << i);
	}
	assert_int_equal(advertise_twins_bit(web, web), 0);
	assert_int_equal(advertise_twins_bit(web, (const uint8_t *)"\6web #1\5_http\4_tcp\5local"),
			 0);
	assert_int_equal(advertise_twins_bit(web, (const uint8_t *)"\7web #18\5_http\4_tcp\5local"),
			 0);
}

static void a_long_name_has_no_longer_one(void **state)
{
	uint8_t name[DNS_NAME_MAX], out[DNS_NAME_MAX];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[0] = 60;
	name[61] = 0;
	assert_true(advertise_twins_name(out, name, 0));
	assert_false(advertise_twins_name(out, name, 1));
	name[0] = 63;
	name[64] = 0;
	assert_false(advertise_twins_name(out, name, 0));
}

static void those_that_are_seen_are_resolved_a_few_at_a_time(void **state)
{
	struct advertise_twins t = {0};
	struct mdns_table own;
	char text[64];

	(void)state;
	mdns_table_init(&own, 42);
	assert_false(advertise_twins_next(&t, NULL, web, &own));
	for (unsigned i = 2; i < 8; i++) {
		snprintf(text, sizeof(text), "web\\032#%u._http._tcp.local.", i);
		lan_kit_see(text, 0, NULL, NULL, NULL);
	}
	assert_true(advertise_twins_next(&t, NULL, web, &own));
	assert_int_equal(lan_kit_nfollowed(), ADVERTISE_TWINS_RESOLVED_MAX);
	assert_true(lan_kit_resolves("web\\032#2._http._tcp.local."));
	assert_true(advertise_twins_next(&t, NULL, web, &own));
	assert_int_equal(lan_kit_nfollowed(), 2);
	assert_true(lan_kit_resolves("web\\032#7._http._tcp.local."));
	advertise_twins_find(&t, NULL, web, t.resolving & -t.resolving);
	assert_int_equal(lan_kit_nfollowed(), 1);
	advertise_twins_stop(&t, NULL, web);
	assert_int_equal(lan_kit_nfollowed(), 0);
	mdns_table_fini(&own);
	lan_kit_reset();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_daemons_make_of_a_taken_name_is_an_alternative),
		cmocka_unit_test(each_name_has_a_bit_of_its_own),
		cmocka_unit_test(a_long_name_has_no_longer_one),
		cmocka_unit_test(those_that_are_seen_are_resolved_a_few_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
