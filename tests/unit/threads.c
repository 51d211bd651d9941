/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "threads.h"

#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

enum { TURNS = 10000, TURN_US = 1000 };

static unsigned remembered;

static unsigned count(void)
{
	DIR *dir = opendir("/proc/self/task");
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static void *number_write(void *arg)
{
	*(pid_t *)arg = gettid();
	return NULL;
}

void threads_remember(void)
{
	pthread_t thread;
	pid_t number;

	assert_int_equal(pthread_create(&thread, NULL, number_write, &number), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	/* The kernel lists it for a moment more. */
	for (int i = 0; i < TURNS && tgkill(getpid(), number, 0) == 0; i++)
		usleep(TURN_US);
	remembered = count();
}

bool threads_are_over(void)
{
	return count() <= remembered;
}

void threads_wait(void)
{
	for (int i = 0; i < TURNS && !threads_are_over(); i++)
		usleep(TURN_US);
	assert_true(threads_are_over());
}
