/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "assign/copies.h"
#include "dns/name.h"

static char folder[FOLDER_PATH_MAX];
static struct assign_copies *copies;
static char seen[4096];	    /* what was found */
static char reported[2048]; /* the last report */
static unsigned nreports;
static int answer; /* to what is found */

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	assert_int_equal(level, BASE_LOG_ERROR);
	nreports++;
	snprintf(reported, sizeof(reported), "%s: %s", error->at.file + strlen(folder) + 1,
		 error->text);
}

static int on_found(void *arg, const uint8_t *name, const char *json, size_t nchars,
		    struct base_error *error)
{
	char text[DNS_NAME_TEXT_MAX];
	size_t n = strlen(seen);

	(void)arg;
	dns_name_to_text(text, name);
	snprintf(seen + n, sizeof(seen) - n, "%s=%.*s ", text, (int)nchars, json);
	return answer == 0 ? 0 : base_error_set(error, answer, "it is not wanted");
}

static void open_copies(void)
{
	struct base_error error;

	assert_int_equal(assign_copies_open(&copies, folder, on_report, NULL, &error), 0);
	seen[0] = reported[0] = '\0';
	nreports = 0;
	answer = 0;
}

static const uint8_t *name_of(const char *text)
{
	static uint8_t name[DNS_NAME_MAX];

	assert_true(dns_name_from_text(name, text, strlen(text), NULL) > 0);
	return name;
}

static void save(const char *name, const char *json)
{
	assign_copies_save(copies, name_of(name), json, true);
}

static int setup(void **state)
{
	(void)state;
	folder_make(folder, "copies");
	open_copies();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assign_copies_close(copies);
	folder_remove(folder);
	return 0;
}

static unsigned nfiles(void)
{
	DIR *dir = opendir(folder);
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n - 2;
}

static void what_was_saved_last_is_found(void **state)
{
	(void)state;
	assert_int_equal(assign_copies_load(copies, on_found, NULL), 0);
	assert_string_equal(seen, "");
	save("Web-1._http._tcp.lab", "{\"a\":1}");
	save("web-1._http._tcp.lab", "{\"a\":2}\n\n");
	assert_int_equal(assign_copies_load(copies, on_found, NULL), 0);
	assert_string_equal(seen, "web-1._http._tcp.lab.={\"a\":2}\n\n ");
	assign_copies_remove(copies, name_of("WEB-1._http._tcp.lab"));
	assign_copies_remove(copies, name_of("web-1._http._tcp.lab"));
	assert_int_equal(nfiles(), 0);
	assert_int_equal(nreports, 0);
}

/* Names are as long as they can be, and have any octets: no file leaves the folder, none takes the
 * place of another. */
static void any_name_has_a_file_of_its_own(void **state)
{
	static const char *const names[] = {
		"\\.\\.\\047\\.\\.\\047etc.x",
		"\\.\\..x",
		"a\\000b.x",
		"a\\%00b.x",
		"a b\\010.x",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb."
		"ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc."
		"ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb."
		"ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc."
		"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddde",
	};
	unsigned n = sizeof(names) / sizeof(*names);

	(void)state;
	for (unsigned i = 0; i < n; i++)
		save(names[i], "{}");
	assert_int_equal(nreports, 0);
	assert_int_equal(nfiles(), n);
	assert_int_equal(assign_copies_load(copies, on_found, NULL), 0);
	assert_int_equal(nreports, 0);
	for (unsigned i = 0; i < n; i++)
		assign_copies_remove(copies, name_of(names[i]));
	assert_int_equal(nfiles(), 0);
}

