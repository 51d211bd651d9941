/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/hosts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../folder.h"
#include "base/address.h"
#include "dns/name.h"

static void names_and_aliases_are_found(void **state)
{
	static const struct {
		const char *host, *addresses;
	} cases[] = {
		{"a.example", "192.0.2.1@7 2001:db8::1@7 "},
		{"A.Example", "192.0.2.1@7 2001:db8::1@7 "},
		{"alias", "192.0.2.1@7 "},
		{"comment", ""},
		{"192.0.2.1", ""},
		{"broken", ""},
		{"last", "192.0.2.9@7 "},
		{"localhost", "::1@7 127.0.0.1@7 "},
	};
	char folder[FOLDER_PATH_MAX], path[FOLDER_PATH_MAX + 8];

	(void)state;
	folder_make(folder, "hosts");
	folder_write(folder, "hosts",
		     "# comment\n\n192.0.2.1 \t a.example. alias #comment\n2001:db8::1 a.example\n"
		     "300.0.0.1 broken\n192.0.2.2@9 broken\n192.0.2.3\nx broken\n192.0.2.9 last");
	snprintf(path, sizeof(path), "%s/hosts", folder);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sockaddr_storage found[4];
		char text[200] = "", one[BASE_ADDRESS_TEXT_MAX];
		uint8_t name[DNS_NAME_MAX];
		size_t n;

		assert_true(dns_name_from_text(name, cases[i].host, strlen(cases[i].host), NULL) >
			    0);
		n = locate_hosts_find(found, 4, path, name, 7);
		for (size_t k = 0; k < n; k++) {
			strcat(text, base_address_to_text(one, (struct sockaddr *)&found[k]));
			strcat(text, " ");
		}
		assert_string_equal(text, cases[i].addresses);
		assert_true(locate_hosts_find(found, 1, path, name, 7) <= 1);
	}
	folder_remove(folder);
	assert_int_equal(locate_hosts_find(&(struct sockaddr_storage){0}, 1, path,
					   (const uint8_t *)"\1a", 7),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_aliases_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
