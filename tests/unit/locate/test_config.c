/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"

static char folder[FOLDER_PATH_MAX], path[FOLDER_PATH_MAX + 20];
static struct base_arena arena;
static struct base_error error;
static struct locate_settings settings;

static int set_up(void **state)
{
	(void)state;
	folder_make(folder, "config");
	snprintf(path, sizeof(path), "%s/client.conf", folder);
	base_arena_init(&arena, 4096);
	error = (struct base_error){0};
	settings = (struct locate_settings){.config = path};
	unsetenv("WEFT_REGISTRY");
	unsetenv("WEFT_KEY_FILE");
	unsetenv("WEFT_CERTIFICATE");
	setenv("XDG_CONFIG_HOME", folder, 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	base_arena_fini(&arena);
	folder_remove(folder);
	return 0;
}

static int read_text(struct locate_config *c, const char *text)
{
	folder_write(folder, "client.conf", text);
	return locate_config_read(c, &arena, &settings, &error);
}

static void all_options_are_read_and_paths_begin_at_the_file(void **state)
{
	struct locate_config c;
	char expected[200], where[LOCATE_WHERE_MAX];

	(void)state;
	assert_int_equal(read_text(&c, "registry:\n  - tls://a.example\n  - 192.0.2.1@54\n"
				       "domain: lab.cloud\nkey-file: k\nkey-name: n1\n"
				       "tls: {ca: ca.pem, certificate: /c.pem, key: k.pem}\n"
				       "mdns: no\nstale: 2m\ntimeout: 3\n"),
			 0);
	assert_int_equal(c.registry.count, 2);
	assert_string_equal(c.registry.items[0].text, "tls://a.example");
	snprintf(expected, sizeof(expected), "%s:3", path);
	assert_string_equal(locate_config_where(where, &c.registry.items[1].at), expected);
	assert_string_equal(c.domain.text, "lab.cloud");
	snprintf(expected, sizeof(expected), "%s/k", folder);
	assert_string_equal(c.key_file.text, expected);
	assert_string_equal(c.key_name.text, "n1");
	snprintf(expected, sizeof(expected), "%s/ca.pem", folder);
	assert_string_equal(c.tls.ca.text, expected);
	assert_string_equal(c.tls.certificate.text, "/c.pem");
	assert_false(c.mdns);
	assert_int_equal(c.stale_s, 120);
	assert_int_equal(c.timeout_s, 3);
}

static void the_example_is_valid(void **state)
{
	char example[4096];
	struct locate_config c;
	const char *srcdir = getenv("SRCDIR");

	(void)state;
	snprintf(example, sizeof(example), "%s/zones/client.conf", srcdir != NULL ? srcdir : ".");
	if (access(example, R_OK) != 0)
		skip();
	settings.config = example;
	assert_int_equal(locate_config_read(&c, &arena, &settings, &error), 0);
	assert_string_equal(c.registry.items[0].text, "127.0.0.1@53");
	assert_string_equal(c.domain.text, "lab.cloud");
	assert_false(c.mdns);
}

static void without_a_file_there_are_defaults(void **state)
{
	struct locate_config c;

	(void)state;
	settings.config = "";
	assert_int_equal(locate_config_read(&c, &arena, &settings, &error), 0);
	assert_int_equal(c.registry.count, 0);
	assert_null(c.key_file.text);
	assert_true(c.mdns);
	assert_int_equal(c.stale_s, LOCATE_STALE_S);
	assert_int_equal(c.timeout_s, LOCATE_TIMEOUT_S);
}

static void an_error_names_file_and_line(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"domain: a\nregistri: b\n", ":2: "},
		{"mdns: maybe\n", ":1: mdns is one of no, yes, not maybe"},
		{"stale: 8d\n", ":1: stale"},
		{"timeout: 0\n", ":1: timeout"},
		{"tls: 7\n", ":1: "},
		{"\n\n- a\n", ":3: "},
		{"domain: [", ":"},
		{"domain: a\ndomain: b\n", ":2: "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct locate_config c;
		char expected[200];

		error = (struct base_error){0};
		assert_int_equal(read_text(&c, cases[i].text), -EINVAL);
		snprintf(expected, sizeof(expected), "%s%s", path, cases[i].message);
		if (strncmp(error.text, expected, strlen(expected)) != 0)
			fail_msg("%s: %s", cases[i].text, error.text);
	}
}

