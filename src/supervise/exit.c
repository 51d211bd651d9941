/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/exit.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

struct supervise_exit supervise_exit_from_status(int status)
{
	if (WIFEXITED(status))
		return (struct supervise_exit){.how = SUPERVISE_EXIT_STATUS,
					       .value = WEXITSTATUS(status)};
	if (WIFSIGNALED(status))
		return (struct supervise_exit){.how = SUPERVISE_EXIT_SIGNAL,
					       .value = WTERMSIG(status),
					       .has_core = WCOREDUMP(status)};
	return (struct supervise_exit){.how = SUPERVISE_EXIT_UNKNOWN};
}

struct supervise_exit supervise_exit_from_siginfo(const siginfo_t *info)
{
	struct supervise_exit exit = {.how = SUPERVISE_EXIT_SIGNAL, .value = info->si_status};

	if (info->si_code == CLD_EXITED)
		exit.how = SUPERVISE_EXIT_STATUS;
	else if (info->si_code == CLD_DUMPED)
		exit.has_core = true;
	else if (info->si_code != CLD_KILLED)
		return (struct supervise_exit){.how = SUPERVISE_EXIT_UNKNOWN};
	return exit;
}

const char *supervise_exit_to_text(char out[static SUPERVISE_EXIT_TEXT_MAX],
				   struct supervise_exit exit)
{
	const char *name;

	switch (exit.how) {
	case SUPERVISE_EXIT_STATUS:
		snprintf(out, SUPERVISE_EXIT_TEXT_MAX, "exit status %d", exit.value);
		break;
	case SUPERVISE_EXIT_SIGNAL:
		name = sigabbrev_np(exit.value); /* NULL for the real-time signals */
		if (name != NULL)
			snprintf(out, SUPERVISE_EXIT_TEXT_MAX, "killed by SIG%s%s", name,
				 exit.has_core ? " (core dumped)" : "");
		else
			snprintf(out, SUPERVISE_EXIT_TEXT_MAX, "killed by signal %d%s", exit.value,
				 exit.has_core ? " (core dumped)" : "");
		break;
	default:
		snprintf(out, SUPERVISE_EXIT_TEXT_MAX, "ended, exit status unknown");
	}
	return out;
}
