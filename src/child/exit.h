/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* child/exit.h - how a process ended. A value; any thread. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

enum child_exit_how {
	CHILD_EXIT_UNKNOWN, /* ended; nobody could learn how */
	CHILD_EXIT_STATUS,  /* called exit(value) */
	CHILD_EXIT_SIGNAL,  /* killed by signal `value` */
};

struct child_exit {
	enum child_exit_how how;
	int value;
	bool has_core;
};

enum { CHILD_EXIT_TEXT_MAX = 64 };

/* Converts what wait(2) gives as a status. */
struct child_exit child_exit_from_status(int status);

/* Converts what waitid(2) gives. */
struct child_exit child_exit_from_siginfo(const siginfo_t *info);

/* Writes "exit status 3", "killed by SIGSEGV (core dumped)" or "ended, exit status unknown" to
 * `out` and returns it. */
const char *child_exit_to_text(char out[static CHILD_EXIT_TEXT_MAX], struct child_exit exit);
