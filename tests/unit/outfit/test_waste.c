/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/waste.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include <cmocka.h>

#include "../folder.h"
#include "../threads.h"

static char folder[FOLDER_PATH_MAX];

static unsigned count(const char *path)
{
	DIR *dir = opendir(path);
	unsigned n = 0;

	while (dir != NULL && readdir(dir) != NULL)
		n++;
	if (dir != NULL)
		closedir(dir);
	return n;
}

static void a_tree_of_any_depth_is_removed_and_nothing_outside(void **state)
{
	char path[FOLDER_PATH_MAX + 64];
	char command[512];

	(void)state;
	threads_remember();
	folder_make(folder, "waste");
	snprintf(command, sizeof(command),
		 "cd %s && mkdir keep web && touch keep/it && ln -s ../keep web/link && cd web && "
		 "touch a b c && for i in $(seq 300); do mkdir d e && touch d/f && cd d; done && "
		 "chmod 0 ../d",
		 folder);
	assert_int_equal(system(command), 0);
	assert_int_equal(outfit_waste_discard(folder, "web"), 0);
	snprintf(path, sizeof(path), "%s/web", folder);
	assert_int_equal(access(path, F_OK), -1);
	threads_wait();
	assert_int_equal(count(folder), 3); /* with . and .. */
	snprintf(path, sizeof(path), "%s/keep/it", folder);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(outfit_waste_discard(folder, "web"), -ENOENT);
	folder_remove(folder);
}

/* A folder that is bound there is of the same file system. */
static void what_is_mounted_there_is_left(void **state)
{
	char path[FOLDER_PATH_MAX + 64], other[FOLDER_PATH_MAX + 64], command[512];

	(void)state;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		skip();
		return;
	}
	threads_remember();
	folder_make(folder, "waste");
	snprintf(command, sizeof(command), "cd %s && mkdir -p keep web/data && touch keep/it",
		 folder);
	assert_int_equal(system(command), 0);
	snprintf(path, sizeof(path), "%s/keep", folder);
	snprintf(other, sizeof(other), "%s/web/data", folder);
	assert_int_equal(mount(path, other, NULL, MS_BIND, NULL), 0);
	assert_int_equal(outfit_waste_discard(folder, "web"), 0);
	threads_wait();
	snprintf(path, sizeof(path), "%s/keep/it", folder);
	assert_int_equal(access(path, F_OK), 0);
	snprintf(command, sizeof(command), "umount %s/.removed-*/data", folder);
	assert_int_equal(system(command), 0);
	folder_remove(folder);
}

static void what_an_earlier_process_has_left_is_removed(void **state)
{
	char path[FOLDER_PATH_MAX + 64];

	(void)state;
	threads_remember();
	folder_make(folder, "waste");
	assert_int_equal(outfit_waste_sweep(folder), 0);
	snprintf(path, sizeof(path), "%s/.removed-1", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(outfit_waste_sweep(folder), 1);
	threads_wait();
	assert_int_equal(count(folder), 2);
	folder_remove(folder);
}

static bool is_web(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "web-1._http._tcp") == 0;
}

static void old_logs_of_what_is_gone_are_removed(void **state)
{
	static const struct {
		const char *name;
		bool is_old, remains;
	} files[] = {
		{"web-1._http._tcp.log", true, true},
		{"web-1._http._tcp.log.1", true, true},
		{"db-1._db._tcp.log", true, false},
		{"db-1._db._tcp.log.12", true, false},
		{"db-2._db._tcp.log", false, true},
		{"notes", true, true},
		{"a.log.txt", true, true},
		{".log", true, true},
	};
	struct utimbuf old = {time(NULL) - 1000, time(NULL) - 1000};
	char path[FOLDER_PATH_MAX + 64];

	(void)state;
	threads_remember();
	folder_make(folder, "waste");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		folder_write(folder, files[i].name, "x");
		snprintf(path, sizeof(path), "%s/%s", folder, files[i].name);
		if (files[i].is_old)
			assert_int_equal(utime(path, &old), 0);
	}
	assert_int_equal(outfit_waste_logs(folder, 900, is_web, NULL), 2);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i].name);
		assert_int_equal(access(path, F_OK) == 0, files[i].remains);
	}
	folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_of_any_depth_is_removed_and_nothing_outside),
		cmocka_unit_test(what_is_mounted_there_is_left),
		cmocka_unit_test(what_an_earlier_process_has_left_is_removed),
		cmocka_unit_test(old_logs_of_what_is_gone_are_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
