/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/address.h"
#include "find/route.h"

enum { MOST = 8 };

/* A host's own addresses; "": it has none of the family. */
struct host {
	const char *v4, *v6, *v6_local;
	unsigned nasked;
};

static bool source_find(void *arg, const struct sockaddr *to, struct sockaddr_storage *source)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)to;
	struct host *host = arg;
	const char *text = host->v4;

	host->nasked++;
	if (to->sa_family == AF_INET6)
		text = (v6->sin6_addr.s6_addr[0] & 0xfe) == 0xfc ? host->v6_local : host->v6;
	return base_address_from_text(source, text, 1) == 0;
}

static void addresses_are_in_order(void **state)
{
	static const struct {
		struct host host;
		const char *given[MOST], *wanted[MOST];
	} cases[] = {
		/* by turns of both families, IPv6 first (RFC 8305 section 4) */
		{{"192.0.2.1", "2001:db8::1", "", 0},
		 {"198.51.100.1", "198.51.100.2", "2001:db8:1::1", "2001:db8:2::1"},
		 {"2001:db8:1::1", "198.51.100.1", "2001:db8:2::1", "198.51.100.2"}},
		/* without IPv6 its addresses are last */
		{{"192.0.2.1", "", "", 0},
		 {"2001:db8:1::1", "198.51.100.1", "2001:db8:2::1", "198.51.100.2"},
		 {"198.51.100.1", "198.51.100.2", "2001:db8:1::1", "2001:db8:2::1"}},
		/* and without IPv4 these */
		{{"", "2001:db8::1", "", 0},
		 {"198.51.100.1", "2001:db8:1::1", "198.51.100.2", "2001:db8:2::1"},
		 {"2001:db8:1::1", "2001:db8:2::1", "198.51.100.1", "198.51.100.2"}},
		/* without any the order is as it was, by turns */
		{{"", "", "", 0},
		 {"198.51.100.1", "2001:db8:1::1"},
		 {"2001:db8:1::1", "198.51.100.1"}},
		/* rule 9: the longest matching prefix, of IPv6 */
		{{"192.0.2.1", "2001:db8:7::1", "", 0},
		 {"2001:db8:1::1", "2001:db8:7:2::1", "2001:db8:6::1"},
		 {"2001:db8:7:2::1", "2001:db8:6::1", "2001:db8:1::1"}},
		/* rule 9 is not for IPv4: the order of the server remains */
		{{"192.0.2.1", "", "", 0},
		 {"198.51.100.1", "192.0.2.9", "192.0.3.1"},
		 {"198.51.100.1", "192.0.2.9", "192.0.3.1"}},
		/* rules 5 and 6: labels match, unique local is not preferred to global */
		{{"192.0.2.1", "2001:db8::1", "fd00::1", 0},
		 {"fd00::9", "2001:db8::9"},
		 {"2001:db8::9", "fd00::9"}},
		/* rule 5: 6to4 from a native address comes after native and after IPv4 */
		{{"192.0.2.1", "2001:db8::1", "", 0},
		 {"2002:c000:201::1", "198.51.100.1", "2001:db8::9"},
		 {"2001:db8::9", "198.51.100.1", "2002:c000:201::1"}},
		/* one alone */
		{{"", "", "", 0}, {"198.51.100.1"}, {"198.51.100.1"}},
		{{"", "", "", 0}, {0}, {0}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct host host = cases[i].host;
		struct find_routes routes = {.find = source_find, .arg = &host};
		struct sockaddr_storage all[MOST];
		char text[BASE_ADDRESS_TEXT_MAX], wanted[BASE_ADDRESS_TEXT_MAX];
		size_t n = 0;

		for (; cases[i].given[n] != NULL; n++)
			assert_int_equal(base_address_from_text(&all[n], cases[i].given[n], 80), 0);
		find_route_order(&routes, all, n, 1);
		for (size_t k = 0; k < n; k++) {
			snprintf(wanted, sizeof(wanted), "%s@80", cases[i].wanted[k]);
			assert_string_equal(
				base_address_to_text(text, (const struct sockaddr *)&all[k]),
				wanted);
		}
	}
}

static void a_network_is_asked_about_once_in_a_while(void **state)
{
	struct host host = {.v4 = "192.0.2.1"};
	struct find_routes routes = {.find = source_find, .arg = &host};
	struct sockaddr_storage all[3];

	(void)state;
	assert_int_equal(base_address_from_text(&all[0], "198.51.100.1", 80), 0);
	assert_int_equal(base_address_from_text(&all[1], "198.51.100.2", 80), 0);
	assert_int_equal(base_address_from_text(&all[2], "198.51.100.3", 81), 0);
	find_route_order(&routes, all, 3, 1000);
	find_route_order(&routes, all, 3, 1000 + FIND_ROUTE_MS - 1);
	assert_int_equal(host.nasked, 1);
	find_route_order(&routes, all, 3, 1000 + FIND_ROUTE_MS);
	assert_int_equal(host.nasked, 2);
}

static void the_system_has_a_route_to_itself(void **state)
{
	struct sockaddr_storage to, source;
	char text[BASE_ADDRESS_TEXT_MAX];

	(void)state;
	assert_int_equal(base_address_from_text(&to, "127.0.0.1", 9), 0);
	assert_true(find_route_system(NULL, (const struct sockaddr *)&to, &source));
	base_address_to_text(text, (const struct sockaddr *)&source);
	assert_memory_equal(text, "127.0.0.1@", 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_in_order),
		cmocka_unit_test(a_network_is_asked_about_once_in_a_while),
		cmocka_unit_test(the_system_has_a_route_to_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
