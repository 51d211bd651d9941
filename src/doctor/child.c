/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

int doctor_child_begin(struct doctor_child *c, void (*run)(int fd, const void *arg),
		       const void *arg)
{
	int fds[2], ret;

	*c = (struct doctor_child){.fd = -1};
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	c->pid = fork();
	if (c->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fds[0]);
		run(fds[1], arg);
		_exit(0);
	}
	ret = c->pid < 0 ? -errno : 0;
	close(fds[1]);
	if (ret < 0) {
		close(fds[0]);
		c->pid = 0;
		return ret;
	}
	c->fd = fds[0];
	return 0;
}

int doctor_child_read(struct doctor_child *c, void *out, size_t nbytes, uint64_t deadline_ms)
{
	for (;;) {
		struct pollfd waits = {.fd = c->fd, .events = POLLIN};
		uint64_t now_ms = base_clock_steady_us() / 1000;
		int ret = poll(&waits, 1, deadline_ms > now_ms ? (int)(deadline_ms - now_ms) : 0);

		if (ret > 0)
			return read(c->fd, out, nbytes) == (ssize_t)nbytes;
		if (ret == 0 || errno != EINTR)
			return -ETIMEDOUT;
	}
}

void doctor_child_end(struct doctor_child *c)
{
	if (c->pid == 0)
		return;
	close(c->fd);
	kill(c->pid, SIGKILL);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*c = (struct doctor_child){.fd = -1};
}
