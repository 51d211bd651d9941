/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/lock.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "base/error.h"

static struct outfit_lock *take(const char *folder, const char *by)
{
	struct outfit_lock *lock;
	struct base_error error;

	if (outfit_lock_take(&lock, folder, "web", by, NULL, &error) < 0)
		fail_msg("%s", error.text);
	return lock;
}

static void assert_held(const char *folder, const char *by, const char *holder)
{
	char found[OUTFIT_HOLDER_MAX], text[200];
	struct outfit_lock *lock;
	struct base_error error;

	assert_int_equal(outfit_lock_take(&lock, folder, "web", by, found, &error), -EBUSY);
	assert_string_equal(found, holder);
	snprintf(text, sizeof(text), "name web is held by %s", holder);
	assert_string_equal(error.text, text);
}

/* Takes the name in a process, which records `pid` and is killed. */
static void take_and_die(const char *folder, const char *by, pid_t pid)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct outfit_lock *lock;

		if (outfit_lock_take(&lock, folder, "web", by, NULL, NULL) == 0 &&
		    outfit_lock_record(lock, pid) == 0)
			raise(SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

static void a_name_has_one_holder_until_it_is_given_up(void **state)
{
	char folder[FOLDER_PATH_MAX];
	struct outfit_lock *lock;

	(void)state;
	folder_make(folder, "lock");
	lock = take(folder, "web-1._http._tcp");
	assert_held(folder, "web-2._http._tcp", "web-1._http._tcp");
	outfit_lock_release(lock);
	lock = take(folder, "web-2._http._tcp");
	assert_held(folder, "web-1._http._tcp", "web-2._http._tcp");
	outfit_lock_release(lock);
	folder_remove(folder);
}

static void a_process_that_outlives_its_agent_keeps_the_name(void **state)
{
	char folder[FOLDER_PATH_MAX];
	pid_t service = fork();
	struct outfit_lock *lock;

	(void)state;
	if (service == 0) {
		pause();
		_exit(0);
	}
	folder_make(folder, "lock");
	take_and_die(folder, "web-1._http._tcp", service);
	assert_held(folder, "web-2._http._tcp", "web-1._http._tcp");
	/* Its own agent, the next one, has it at once, and it stays recorded. */
	lock = take(folder, "web-1._http._tcp");
	outfit_lock_leave(lock);
	assert_held(folder, "web-2._http._tcp", "web-1._http._tcp");
	kill(service, SIGKILL);
	assert_int_equal(waitpid(service, NULL, 0), service);
	lock = take(folder, "web-2._http._tcp");
	outfit_lock_release(lock);
	folder_remove(folder);
}

static void what_has_no_process_keeps_the_name_until_it_is_released(void **state)
{
	char folder[FOLDER_PATH_MAX];
	struct outfit_lock *lock;

	(void)state;
	folder_make(folder, "lock");
	take_and_die(folder, "vm-1._ssh._tcp", 0);
	assert_held(folder, "vm-2._ssh._tcp", "vm-1._ssh._tcp");
	lock = take(folder, "vm-1._ssh._tcp");
	outfit_lock_release(lock);
	lock = take(folder, "vm-2._ssh._tcp");
	outfit_lock_release(lock);
	folder_remove(folder);
}

static void without_a_process_a_killed_agent_keeps_nothing(void **state)
{
	char folder[FOLDER_PATH_MAX];

	(void)state;
	folder_make(folder, "lock");
	take_and_die(folder, "web-1._http._tcp", -1);
	outfit_lock_release(take(folder, "web-2._http._tcp"));
	folder_remove(folder);
}

static void a_damaged_file_has_no_holder(void **state)
{
	char folder[FOLDER_PATH_MAX];

	(void)state;
	folder_make(folder, "lock");
	folder_write(folder, "web", "nonsense that nobody has written");
	outfit_lock_release(take(folder, "web-2._http._tcp"));
	folder_write(folder, "web", "web-1._http._tcp 1 9999999999999999 no-such-boot\n");
	outfit_lock_release(take(folder, "web-2._http._tcp"));
	folder_remove(folder);
}

static void what_is_not_a_name_is_refused(void **state)
{
	static const char *const labels[] = {"", ".", "..", "a/b", ".hidden"};
	char folder[FOLDER_PATH_MAX];
	struct outfit_lock *lock;

	(void)state;
	folder_make(folder, "lock");
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		assert_int_equal(outfit_lock_take(&lock, folder, labels[i], "x", NULL, NULL),
				 -EINVAL);
	assert_int_equal(outfit_lock_take(&lock, folder, "web", "a b", NULL, NULL), -EINVAL);
	folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_has_one_holder_until_it_is_given_up),
		cmocka_unit_test(a_process_that_outlives_its_agent_keeps_the_name),
		cmocka_unit_test(what_has_no_process_keeps_the_name_until_it_is_released),
		cmocka_unit_test(without_a_process_a_killed_agent_keeps_nothing),
		cmocka_unit_test(a_damaged_file_has_no_holder),
		cmocka_unit_test(what_is_not_a_name_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
