/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/system.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

/* What the child sends: few enough bytes for one write to a pipe. */
struct result {
	int error;
	size_t naddresses;
	struct sockaddr_storage addresses[DOCTOR_SYSTEM_MAX];
};

static _Noreturn void child_run(int fd, const char *host)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	struct result r = {.error = getaddrinfo(host, NULL, &hints, &found)};

	for (struct addrinfo *a = found; a != NULL && r.naddresses < DOCTOR_SYSTEM_MAX;
	     a = a->ai_next)
		memcpy(&r.addresses[r.naddresses++], a->ai_addr, a->ai_addrlen);
	_exit(write(fd, &r, sizeof(r)) == (ssize_t)sizeof(r) ? 0 : 1);
}

void doctor_system_begin(struct doctor_system *s, const uint8_t *host)
{
	int fds[2];
	size_t n;

	*s = (struct doctor_system){.fd = -1, .error = EAI_AGAIN};
	n = dns_name_to_text(s->host, host);
	if (n > 1)
		s->host[n - 1] = '\0'; /* as programs ask: /etc/hosts has no final dots */
	if (pipe(fds) < 0)
		return;
	s->started_us = base_clock_steady_us();
	s->pid = fork();
	if (s->pid == 0) {
		close(fds[0]);
		child_run(fds[1], s->host);
	}
	close(fds[1]);
	if (s->pid < 0) {
		close(fds[0]);
		s->pid = 0;
		return;
	}
	s->fd = fds[0];
}

void doctor_system_end(struct doctor_system *s, uint64_t deadline_ms)
{
	struct pollfd waits = {.fd = s->fd, .events = POLLIN};
	uint64_t now_ms = base_clock_steady_us() / 1000;
	struct result r;

	if (s->pid == 0)
		return;
	if (poll(&waits, 1, deadline_ms > now_ms ? (int)(deadline_ms - now_ms) : 0) > 0 &&
	    read(s->fd, &r, sizeof(r)) == (ssize_t)sizeof(r)) {
		s->error = r.error;
		s->naddresses = r.naddresses;
		memcpy(s->addresses, r.addresses, sizeof(s->addresses));
	}
	s->rtt_us = (uint32_t)(base_clock_steady_us() - s->started_us);
	close(s->fd);
	s->fd = -1;
	kill(s->pid, SIGKILL);
	while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		;
	s->pid = -1;
}
