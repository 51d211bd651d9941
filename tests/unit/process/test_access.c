/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "process/access.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "process/privileges.h"

/* A folder with open/, closed/ (0700) and a file of mode 0600 and 0644 in each. */
static char folder[40];

static void file_make(const char *name, mode_t mode)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void folder_make(const char *name, mode_t mode)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/weft-test-access-XXXXXX");
	if (mkdtemp(folder) == NULL || chmod(folder, 0755) != 0)
		return -1;
	folder_make("open", 0755);
	folder_make("free", 0777);
	folder_make("closed", 0700);
	file_make("open/hidden", 0600);
	file_make("open/shown", 0644);
	file_make("closed/shown", 0644);
	return 0;
}

static int tear_down(void **state)
{
	char command[80];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static const struct expected {
	const char *name;
	enum process_access_how how;
	int ret;
	const char *denied;
	bool must_search;
} cases[] = {
	{"open/shown", PROCESS_ACCESS_READ, 0, NULL, false},
	{"open/hidden", PROCESS_ACCESS_READ, -EACCES, "open/hidden", false},
	{"closed/shown", PROCESS_ACCESS_READ, -EACCES, "closed", true},
	{"open/none", PROCESS_ACCESS_READ, 0, NULL, false},
	{"open/shown", PROCESS_ACCESS_WRITE, -EACCES, "open/shown", false},
	{"open/none", PROCESS_ACCESS_WRITE, -EACCES, "open", false},
	{"free/none", PROCESS_ACCESS_WRITE, 0, NULL, false},
	{"none/none", PROCESS_ACCESS_WRITE, -ENOENT, NULL, false},
	{"closed/none", PROCESS_ACCESS_WRITE, -EACCES, "closed", true},
	{"open", PROCESS_ACCESS_FOLDER, -EACCES, "open", false},
	{"free", PROCESS_ACCESS_FOLDER, 0, NULL, false},
	/* Root makes it. */
	{"open/none/none", PROCESS_ACCESS_FOLDER, 0, NULL, false},
	{"closed/none/none", PROCESS_ACCESS_FOLDER, -EACCES, "closed", true},
};
enum { NCASES = sizeof(cases) / sizeof(*cases) };

static void the_kernel_is_asked_as_the_user(void **state)
{
	struct process_access items[NCASES];
	char paths[NCASES][80];
	struct process_privileges p;
	struct base_error error;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(process_privileges_find(&p, "nobody", &error), 0);
	for (int i = 0; i < NCASES; i++) {
		snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, cases[i].name);
		items[i] = (struct process_access){.path = paths[i], .how = cases[i].how};
	}
	assert_int_equal(process_access_try(&p, items, NCASES), 0);
	for (int i = 0; i < NCASES; i++) {
		assert_int_equal(items[i].ret, cases[i].ret);
		if (items[i].ret != -EACCES)
			continue;
		paths[i][items[i].ndenied] = '\0';
		assert_string_equal(paths[i] + strlen(folder) + 1, cases[i].denied);
		assert_int_equal(items[i].must_search, cases[i].must_search);
	}
	assert_int_equal(geteuid(), 0);
	assert_int_equal(process_access_try(&p, NULL, 0), 0);
}

static void without_another_user_the_process_asks_for_itself(void **state)
{
	char path[80];
	struct process_access item = {.path = path, .how = PROCESS_ACCESS_READ};
	struct process_privileges p;
	struct base_error error;

	(void)state;
	snprintf(path, sizeof(path), "%s/open/hidden", folder);
	assert_int_equal(process_privileges_find(&p, NULL, &error), 0);
	assert_int_equal(process_access_try(&p, &item, 1), 0);
	assert_int_equal(item.ret, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_kernel_is_asked_as_the_user, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_another_user_the_process_asks_for_itself,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
