/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/exit.h - how a process ended. A value; any thread. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

enum supervise_exit_how {
	SUPERVISE_EXIT_UNKNOWN, /* ended; nobody could learn how */
	SUPERVISE_EXIT_STATUS,	/* called exit(value) */
	SUPERVISE_EXIT_SIGNAL,	/* killed by signal `value` */
};

struct supervise_exit {
	enum supervise_exit_how how;
	int value;
	bool has_core;
};

enum { SUPERVISE_EXIT_TEXT_MAX = 64 };

/* Converts what wait(2) gives as a status. */
struct supervise_exit supervise_exit_from_status(int status);

/* Converts what waitid(2) gives. */
struct supervise_exit supervise_exit_from_siginfo(const siginfo_t *info);

/* Writes "exit status 3", "killed by SIGSEGV (core dumped)" or "ended, exit status unknown" to
 * `out` and returns it. */
const char *supervise_exit_to_text(char out[static SUPERVISE_EXIT_TEXT_MAX],
				   struct supervise_exit exit);
