/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "setup/snippet.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/address.h"

static char why[SETUP_WHY_MAX];

static void zones_are_written_in_lower_case_without_final_dot(void **state)
{
	struct setup_wish w = {0};

	(void)state;
	assert_int_equal(setup_wish_add_zone(&w, "LAB.cloud.", why), 0);
	assert_int_equal(setup_wish_add_zone(&w, "local_cluster", why), 0);
	assert_int_equal(w.nzones, 2);
	assert_string_equal(w.zones[0], "lab.cloud");
	assert_string_equal(w.zones[1], "local_cluster");
}

static void names_that_configuration_files_may_take_for_something_else_are_refused(void **state)
{
	static const char *const names[] = {
		".",   "",	"a..b",	    "a b", "a\"b", "a\nb", "a\\010b", "a/b",	 "a#b",
		"*.a", "a\\.b", "\303\251", "a;b", "a%b",  "$(a)", "a'b",     "a\\000b", "~a",
	};
	struct setup_wish w = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(setup_wish_add_zone(&w, names[i], why), -EINVAL);
		assert_int_equal(w.nzones, 0);
	}
}

static void the_longest_name_has_room_and_too_many_do_not(void **state)
{
	char name[256] = "";
	struct setup_wish w = {0};

	(void)state;
	for (int i = 0; i < 127; i++)
		strcat(name, i == 0 ? "a" : ".a");
	while (w.nzones < SETUP_ZONES_MAX) {
		assert_int_equal(setup_wish_add_zone(&w, name, why), 0);
		assert_string_equal(w.zones[w.nzones - 1], name);
	}
	assert_int_equal(setup_wish_add_zone(&w, "a", why), -EINVAL);
}

static void a_prefix_has_the_reverse_zone_of_its_labels(void **state)
{
	static const struct {
		const char *prefix, *zone; /* NULL: refused */
	} cases[] = {
		{"10.0.0.0/8", "10.in-addr.arpa"},
		{"192.0.2.0/24", "2.0.192.in-addr.arpa"},
		{"192.0.2.7", "7.2.0.192.in-addr.arpa"},
		{"2001:db8::/32", "8.b.d.0.1.0.0.2.ip6.arpa"},
		{"2001:db8:f000::/36", "f.8.b.d.0.1.0.0.2.ip6.arpa"},
		{"::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa"},
		{"192.0.2.0/25", NULL},
		{"0.0.0.0/0", NULL},
		{"::/0", NULL},
		{"2001:db8::/33", NULL},
		{"192.0.2.1/24", NULL},
		{"a", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct setup_wish w = {0};
		int ret = setup_wish_add_reverse(&w, cases[i].prefix, why);

		assert_int_equal(ret, cases[i].zone != NULL ? 0 : -EINVAL);
		if (ret == 0)
			assert_string_equal(w.zones[0], cases[i].zone);
	}
}

static int registry_add(struct setup_wish *w, const char *address, const char *host)
{
	struct sockaddr_storage ss;

	assert_int_equal(base_address_from_text(&ss, address, 53), 0);
	return setup_wish_add_registry(w, &ss, host, why);
}

static void hosts_are_comments_unless_they_could_be_more(void **state)
{
	struct setup_wish w = {0};
	struct setup_snippet s;

	(void)state;
	assert_int_equal(setup_wish_add_zone(&w, "lab.cloud", why), 0);
	assert_int_equal(registry_add(&w, "192.0.2.1@5300", "ns.lab.cloud"), 0);
	assert_int_equal(registry_add(&w, "192.0.2.2", "a\nserver=/x/"), 0);
	for (int r = 0; r < SETUP_RESOLVERS; r++) {
		assert_int_equal(setup_snippet_init(&s, (enum setup_resolver)r, &w), 0);
		assert_non_null(strstr(s.files[0].text,
				       "# 192.0.2.1 is ns.lab.cloud, as this was made.\n"));
		assert_null(strstr(s.files[0].text, "/x/"));
		setup_snippet_fini(&s);
	}
}

static void there_is_room_for_sixteen_registries(void **state)
{
	struct setup_wish w = {0};

	(void)state;
	while (w.nregistries < SETUP_REGISTRIES_MAX)
		assert_int_equal(registry_add(&w, "::1", ""), 0);
	assert_int_equal(registry_add(&w, "::1", ""), -EINVAL);
}

static void every_file_is_ours_and_has_a_place(void **state)
{
	struct setup_wish w = {0};
	struct setup_snippet s;

	(void)state;
	assert_int_equal(setup_wish_add_zone(&w, "lab.cloud", why), 0);
	assert_int_equal(registry_add(&w, "192.0.2.1", ""), 0);
	for (int r = 0; r < SETUP_RESOLVERS; r++) {
		const char *name = setup_resolver_name((enum setup_resolver)r);

		assert_int_equal(setup_resolver_from_name(name), r);
		assert_int_equal(setup_snippet_init(&s, (enum setup_resolver)r, &w), 0);
		assert_true(s.nfiles > 0 && s.nreload > 0);
		for (size_t i = 0; i < s.nfiles; i++) {
			assert_int_equal(s.files[i].path[0], '/');
			assert_non_null(strstr(s.files[i].path, "weft-lab.cloud"));
			assert_true(setup_snippet_is_ours(s.files[i].text));
		}
		setup_snippet_fini(&s);
	}
	assert_int_equal(setup_resolver_from_name("bind"), SETUP_RESOLVERS);
	assert_false(setup_snippet_is_ours(""));
	assert_false(setup_snippet_is_ours("# mine\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_are_written_in_lower_case_without_final_dot),
		cmocka_unit_test(
			names_that_configuration_files_may_take_for_something_else_are_refused),
		cmocka_unit_test(the_longest_name_has_room_and_too_many_do_not),
		cmocka_unit_test(a_prefix_has_the_reverse_zone_of_its_labels),
		cmocka_unit_test(hosts_are_comments_unless_they_could_be_more),
		cmocka_unit_test(there_is_room_for_sixteen_registries),
		cmocka_unit_test(every_file_is_ours_and_has_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
