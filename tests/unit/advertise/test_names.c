/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "../memory.h"
#include "advertise/names.h"

static char folder[FOLDER_PATH_MAX];

static int begin(void **state)
{
	(void)state;
	folder_make(folder, "names");
	return 0;
}

static int end(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static const uint8_t *name_of(const char *text)
{
	static uint8_t names[2][DNS_NAME_MAX];
	static unsigned turn;

	assert_true(dns_name_from_text(names[++turn % 2], text, strlen(text), NULL) > 0);
	return names[turn % 2];
}

static struct advertise_names *open_names(void)
{
	struct advertise_names *n = advertise_names_open(folder, 42);

	assert_non_null(n);
	return n;
}

static bool has(const struct advertise_names *n, const char *name, const char *lan_name)
{
	const uint8_t *found = advertise_names_find(n, name_of(name));

	return found != NULL && dns_name_equal(found, name_of(lan_name));
}

static void names_of_any_octets_survive(void **state)
{
	struct advertise_names *n = open_names();
	uint8_t name[] = {5, 0, '\n', 0xff, ' ', '#', 1, '\\', 3, 'l', 'a', 'b', 0};

	(void)state;
	assert_null(advertise_names_find(n, name));
	assert_int_equal(advertise_names_set(n, name, name_of("b\\.\\032(2)._http._tcp.local.")),
			 0);
	assert_int_equal(advertise_names_set(n, name_of("Web.lab."), name_of("a.local.")), 0);
	assert_int_equal(advertise_names_set(n, name_of("WEB.lab."), name_of("web-2.local.")), 0);
	advertise_names_close(n);
	n = open_names();
	assert_true(dns_name_equal(advertise_names_find(n, name),
				   name_of("b\\.\\032(2)._http._tcp.local.")));
	assert_true(has(n, "web.LAB.", "web-2.local."));
	advertise_names_close(n);
}

static void what_a_crash_left_is_removed(void **state)
{
	char path[FOLDER_PATH_MAX + 32];
	struct advertise_names *n;

	(void)state;
	folder_write(folder, "bridge-names", "a.lab. a-2.local.\n");
	folder_write(folder, "bridge-names.new", "a.lab. a-3.lo");
	n = open_names();
	assert_true(has(n, "a.lab.", "a-2.local."));
	snprintf(path, sizeof(path), "%s/bridge-names.new", folder);
	assert_int_equal(access(path, F_OK), -1);
	advertise_names_close(n);
}

static void damaged_lines_are_ignored(void **state)
{
	char text[8192] = "# comment\na.lab. a-2.local.\n\nb.lab.\nc.lab c-2.local.\n. d.local.\n"
			  "e..lab. e.local.\nf.lab. f.local. g.local.\n\\300.lab. h.local.\n";
	struct advertise_names *n;

	(void)state;
	memset(text + strlen(text), 'x', 5000);
	strcat(text, "\ni.lab. i-2.local.\nj.lab. j-2.local.");
	folder_write(folder, "bridge-names", text);
	n = open_names();
	assert_true(has(n, "a.lab.", "a-2.local."));
	assert_true(has(n, "i.lab.", "i-2.local."));
	for (const char *c = "bcdefghj"; *c != '\0'; c++) {
		char name[] = {*c, '.', 'l', 'a', 'b', '.', '\0'};

		assert_null(advertise_names_find(n, name_of(name)));
	}
	advertise_names_close(n);
}

static void the_oldest_names_are_forgotten(void **state)
{
	struct advertise_names *n = open_names();
	char name[32];

	(void)state;
	for (unsigned i = 0; i <= ADVERTISE_NAMES_MAX + 1; i++) {
		snprintf(name, sizeof(name), "n%u.lab.", i);
		assert_int_equal(advertise_names_set(n, name_of(name), name_of("x.local.")), 0);
		if (i == 100)
			advertise_names_set(n, name_of("n0.lab."), name_of("y.local."));
	}
	assert_true(has(n, "n0.lab.", "y.local."));
	assert_null(advertise_names_find(n, name_of("n1.lab.")));
	assert_null(advertise_names_find(n, name_of("n2.lab.")));
	advertise_names_close(n);
	n = open_names();
	assert_true(has(n, "n0.lab.", "y.local."));
	assert_true(has(n, "n3.lab.", "x.local."));
	advertise_names_close(n);
}

static void what_cannot_be_written_is_written_later(void **state)
{
	struct advertise_names *n;

	(void)state;
	folder_remove(folder);
	n = open_names();
	assert_int_equal(advertise_names_set(n, name_of("a.lab."), name_of("a-2.local.")), 0);
	advertise_names_save(n);
	assert_int_equal(mkdir(folder, 0700), 0);
	advertise_names_save(n);
	advertise_names_close(n);
	n = open_names();
	assert_true(has(n, "a.lab.", "a-2.local."));
	advertise_names_close(n);
}

static void short_memory_changes_nothing(void **state)
{
	bool has_failed = true;

	(void)state;
	folder_write(folder, "bridge-names", "a.lab. a-2.local.\n");
	for (int i = 0; has_failed; i++) {
		struct advertise_names *n;

		memory_fail_after(i);
		n = advertise_names_open(folder, 42);
		if (n != NULL && advertise_names_set(n, name_of("b.lab."), name_of("c.local.")) < 0)
			assert_null(advertise_names_find(n, name_of("b.lab.")));
		has_failed = memory_has_failed();
		memory_fail_after(MEMORY_ENOUGH);
		if (n != NULL)
			assert_true(has(n, "a.lab.", "a-2.local."));
		advertise_names_close(n);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_of_any_octets_survive),
		TEST(what_a_crash_left_is_removed),
		TEST(damaged_lines_are_ignored),
		TEST(the_oldest_names_are_forgotten),
		TEST(what_cannot_be_written_is_written_later),
		TEST(short_memory_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
