/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agentd/identity.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "agentd/settings.h"
#include "base/secret.h"

static char folder[FOLDER_PATH_MAX];
static char reports[4000]; /* `line: text` lines */

static void report(void *arg, enum base_log_level level, const struct base_error *error)
{
	size_t n = strlen(reports);

	(void)arg;
	(void)level;
	snprintf(reports + n, sizeof(reports) - n, "%u: %s\n", error->at.line, error->text);
}

static int find(struct agentd_identity *out, const char *text)
{
	struct agentd_settings *s;
	char path[128];
	int ret;

	folder_write(folder, "weft-agentd.conf", text);
	snprintf(path, sizeof(path), "%s/weft-agentd.conf", folder);
	reports[0] = '\0';
	assert_int_equal(agentd_settings_load(&s, path, report, NULL), 0);
	ret = agentd_identity_find(out, s, report, NULL);
	agentd_settings_free(s);
	return ret;
}

static void key_write(const char *file, const char *name)
{
	char text[200];

	snprintf(text, sizeof(text),
		 "key \"%s\" { algorithm hmac-sha256; secret \"c2VjcmV0\"; };\n", name);
	folder_write(folder, file, text);
}

static int set_up(void **state)
{
	(void)state;
	folder_make(folder, "identity");
	key_write("n1.key", "n1.keys.lab.cloud");
	key_write("deep.key", "a.b.keys.x.lab.cloud");
	key_write("other.key", "some.key");
	key_write("admin.key", "admin.keys.lab.cloud");
	/* Nothing of the machine's own configuration counts. */
	setenv("HOME", folder, 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("WEFT_KEY_FILE");
	unsetenv("WEFT_REGISTRY");
	return base_secret_start();
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static void node_and_fabric_are_those_of_the_key(void **state)
{
	struct agentd_identity id;

	(void)state;
	assert_int_equal(find(&id, "agent: {registry: 192.0.2.1, key-file: n1.key}\n"), 0);
	assert_string_equal(id.node, "n1");
	assert_string_equal(id.fabric, "lab.cloud");
	assert_int_equal(find(&id, "agent: {registry: 192.0.2.1, key-file: deep.key}\n"), 0);
	assert_string_equal(id.node, "a.b");
	assert_string_equal(id.fabric, "x.lab.cloud");
}

static void what_is_configured_wins(void **state)
{
	struct agentd_identity id;

	(void)state;
	assert_int_equal(find(&id, "agent: {registry: 192.0.2.1, key-file: n1.key, node: n2, "
				   "fabric: other.cloud.}\n"),
			 0);
	assert_string_equal(id.node, "n2");
	assert_string_equal(id.fabric, "other.cloud");
}

static void with_another_key_the_node_is_the_host(void **state)
{
	struct agentd_identity id;
	char host[256] = "";

	(void)state;
	gethostname(host, sizeof(host) - 1);
	host[strcspn(host, ".")] = '\0';
	assert_int_equal(find(&id, "agent: {registry: 192.0.2.1, key-file: other.key, "
				   "fabric: lab.cloud}\n"),
			 0);
	assert_string_equal(id.node, host);
}

static void what_is_missing_is_reported(void **state)
{
	struct agentd_identity id;

	(void)state;
	assert_int_equal(find(&id, "agent:\n  registry: 192.0.2.1\n  key-file: other.key\n"),
			 -EINVAL);
	assert_non_null(strstr(reports, "fabric is missing"));
	assert_int_equal(find(&id, "agent:\n  registry: 192.0.2.1\n  key-file: none.key\n"),
			 -ENOKEY);
	assert_true(strncmp(reports, "3: ", 3) == 0);
	assert_non_null(strstr(reports, "none.key"));
	assert_int_equal(find(&id, "agent:\n  registry: 192.0.2.1\n  fabric: lab.cloud\n"),
			 -ENOKEY);
	assert_non_null(strstr(reports, "key-file is missing"));
}

static void names_that_are_too_long_together_are_reported(void **state)
{
	struct agentd_identity id;
	char text[500];

	(void)state;
	snprintf(text, sizeof(text),
		 "agent:\n  registry: 192.0.2.1\n  key-file: n1.key\n"
		 "  node: %063d.%063d.%063d\n  fabric: %063d.lab\n",
		 1, 2, 3, 4);
	assert_int_equal(find(&id, text), -EINVAL);
	assert_true(strncmp(reports, "4: node: ", 9) == 0);
}

static void names_that_are_no_nodes_are_reported(void **state)
{
	static const char *const names[] = {"n 1", "k\303\274che", "_n1", "-"};
	struct agentd_identity id;
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(text, sizeof(text), "agent:\n  key-file: n1.key\n  node: \"%s\"\n",
			 names[i]);
		assert_int_equal(find(&id, text), -EINVAL);
		assert_true(strncmp(reports, "3: node: ", 9) == 0);
	}
}

static void a_key_of_another_node_is_warned_of(void **state)
{
	struct agentd_identity id;

	(void)state;
	assert_int_equal(find(&id, "agent:\n  key-file: n1.key\n  node: n2\n"), 0);
	assert_non_null(strstr(reports, "3: the key is that of node n1"));
	assert_int_equal(find(&id, "agent:\n  key-file: n1.key\n  fabric: other.cloud\n"), 0);
	assert_non_null(strstr(reports, "3: the key is of the fabric lab.cloud"));
	assert_int_equal(find(&id, "agent:\n  key-file: admin.key\n  node: n2\n"), 0);
	assert_int_equal(find(&id, "agent:\n  key-file: n1.key\n  node: N1\n"), 0);
	assert_string_equal(reports, "");
}

static void a_file_that_cannot_be_read_is_reported_where_it_is_named(void **state)
{
	struct agentd_identity id;

	(void)state;
	assert_true(find(&id, "agent:\n  key-file: n1.key\n  certificate: none.pem\n") < 0);
	assert_true(strncmp(reports, "3: certificate", 14) == 0);
	assert_true(find(&id, "agent:\n  key-file: n1.key\n  tls-ca: none.pem\n") < 0);
	assert_true(strncmp(reports, "3: authorities", 14) == 0);
	assert_true(find(&id, "agent:\n  key-file: n1.key\n  public-key: x\n") < 0);
	assert_true(strncmp(reports, "3: public key", 13) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(node_and_fabric_are_those_of_the_key),
		cmocka_unit_test(what_is_configured_wins),
		cmocka_unit_test(with_another_key_the_node_is_the_host),
		cmocka_unit_test(what_is_missing_is_reported),
		cmocka_unit_test(names_that_are_too_long_together_are_reported),
		cmocka_unit_test(names_that_are_no_nodes_are_reported),
		cmocka_unit_test(a_key_of_another_node_is_warned_of),
		cmocka_unit_test(a_file_that_cannot_be_read_is_reported_where_it_is_named),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
