/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/conf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../folder.h"
#include "control/commands.h"

static char folder[FOLDER_PATH_MAX];
static char reports[4000]; /* `line: text` lines */

static int set_up(void **state)
{
	(void)state;
	folder_make(folder, "cli-conf");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static void report(void *arg, enum base_log_level level, const struct base_error *error)
{
	size_t used = strlen(reports);

	(void)arg;
	(void)level;
	snprintf(reports + used, sizeof(reports) - used, "%u: %s\n", error->at.line, error->text);
}

static const char *text_write(const char *name, const char *text)
{
	static char path[FOLDER_PATH_MAX + 20];

	folder_write(folder, name, text);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int load(struct cli_conf *conf, enum cli_conf_part part, const char *text)
{
	reports[0] = '\0';
	return cli_conf_load(conf, part, text_write("weftd.conf", text), report);
}

static void the_paths_of_the_server_are_read_and_the_rest_is_not(void **state)
{
	char path[FOLDER_PATH_MAX + 20];
	struct cli_conf conf;

	(void)state;
	assert_int_equal(load(&conf, CLI_CONF_SERVER, ""), 0);
	assert_string_equal(conf.server.control, CONTROL_SOCKET);
	assert_string_equal(conf.server.state_dir, WEFT_STATEDIR);
	cli_conf_fini(&conf);

	assert_int_equal(load(&conf, CLI_CONF_SERVER,
			      "server: {control: sock, state-dir: /s, listen: nowhere, x: 1}\n"
			      "key: {secret: '!'}\nzone: 7\nfabric: [{}]\n"),
			 0);
	snprintf(path, sizeof(path), "%s/sock", folder);
	assert_string_equal(conf.server.control, path);
	assert_string_equal(conf.server.state_dir, "/s");
	assert_string_equal(reports, "");
	cli_conf_fini(&conf);
}

static void the_files_of_all_fabrics_are_read(void **state)
{
	char path[FOLDER_PATH_MAX + 20];
	struct cli_conf conf;

	(void)state;
	text_write("more.conf", "fabric: [{key-file: b}, {name: c, key-file: /c}]\n");
	assert_int_equal(load(&conf, CLI_CONF_FABRICS,
			      "fabric: {name: a, key-file: a, passphrase-file: p}\n"
			      "include: more.conf\nserver: {control: []}\n"),
			 0);
	assert_string_equal(reports, "");
	assert_int_equal(conf.nfabrics, 3);
	snprintf(path, sizeof(path), "%s/a", folder);
	assert_string_equal(conf.fabrics[0].key_file.text, path);
	snprintf(path, sizeof(path), "%s/p", folder);
	assert_string_equal(conf.fabrics[0].passphrase_file.text, path);
	assert_null(conf.fabrics[1].passphrase_file.text);
	assert_string_equal(conf.fabrics[2].key_file.text, "/c");
	cli_conf_fini(&conf);
}

static void an_invalid_option_that_is_read_is_an_error(void **state)
{
	struct cli_conf conf;

	(void)state;
	assert_int_equal(load(&conf, CLI_CONF_SERVER, "server:\n  control: ''\n"), -EBADMSG);
	assert_string_equal(reports, "2: control is a path, not nothing\n");
	cli_conf_fini(&conf);
	assert_int_equal(load(&conf, CLI_CONF_FABRICS, "fabric: [{name: a}]\n"), -EBADMSG);
	assert_string_equal(reports, "1: fabric needs key-file\n");
	cli_conf_fini(&conf);
	reports[0] = '\0';
	assert_int_equal(cli_conf_load(&conf, CLI_CONF_SERVER, "/nowhere", report), -EBADMSG);
	assert_string_equal(reports, "0: cannot be read: No such file or directory\n");
	cli_conf_fini(&conf);
}

static void the_socket_is_found_before_a_syntax_error(void **state)
{
	static const char *const rests[] = {
		"zone: [{name: a",    "zone: [{name: a\n  b: c\n",
		"a: b: c\n",	      "\t- x\n",
		"key: \"\n\n",	      "? [\n\n\n\n",
		"include: nowhere\n",
	};
	char text[200];
	struct cli_conf conf;

	(void)state;
	for (size_t i = 0; i < sizeof(rests) / sizeof(*rests); i++) {
		snprintf(text, sizeof(text), "server:\n  control: /s\n%s", rests[i]);
		assert_int_equal(load(&conf, CLI_CONF_SOCKET, text), -EBADMSG);
		assert_string_equal(conf.server.control, "/s");
		cli_conf_fini(&conf);
	}
	assert_int_equal(load(&conf, CLI_CONF_SERVER, "server:\n  control: /s\na: b: c\n"),
			 -EBADMSG);
	assert_string_equal(reports, "3: syntax, column 5: mapping values are not allowed in this "
				     "context\n");
	assert_null(conf.server.control);
	cli_conf_fini(&conf);
	assert_int_equal(load(&conf, CLI_CONF_SOCKET, "server:\n  control: /s: x\na: b\n"),
			 -EBADMSG);
	assert_null(conf.server.control);
	cli_conf_fini(&conf);
	assert_int_equal(load(&conf, CLI_CONF_SOCKET, "{"), -EBADMSG);
	assert_null(conf.server.control);
	cli_conf_fini(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_paths_of_the_server_are_read_and_the_rest_is_not),
		cmocka_unit_test(the_files_of_all_fabrics_are_read),
		cmocka_unit_test(an_invalid_option_that_is_read_is_an_error),
		cmocka_unit_test(the_socket_is_found_before_a_syntax_error),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
