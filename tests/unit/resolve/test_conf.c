/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/address.h"
#include "resolve/conf.h"

static const char *servers(const struct resolve_conf *r)
{
	static char text[256];
	char one[BASE_ADDRESS_TEXT_MAX];

	text[0] = '\0';
	for (size_t i = 0; i < r->nservers; i++) {
		strcat(text, base_address_to_text(one, (const struct sockaddr *)&r->servers[i]));
		strcat(text, " ");
	}
	return text;
}

static void a_file_is_read_as_the_c_library_reads_it(void **state)
{
	static const struct {
		const char *text, *servers, *search;
	} cases[] = {
		{"nameserver 192.0.2.1\nsearch lab.cloud example.com\nnameserver\t2001:db8::1 \n",
		 "192.0.2.1@53 2001:db8::1@53 ", "lab.cloud."},
		{"# nameserver 192.0.2.9\n;x\noptions edns0\nnameserver nonsense\n",
		 "127.0.0.1@53 ", "."},
		{"domain a.example\nsearch b.example.\n", "127.0.0.1@53 ", "b.example."},
		{"nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
		 "nameserver 192.0.2.4\nsearch ..\n",
		 "192.0.2.1@53 192.0.2.2@53 192.0.2.3@53 ", "."},
		{"nameserver", "127.0.0.1@53 ", "."},
	};
	char path[] = "/tmp/test_resolv.XXXXXX", name[DNS_NAME_TEXT_MAX];
	struct resolve_conf r;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, cases[i].text, strlen(cases[i].text), 0),
				 strlen(cases[i].text));
		assert_int_equal(resolve_conf_read(&r, path), 0);
		assert_string_equal(servers(&r), cases[i].servers);
		dns_name_to_text(name, r.search);
		assert_string_equal(name, cases[i].search);
	}
	close(fd);
	unlink(path);
	assert_int_equal(resolve_conf_read(&r, path), 0);
	assert_string_equal(servers(&r), "127.0.0.1@53 ");
	assert_int_equal(resolve_conf_read(&r, "/"), -EIO);
}

static void all_search_domains_are_read_up_to_a_limit(void **state)
{
	static const char text[] = "search x\nsearch a b .. c.d. e f g h\n";
	char path[] = "/tmp/test_resolv.XXXXXX", name[DNS_NAME_TEXT_MAX], all[100] = "";
	struct resolve_conf r;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(resolve_conf_read(&r, path), 0);
	for (size_t i = 0; i < r.nsearches; i++) {
		dns_name_to_text(name, r.searches[i]);
		strcat(strcat(all, name), " ");
	}
	assert_string_equal(all, "a. b. c.d. e. f. g. ");
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_as_the_c_library_reads_it),
		cmocka_unit_test(all_search_domains_are_read_up_to_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
