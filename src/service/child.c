/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/child.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/error.h"

enum { CANNOT_EXECUTE = 126, NOT_FOUND = 127, BY_SIGNAL = 128 };

extern char **environ;

int service_child_failed(const char *program, int error)
{
	cli_error("%s: %s", program, strerror(error));
	return error == ENOENT ? NOT_FOUND : CANNOT_EXECUTE;
}

pid_t service_child_start(char *const *argv, const sigset_t *mask, int *status)
{
	posix_spawnattr_t attributes;
	sigset_t usual;
	pid_t child;
	int error = posix_spawnattr_init(&attributes);

	if (error == 0) {
		sigemptyset(&usual);
		sigaddset(&usual, SIGPIPE);
		posix_spawnattr_setsigmask(&attributes, mask);
		posix_spawnattr_setsigdefault(&attributes, &usual);
		posix_spawnattr_setflags(&attributes,
					 POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
		error = posix_spawnp(&child, argv[0], NULL, &attributes, argv, environ);
		posix_spawnattr_destroy(&attributes);
	}
	if (error == 0)
		return child;
	*status = service_child_failed(argv[0], error);
	return -1;
}

bool service_child_has_ended(pid_t child, int *status)
{
	int state;

	if (waitpid(child, &state, WNOHANG) != child)
		return false;
	*status = WIFEXITED(state) ? WEXITSTATUS(state) : BY_SIGNAL + WTERMSIG(state);
	return true;
}
