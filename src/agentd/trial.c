/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agentd/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { LIMIT_MS = 10000 };

extern char **environ;

static int start(pid_t *pid, const char *program, const char *config_path, const int pipe[2])
{
	char *const argv[] = {(char *)program, (char *)"-t", (char *)"-c", (char *)config_path,
			      NULL};
	posix_spawn_file_actions_t actions;
	int ret;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return -ENOMEM;
	ret = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (ret == 0)
		ret = posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
	if (ret == 0)
		ret = posix_spawn_file_actions_adddup2(&actions, pipe[1], STDERR_FILENO);
	if (ret == 0)
		ret = posix_spawn(pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -ret;
}

/* Reads what the program writes until it ends, as much as there is room for. Returns false if it
 * takes too long. */
static bool read_all(int fd, char *text, size_t size)
{
	uint64_t until_ms = base_clock_steady_us() / 1000 + LIMIT_MS;
	size_t n = 0;

	for (;;) {
		uint64_t now_ms = base_clock_steady_us() / 1000;
		struct pollfd p = {.fd = fd, .events = POLLIN};
		char rest[512];
		ssize_t got;

		if (now_ms >= until_ms)
			return false;
		if (poll(&p, 1, (int)(until_ms - now_ms)) <= 0)
			continue;
		got = n + 1 < size ? read(fd, text + n, size - 1 - n)
				   : read(fd, rest, sizeof(rest));
		if (got <= 0)
			break;
		n += n + 1 < size ? (size_t)got : 0;
	}
	while (n > 0 && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	return true;
}

int agentd_trial_run(const char *program, const char *config_path, struct base_error *error)
{
	char text[BASE_ERROR_TEXT_MAX] = "";
	bool has_ended;
	int fds[2], ret, status = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return base_error_set(error, -errno, "%s", strerror(errno));
	ret = start(&pid, program, config_path, fds);
	close(fds[1]);
	if (ret < 0) {
		close(fds[0]);
		return base_error_set(error, ret, "%s: %s", program, strerror(-ret));
	}
	has_ended = read_all(fds[0], text, sizeof(text));
	close(fds[0]);
	if (!has_ended)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!has_ended)
		return base_error_set(error, -ETIMEDOUT, "%s does not check its configuration",
				      program);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return base_error_set(error, -EINVAL, "%s",
			      text[0] != '\0' ? text : "the new program cannot be run");
}