static void a_file_that_is_named_must_be_there(void **state)
{
	struct locate_config c;

	(void)state;
	assert_int_equal(locate_config_read(&c, &arena, &settings, &error), -EINVAL);
	assert_non_null(strstr(error.text, path));
}

static void the_environment_wins_over_files_and_the_caller_over_it(void **state)
{
	struct locate_config c;

	(void)state;
	setenv("WEFT_REGISTRY", "192.0.2.2", 1);
	setenv("WEFT_KEY_FILE", "/env.key", 1);
	setenv("WEFT_CERTIFICATE", "/env.pem", 1);
	assert_int_equal(read_text(&c, "registry: 192.0.2.1\nkey-file: k\nkey-name: n1\n"
				       "tls: {certificate: c, key: k}\n"),
			 0);
	assert_string_equal(c.registry.items[0].text, "192.0.2.2");
	assert_string_equal(c.registry.items[0].at.file, "WEFT_REGISTRY");
	assert_string_equal(c.key_file.text, "/env.key");
	assert_null(c.key_name.text);
	assert_string_equal(c.tls.certificate.text, "/env.pem");
	assert_null(c.tls.key.text);
	settings.registry = "192.0.2.3";
	settings.key_file = "/given.key";
	settings.key_name = "n2";
	assert_int_equal(read_text(&c, "registry: 192.0.2.1\n"), 0);
	assert_string_equal(c.registry.items[0].text, "192.0.2.3");
	assert_string_equal(c.key_file.text, "/given.key");
	assert_string_equal(c.key_name.text, "n2");
	settings.registry = settings.key_file = settings.key_name = NULL;
	setenv("WEFT_REGISTRY", "", 1);
	assert_int_equal(read_text(&c, "registry: 192.0.2.1\n"), 0);
	assert_string_equal(c.registry.items[0].text, "192.0.2.1");
}

static void the_users_file_is_found(void **state)
{
	struct locate_config c;
	char folder_of_weft[FOLDER_PATH_MAX + 8];

	(void)state;
	settings.config = NULL;
	snprintf(folder_of_weft, sizeof(folder_of_weft), "%s/weft", folder);
	assert_int_equal(mkdir(folder_of_weft, 0700), 0);
	folder_write(folder_of_weft, "client.conf", "domain: user.example\n");
	assert_int_equal(locate_config_read(&c, &arena, &settings, &error), 0);
	assert_string_equal(c.domain.text, "user.example");
	setenv("XDG_CONFIG_HOME", "relative", 1);
	setenv("HOME", folder, 1);
	assert_int_equal(locate_config_read(&c, &arena, &settings, &error), 0);
	assert_null(c.domain.text);
}

static void trust_is_in_a_public_key_or_in_authorities(void **state)
{
	struct locate_config c;

	(void)state;
	assert_int_equal(read_text(&c, "public-key: abc\ntls: {ca: f}\n"), -EINVAL);
	assert_non_null(strstr(error.text, "exclude each other"));
	/* What is given later replaces both. */
	settings.tls_ca = "/ca.pem";
	assert_int_equal(read_text(&c, "public-key: abc\n"), 0);
	assert_null(c.public_key.text);
	assert_string_equal(c.tls.ca.text, "/ca.pem");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_options_are_read_and_paths_begin_at_the_file,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_example_is_valid, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_file_there_are_defaults, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_error_names_file_and_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_is_named_must_be_there, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			the_environment_wins_over_files_and_the_caller_over_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_users_file_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(trust_is_in_a_public_key_or_in_authorities, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
