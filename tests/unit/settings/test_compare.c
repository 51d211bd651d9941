/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "settings/settings.h"

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	(void)level;
	fail_msg("%s:%u: %s", error->at.file, error->at.line, error->text);
}

static int config_load(struct settings **config, const char *text)
{
	char path[] = "/tmp/weft-compare-XXXXXX";
	int fd = mkstemp(path), ret;

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	ret = settings_load(config, path, on_report, NULL);
	close(fd);
	unlink(path);
	return ret;
}

static void collect(void *arg, enum settings_change change, const char *what)
{
	static const char *const signs[SETTINGS_CHANGES] = {
		[SETTINGS_OPTION] = "",		  [SETTINGS_OPTION_RESTART] = "!",
		[SETTINGS_ZONE_ADDED] = "z+",	  [SETTINGS_ZONE_REMOVED] = "z-",
		[SETTINGS_ZONE_OPTION] = "z:",	  [SETTINGS_KEY_ADDED] = "k+",
		[SETTINGS_KEY_REMOVED] = "k-",	  [SETTINGS_KEY_CHANGED] = "k:",
		[SETTINGS_FABRIC_ADDED] = "f+",	  [SETTINGS_FABRIC_REMOVED] = "f-",
		[SETTINGS_FABRIC_CHANGED] = "f:",
	};

	strcat(strcat(strcat(arg, signs[change]), what), "\n");
}

static void differences_between_two_configurations_are_found(void **state)
{
	struct settings *one, *two;
	char changes[1000] = "";

	(void)state;
	assert_int_equal(
		config_load(&one,
			    "server: {workers: 1, user: a, identity: x}\n"
			    "key:\n  - {name: k1, secret: c2Vj}\n  - {name: k2, secret: c2Vj}\n"
			    "fabric:\n  - {name: f.test, key-file: f}\n"
			    "  - {name: g.test, key-file: g}\n"
			    "zone:\n  - {name: a.test, file: lab.zone, update: {key: k1}}\n"
			    "  - {name: b.test, file: lab.zone}\n"),
		0);
	assert_int_equal(
		config_load(&two,
			    "server: {workers: 2, user: b, listen: 127.0.0.1,\n"
			    "  log: {level: debug}, state-dir: x}\n"
			    "key:\n  - {name: k1, secret: c2Vk}\n  - {name: k3, secret: c2Vj}\n"
			    "fabric:\n  - {name: f.test, key-file: f, overlap: 1d}\n"
			    "  - {name: h.test, key-file: h}\n"
			    "zone:\n  - {name: a.test, file: lab.zone, update: {key: k3},\n"
			    "     lease: {default: 60}}\n  - {name: c.test, file: lab.zone}\n"),
		0);
	settings_compare(one, two, collect, changes);
	assert_string_equal(changes,
			    "!server.listen\n!server.workers\n!server.state-dir\n!server.user\n"
			    "server.identity\nserver.log.level\nz-b.test.\nz:a.test. update.key\n"
			    "z:a.test. lease.default\nz+c.test.\nk-k2.\nk:k1.\nk+k3.\n"
			    "f-g.test.\nf:f.test.\nf+h.test.\n");
	changes[0] = '\0';
	settings_compare(one, one, collect, changes);
	settings_compare(two, two, collect, changes);
	assert_string_equal(changes, "");
	settings_free(one);
	settings_free(two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_between_two_configurations_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
