/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* process/child.h - cases that run in a child: what a process gives up it cannot have again. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Ends the child unless `what` holds. Its exit status is the line that failed, of which 251 are
 * told apart; 0 if none did. */
#define CHECK(what)                                \
	do {                                       \
		if (!(what))                       \
			_exit(__LINE__ % 251 + 1); \
	} while (0)

/* Runs `run` in a child. Returns its status, as waitpid() writes it. */
static inline int child_run(void (*run)(void))
{
	pid_t child = fork();
	int status = -1;

	assert_true(child >= 0);
	if (child == 0) {
		run();
		_exit(0);
	}
	waitpid(child, &status, 0);
	return status;
}
