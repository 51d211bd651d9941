/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "bench.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child/stray.h"

static int descriptors_count(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (dir != NULL && readdir(dir) != NULL)
		n++;
	if (dir != NULL)
		closedir(dir);
	return n;
}

int bench_set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	if (bench == NULL)
		return -1;
	alarm(120); /* a test that hangs ends */
	bench->ndescriptors = descriptors_count();
	strcpy(bench->folder, "/tmp/weft-test-supervise-XXXXXX");
	if (mkdtemp(bench->folder) == NULL || chmod(bench->folder, 0755) < 0)
		return -1;
	snprintf(bench->group, sizeof(bench->group), "weft-test-%d", getpid());
	bench->loop = ev_loop_new(EVFLAG_AUTO);
	*state = bench;
	return bench->loop != NULL ? 0 : -1;
}

static void still(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	(void)loop;
	(void)watcher;
	(void)revents;
}

void bench_wait_for(struct bench *bench, bool (*fn)(void *arg), void *arg)
{
	ev_timer timer;

	ev_timer_init(&timer, still, 0.01, 0.01);
	ev_timer_start(bench->loop, &timer);
	for (ev_tstamp end = ev_time() + 30; !fn(arg);) {
		ev_run(bench->loop, EVRUN_ONCE);
		if (ev_time() > end)
			fail_msg("waited in vain: %s", bench_read(bench, "output"));
	}
	ev_timer_stop(bench->loop, &timer);
}

static bool is_true(void *arg)
{
	return *(const bool *)arg;
}

void bench_wait(struct bench *bench, const bool *condition)
{
	bench_wait_for(bench, is_true, (void *)(uintptr_t)condition);
}

static bool next(void *arg, pid_t pid, const char *rest)
{
	(void)arg;
	(void)pid;
	(void)rest;
	return true;
}

unsigned bench_count(const struct bench *bench)
{
	char mark[128];
	struct stat st;

	assert_int_equal(stat(bench->folder, &st), 0);
	snprintf(mark, sizeof(mark), "%s=%llx-%llx:", CHILD_STRAY_VARIABLE,
		 (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	return child_stray_each(mark, 0, next, NULL);
}

const char *bench_path(const struct bench *bench, const char *name)
{
	static char paths[4][128];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", bench->folder, name);
	return path;
}

const char *bench_read(const struct bench *bench, const char *name)
{
	static char text[65536];
	int fd = open(bench_path(bench, name), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static bool has_no_child(void *arg)
{
	(void)arg;
	return waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;
}

int bench_tear_down(void **state)
{
	struct bench *bench = *state;
	char command[128];
	int left;

	bench_wait_for(bench, has_no_child, NULL);
	assert_int_equal(bench_count(bench), 0);
	if (bench->end != NULL)
		bench->end(bench);
	ev_loop_destroy(bench->loop);
	left = descriptors_count() - bench->ndescriptors;
	snprintf(command, sizeof(command), "rm -r %s", bench->folder);
	if (left != 0)
		print_error("%d descriptors are left\n", left);
	free(bench);
	alarm(0);
	return system(command) != 0 || left != 0 ? -1 : 0;
}
