/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "child/exit.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

struct child_exit child_exit_from_status(int status)
{
	if (WIFEXITED(status))
		return (struct child_exit){.how = CHILD_EXIT_STATUS, .value = WEXITSTATUS(status)};
	if (WIFSIGNALED(status))
		return (struct child_exit){.how = CHILD_EXIT_SIGNAL,
					   .value = WTERMSIG(status),
					   .has_core = WCOREDUMP(status)};
	return (struct child_exit){.how = CHILD_EXIT_UNKNOWN};
}

struct child_exit child_exit_from_siginfo(const siginfo_t *info)
{
	struct child_exit exit = {.how = CHILD_EXIT_SIGNAL, .value = info->si_status};

	if (info->si_code == CLD_EXITED)
		exit.how = CHILD_EXIT_STATUS;
	else if (info->si_code == CLD_DUMPED)
		exit.has_core = true;
	else if (info->si_code != CLD_KILLED)
		return (struct child_exit){.how = CHILD_EXIT_UNKNOWN};
	return exit;
}

const char *child_exit_to_text(char out[static CHILD_EXIT_TEXT_MAX], struct child_exit exit)
{
	const char *name;

	switch (exit.how) {
	case CHILD_EXIT_STATUS:
		snprintf(out, CHILD_EXIT_TEXT_MAX, "exit status %d", exit.value);
		break;
	case CHILD_EXIT_SIGNAL:
		name = sigabbrev_np(exit.value); /* NULL for the real-time signals */
		if (name != NULL)
			snprintf(out, CHILD_EXIT_TEXT_MAX, "killed by SIG%s%s", name,
				 exit.has_core ? " (core dumped)" : "");
		else
			snprintf(out, CHILD_EXIT_TEXT_MAX, "killed by signal %d%s", exit.value,
				 exit.has_core ? " (core dumped)" : "");
		break;
	default:
		snprintf(out, CHILD_EXIT_TEXT_MAX, "ended, exit status unknown");
	}
	return out;
}
