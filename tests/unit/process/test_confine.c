/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "process/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sanitizer.h"
#include "child.h"

static char folder[] = "/tmp/weft-test-confine-XXXXXX";

static void *nothing(void *arg)
{
	return arg;
}

static void calls_confined(void)
{
	char *const args[] = {"true", NULL};
	pthread_t thread;
	void *page;

	CHECK(process_confine_calls() == 0);
	CHECK(execv("/bin/true", args) == -1 && errno == ENOSYS);
	CHECK(socket(AF_PACKET, SOCK_RAW, 0) == -1 && errno == ENOSYS);
	CHECK(unshare(CLONE_NEWUSER) == -1 && errno == ENOSYS);
	/* What weftd does goes on. */
	CHECK(pthread_create(&thread, NULL, nothing, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	CHECK(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0);
	CHECK(fopen("/etc/passwd", "r") != NULL);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(page != MAP_FAILED);
	if (BASE_IS_SANITIZED)
		return;
	CHECK(mprotect(page, 4096, PROT_READ | PROT_EXEC) == -1 && errno == ENOSYS);
	CHECK(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	      MAP_FAILED);
	CHECK(fork() == -1 && errno == ENOSYS);
	CHECK(kill(getppid(), 0) == -1 && errno == ENOSYS);
}

static void a_confined_process_runs_no_programs_and_makes_no_code(void **state)
{
	(void)state;
	assert_int_equal(child_run(calls_confined), 0);
}

static void memory_confined(void)
{
	struct rlimit core;

	CHECK(process_confine_memory() == 0);
	CHECK(BASE_IS_SANITIZED || prctl(PR_GET_DUMPABLE) == 0);
	CHECK(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0);
}

static void a_confined_process_leaves_no_core_dump(void **state)
{
	(void)state;
	assert_int_equal(child_run(memory_confined), 0);
}

static const char *in_folder(const char *name)
{
	static char path[2][128];
	static unsigned n;

	n = !n;
	snprintf(path[n], sizeof(path[n]), "%s/%s", folder, name);
	return path[n];
}

static int try_open(const char *name, int flags)
{
	int fd = open(in_folder(name), flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static void files_confined(void)
{
	char read_only[128], writable[128];
	const struct process_confine_path paths[] = {
		{read_only, false}, {writable, true}, {"/nonexistent/folder", true}};
	int ret;

	snprintf(read_only, sizeof(read_only), "%s/r", folder);
	snprintf(writable, sizeof(writable), "%s/w", folder);
	ret = process_confine_files(paths, 3);
	/* A kernel without it restricts nothing. */
	if (ret == -ENOSYS || ret == -EOPNOTSUPP) {
		CHECK(!process_confine_has_files());
		CHECK(try_open("other", O_RDONLY) == 0);
		return;
	}
	CHECK(ret == 0 && process_confine_has_files());
	CHECK(try_open("r/file", O_RDONLY) == 0);
	CHECK(try_open("r/file", O_WRONLY) == -EACCES);
	CHECK(try_open("r/new", O_WRONLY | O_CREAT) == -EACCES);
	CHECK(try_open("w/new", O_RDWR | O_CREAT) == 0);
	CHECK(rename(in_folder("w/new"), in_folder("w/newer")) == 0);
	CHECK(unlink(in_folder("w/newer")) == 0);
	CHECK(BASE_IS_SANITIZED || try_open("other", O_RDONLY) == -EACCES);
	CHECK(unlink(in_folder("other")) == -1);
}

static void a_confined_process_opens_nothing_outside_its_folders(void **state)
{
	(void)state;
	assert_int_equal(child_run(files_confined), 0);
}

static int make_files(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(mkdir(in_folder("r"), 0700), 0);
	assert_int_equal(mkdir(in_folder("w"), 0700), 0);
	assert_int_equal(try_open("r/file", O_WRONLY | O_CREAT), 0);
	assert_int_equal(try_open("other", O_WRONLY | O_CREAT), 0);
	return 0;
}

static int remove_files(void **state)
{
	(void)state;
	unlink(in_folder("r/file"));
	unlink(in_folder("other"));
	rmdir(in_folder("r"));
	rmdir(in_folder("w"));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_confined_process_runs_no_programs_and_makes_no_code),
		cmocka_unit_test(a_confined_process_leaves_no_core_dump),
		cmocka_unit_test(a_confined_process_opens_nothing_outside_its_folders),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
