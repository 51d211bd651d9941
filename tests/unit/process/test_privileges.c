/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "process/privileges.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "child.h"

static void nobody_become(void)
{
	struct process_privileges p;
	struct base_error error;
	char folder[] = "/tmp/weft-test-priv-XXXXXX", path[60];
	struct stat st;

	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/a/b", folder);
	CHECK(process_privileges_find(&p, "nobody", &error) == 0);
	CHECK(process_privileges_folder(&p, path, 0750) == 0);
	CHECK(stat(path, &st) == 0 && st.st_uid == p.uid && (st.st_mode & 0777) == 0750);
	CHECK(process_privileges_folder(&p, path, 0700) == 0);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0750);
	rmdir(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	rmdir(folder);

	CHECK(process_privileges_drop(&p, &error) == 0);
	CHECK(geteuid() == p.uid && getuid() == p.uid && getegid() == p.gid);
	CHECK(getgroups(0, NULL) <= 1);
	CHECK(setuid(0) != 0);
	CHECK(chown("/tmp", 0, 0) != 0);
}

static void root_becomes_the_user_for_good(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(child_run(nobody_become), 0);
}

static void an_unknown_user_is_refused_with_a_sentence(void **state)
{
	struct process_privileges p;
	struct base_error error;

	(void)state;
	assert_int_equal(process_privileges_find(&p, "no-such-user", &error), -ENOENT);
	assert_string_equal(error.text, "there is no user no-such-user");
}

static void without_a_user_the_process_keeps_its_own(void **state)
{
	struct process_privileges p;
	struct base_error error;

	(void)state;
	assert_int_equal(process_privileges_find(&p, NULL, &error), 0);
	assert_false(p.is_changing);
	assert_int_equal(p.uid, geteuid());
}

static void the_folder_of_a_file_is_made(void **state)
{
	const struct process_privileges p = {.uid = geteuid(), .gid = getegid()};
	char folder[] = "/tmp/weft-test-priv-XXXXXX", path[60];
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/run/socket", folder);
	assert_int_equal(process_privileges_folder_of(&p, path), 0);
	assert_int_equal(stat(path, &st), -1);
	*strrchr(path, '/') = '\0';
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(process_privileges_folder_of(&p, "socket"), 0);
	assert_int_equal(process_privileges_folder_of(&p, "/socket"), 0);
	rmdir(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_becomes_the_user_for_good),
		cmocka_unit_test(the_folder_of_a_file_is_made),
		cmocka_unit_test(an_unknown_user_is_refused_with_a_sentence),
		cmocka_unit_test(without_a_user_the_process_keeps_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