static void any_changed_octet_makes_a_copy_count_as_none(void **state)
{
	char path[FOLDER_PATH_MAX + 64], bytes[256];
	size_t nbytes;
	FILE *file;

	(void)state;
	save("web-1._http._tcp.lab", "{\"run\":[\"x\"]}");
	snprintf(path, sizeof(path), "%s/web-1._http._tcp.lab.order", folder);
	file = fopen(path, "re");
	assert_non_null(file);
	nbytes = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	for (size_t at = 0; at <= nbytes; at++) {
		file = fopen(path, "we");
		assert_non_null(file);
		/* One octet differs; at the end, the last is missing. */
		fwrite(bytes, 1, at < nbytes ? at : nbytes - 1, file);
		if (at < nbytes) {
			fputc(bytes[at] ^ 0x41, file);
			fwrite(bytes + at + 1, 1, nbytes - at - 1, file);
		}
		fclose(file);
		seen[0] = '\0';
		assert_int_equal(assign_copies_load(copies, on_found, NULL), 0);
		assert_string_equal(seen, "");
		assert_int_equal(nreports, at + 1);
		assert_non_null(strstr(reported, "it is damaged"));
		assert_int_equal(nfiles(), 0);
	}
}

static void files_that_are_not_copies_are_left_alone_or_refused(void **state)
{
	char from[FOLDER_PATH_MAX + 64], to[FOLDER_PATH_MAX + 64];

	(void)state;
	folder_write(folder, "README", "x");
	folder_write(folder, "web-1._http._tcp.lab.new", "unfinished");
	save("web-1._http._tcp.lab", "{}");
	snprintf(from, sizeof(from), "%s/web-1._http._tcp.lab.order", folder);
	snprintf(to, sizeof(to), "%s/web-2._http._tcp.lab.order", folder);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(assign_copies_load(copies, on_found, NULL), 0);
	assert_string_equal(seen, "");
	assert_non_null(strstr(reported, "the copy of another instance"));
	assert_int_equal(symlink("/etc/passwd", to), 0);
	assert_int_equal(assign_copies_load(copies, on_found, NULL), 0);
	assert_non_null(strstr(reported, "it cannot be read"));
	assert_int_equal(mkfifo(to, 0600), 0);
	assert_int_equal(assign_copies_load(copies, on_found, NULL), 0);
	assert_int_equal(nfiles(), 1);
	assert_int_equal(nreports, 3);
}

static void what_the_caller_refuses_is_removed(void **state)
{
	(void)state;
	save("web-1._http._tcp.lab", "{}");
	answer = -ENOMEM;
	assert_int_equal(assign_copies_load(copies, on_found, NULL), -ENOMEM);
	assert_int_equal(nfiles(), 1);
	answer = -EBADMSG;
	assert_int_equal(assign_copies_load(copies, on_found, NULL), 0);
	assert_non_null(strstr(reported, "it is not wanted"));
	assert_int_equal(nfiles(), 0);
}

static void failures_to_write_are_reported_once_and_leave_the_old_copy(void **state)
{
	char path[FOLDER_PATH_MAX + 64];

	(void)state;
	save("web-1._http._tcp.lab", "{}");
	snprintf(path, sizeof(path), "%s/web-1._http._tcp.lab.new", folder);
	assert_int_equal(mkdir(path, 0700), 0); /* it cannot be opened to be written */
	save("web-1._http._tcp.lab", "{\"a\":1}");
	save("web-1._http._tcp.lab", "{\"a\":2}");
	assert_int_equal(nreports, 1);
	assert_non_null(strstr(reported, "the order cannot be saved: "));
	assert_int_equal(assign_copies_load(copies, on_found, NULL), 0);
	assert_string_equal(seen, "web-1._http._tcp.lab.={} ");
	assert_int_equal(rmdir(path), 0);
	save("web-1._http._tcp.lab", "{\"a\":3}");
	assert_int_equal(mkdir(path, 0700), 0);
	save("web-1._http._tcp.lab", "{\"a\":4}");
	assert_int_equal(nreports, 2);
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
	struct assign_copies *none;
	struct base_error error;

	(void)state;
	assert_int_equal(assign_copies_open(&none, "/nowhere/at/all", on_report, NULL, &error),
			 -ENOENT);
	assert_non_null(strstr(error.text, "/nowhere/at/all"));
	assign_copies_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_saved_last_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(any_name_has_a_file_of_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(any_changed_octet_makes_a_copy_count_as_none, setup,
						teardown),
		cmocka_unit_test_setup_teardown(files_that_are_not_copies_are_left_alone_or_refused,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_caller_refuses_is_removed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			failures_to_write_are_reported_once_and_leave_the_old_copy, setup,
			teardown),
		cmocka_unit_test(a_folder_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
