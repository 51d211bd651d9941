/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* No memory is freed with a secret of the configuration in it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../folder.h"
#include "../memory.h"
#include "base/secret.h"
#include "settings/settings.h"

#define SECRET "Correct.Horse.Battery.Staple.32b"
#define BASE64 "Q29ycmVjdC5Ib3JzZS5CYXR0ZXJ5LlN0YXBsZS4zMmI="
#define HEX "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

static char folder[FOLDER_PATH_MAX];

static const uint8_t cookie[] = {0x0f, 0x1e, 0x2d, 0x3c, 0x4b, 0x5a, 0x69, 0x78,
				 0x87, 0x96, 0xa5, 0xb4, 0xc3, 0xd2, 0xe1, 0xf0};

static void report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	(void)level;
	(void)error;
}

static const char config[] = "server:\n  cookie-secret: " HEX "\n"
			     "key:\n"
			     "  - {name: one, secret: \"" BASE64 "\"}\n"
			     "  - {name: two, secret-file: secret}\n"
			     "  - key-file: keys\n"
			     "zone:\n  - {name: lab.cloud, file: lab.zone, update: {key: one}}\n";

static void load_and_free(int expected)
{
	struct settings *c;
	char path[128];

	snprintf(path, sizeof(path), "%s/weftd.conf", folder);
	assert_int_equal(settings_load(&c, path, report, NULL) == 0 ? 0 : -1, expected);
	settings_free(c);
}

static void the_watch_sees_a_secret_that_is_not_wiped(void **state)
{
	char *copy = strdup("before " SECRET " after");

	(void)state;
	assert_non_null(copy);
	memory_watch(SECRET, sizeof(SECRET) - 1);
	free(copy);
	assert_int_equal(memory_nwatched(), 1);
	memory_watch(NULL, 0);
}

static void a_configuration_leaves_no_secret(void **state)
{
	static const struct {
		const void *bytes;
		size_t nbytes;
	} cases[] = {{SECRET, sizeof(SECRET) - 1},
		     {BASE64, sizeof(BASE64) - 1},
		     {cookie, sizeof(cookie)},
		     {HEX, sizeof(HEX) - 1}};

	(void)state;
	folder_write(folder, "weftd.conf", config);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		memory_watch(cases[i].bytes, cases[i].nbytes);
		load_and_free(0);
		assert_int_equal(memory_nwatched(), 0);
		memory_watch(NULL, 0);
	}
}

static void a_configuration_with_an_error_leaves_no_secret(void **state)
{
	char text[2048];

	(void)state;
	snprintf(text, sizeof(text), "%s  - {name: wrong, nonsense: 1}\n", config);
	folder_write(folder, "weftd.conf", text);
	memory_watch(SECRET, sizeof(SECRET) - 1);
	load_and_free(-1);
	assert_int_equal(memory_nwatched(), 0);
	memory_watch(NULL, 0);
}

static int set_up(void **state)
{
	(void)state;
	folder_make(folder, "secrets");
	folder_write(folder, "lab.zone", "");
	folder_write(folder, "secret", BASE64 "\n");
	folder_write(folder, "keys",
		     "key \"three\" { algorithm hmac-sha256; secret \"" BASE64 "\"; };\n"
		     "key \"four\" { algorithm hmac-sha512; secret \"" BASE64 "\"; };\n");
	return base_secret_start();
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_watch_sees_a_secret_that_is_not_wiped),
		cmocka_unit_test(a_configuration_leaves_no_secret),
		cmocka_unit_test(a_configuration_with_an_error_leaves_no_secret),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
