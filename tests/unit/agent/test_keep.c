/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/keep.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/weft-test-keep-XXXXXX";

static void an_instance_is_kept(void **state)
{
	struct agent_keep written = {
		.inc = UINT64_C(999999999999999999),
		.port = 31999,
		.is_stopped = true,
		.has_run = true,
		.boot = "d18fee8d-542d-4ffe-a26f-66931c371a9e",
		.cfg = "0123456789abcdef",
		.ver = "1.2.3",
		.uses = "db=127.0.0.1:5432 cache=[::1]:11211",
		.has_failed = true,
		.is_done = true,
		.end_boot = "d18fee8d-542d-4ffe-a26f-66931c371a9e",
		.end_cfg = "0123456789abcdef",
		.end_reason = "lost: cannot pick up its state (exit status 65)",
	};
	struct agent_keep got;
	static char name[1000]; /* the memory of the next test must not have it */

	(void)state;
	assert_int_equal(agent_keep_read(&got, folder, "web-1._http._tcp"), -ENOENT);
	assert_int_equal(agent_keep_write(&written, folder, "web-1._http._tcp", true), 0);
	assert_int_equal(agent_keep_read(&got, folder, "web-1._http._tcp"), 0);
	assert_true(agent_keep_equal(&written, &got));

	/* A name of any octets has a file, of its own. */
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(agent_keep_write(&written, folder, name, false), 0);
	name[sizeof(name) - 2] = 'b';
	assert_int_equal(agent_keep_read(&got, folder, name), -ENOENT);
	assert_int_equal(agent_keep_write(&written, folder, "../../x._http._tcp", false), 0);
	assert_int_equal(agent_keep_read(&got, folder, "../../x._http._tcp"), 0);
	snprintf(name, sizeof(name), "%s/..\\047..\\047x._http._tcp", folder);
	assert_int_equal(access(name, F_OK), 0);

	written = (struct agent_keep){.inc = 1};
	assert_int_equal(agent_keep_write(&written, folder, "web-1._http._tcp", false), 0);
	assert_int_equal(agent_keep_read(&got, folder, "web-1._http._tcp"), 0);
	assert_true(agent_keep_equal(&written, &got));
}

static void the_node_is_kept(void **state)
{
	struct agent_keep_node written = {.age = 7, .boot = "boot", .has_left = true}, got;

	(void)state;
	assert_int_equal(agent_keep_node_read(&got, folder), -ENOENT);
	assert_int_equal(got.age, 0);
	assert_int_equal(agent_keep_node_write(&written, folder), 0);
	assert_int_equal(agent_keep_node_read(&got, folder), 0);
	assert_int_equal(got.age, 7);
	assert_string_equal(got.boot, "boot");
	assert_true(got.has_left);
}

static void uses_are_added_changed_and_removed(void **state)
{
	struct agent_keep keep = {0};

	(void)state;
	assert_true(agent_keep_has_use(&keep, "db", NULL));
	assert_false(agent_keep_has_use(&keep, "db", "127.0.0.1:1"));
	agent_keep_use(&keep, "db", "127.0.0.1:1");
	agent_keep_use(&keep, "db2", "127.0.0.1:2");
	agent_keep_use(&keep, "cache", "127.0.0.1:3");
	assert_string_equal(keep.uses, "db=127.0.0.1:1 db2=127.0.0.1:2 cache=127.0.0.1:3");
	assert_true(agent_keep_has_use(&keep, "db", "127.0.0.1:1"));
	assert_false(agent_keep_has_use(&keep, "db", "127.0.0.1:10"));
	assert_false(agent_keep_has_use(&keep, "db", NULL));
	agent_keep_use(&keep, "db2", "[::1]:4");
	assert_string_equal(keep.uses, "db=127.0.0.1:1 cache=127.0.0.1:3 db2=[::1]:4");
	agent_keep_use(&keep, "db2", NULL);
	agent_keep_use(&keep, "db", NULL);
	assert_string_equal(keep.uses, "cache=127.0.0.1:3");
	agent_keep_use(&keep, "cache", NULL);
	agent_keep_use(&keep, "cache", NULL);
	assert_string_equal(keep.uses, "");
}

static void uses_that_do_not_fit_are_left_out_whole(void **state)
{
	struct agent_keep keep = {0};
	char name[24], before[AGENT_KEEP_USES_MAX];

	(void)state;
	for (int i = 0; i < 100; i++) {
		strcpy(before, keep.uses);
		snprintf(name, sizeof(name), "service%d", i);
		agent_keep_use(&keep, name, "127.0.0.1:65535");
		if (strcmp(before, keep.uses) == 0)
			return;
		assert_true(agent_keep_has_use(&keep, name, "127.0.0.1:65535"));
	}
	fail();
}

static void the_number_of_a_process_is_in_its_environment(void **state)
{
	(void)state;
	/* What setenv() adds is not where /proc shows it: this process has none. */
	assert_int_equal(agent_keep_inc_of(getpid()),
			 getenv("WEFT_INC") == NULL ? 0 : strtoull(getenv("WEFT_INC"), NULL, 10));
	assert_int_equal(agent_keep_inc_of(0x7fffffff), 0);
}

static void what_differs_is_written(void **state)
{
	struct agent_keep a = {.inc = 3, .port = 80, .boot = "b", .cfg = "c", .ver = "v"}, b = a;

	(void)state;
	assert_true(agent_keep_equal(&a, &b));
	b.inc++;
	assert_false(agent_keep_equal(&a, &b));
	b = a;
	b.has_run = true;
	assert_false(agent_keep_equal(&a, &b));
	b = a;
	strcpy(b.cfg, "d");
	assert_false(agent_keep_equal(&a, &b));
	b = a;
	agent_keep_use(&b, "db", "h:1");
	assert_false(agent_keep_equal(&a, &b));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instance_is_kept),
		cmocka_unit_test(the_node_is_kept),
		cmocka_unit_test(uses_are_added_changed_and_removed),
		cmocka_unit_test(uses_that_do_not_fit_are_left_out_whole),
		cmocka_unit_test(what_differs_is_written),
		cmocka_unit_test(the_number_of_a_process_is_in_its_environment),
	};
	char command[96];
	int ret;

	(void)argc;
	/* Once without and once with a number. */
	if (getenv("WEFT_INC") == NULL) {
		if (mkdtemp(folder) == NULL)
			return 1;
		ret = cmocka_run_group_tests(tests, NULL, NULL);
		snprintf(command, sizeof(command), "rm -r %s", folder);
		if (system(command) != 0 || ret != 0)
			return 1;
		setenv("WEFT_INC", "4711", 1);
		execv("/proc/self/exe", argv);
		return 1;
	}
	return agent_keep_inc_of(getpid()) == 4711 ? 0 : 1;
}
