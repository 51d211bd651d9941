/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* again - how long a supervised server is away after kill -9.
 *
 *	again PORT ROUNDS
 *
 * The server greets each connection at 127.0.0.1 with its process id, a line, and closes it. The
 * program kills the process and connects until another one greets. It prints the time of each
 * round, from kill to greeting, in microseconds. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { GIVE_UP_US = 30000000, BETWEEN_US = 50, PAUSE_US = 1500000 };

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

/* Returns the id of the process that answers, or 0 if none does. */
static pid_t ask(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval limit = {.tv_sec = 1};
	char greeting[32];
	ssize_t n = -1;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		n = recv(fd, greeting, sizeof(greeting) - 1, 0);
	close(fd);
	if (n <= 0)
		return 0;
	greeting[n] = '\0';
	return (pid_t)atoi(greeting);
}

/* Waits until a process greets that is not `old`. Returns 0 after too long. */
static pid_t wait_for_other(int port, pid_t old)
{
	int64_t begun = now_us();

	while (now_us() - begun < GIVE_UP_US) {
		pid_t pid = ask(port);

		if (pid > 0 && pid != old)
			return pid;
		usleep(BETWEEN_US);
	}
	return 0;
}

int main(int argc, char **argv)
{
	int port, rounds;
	pid_t pid;

	if (argc < 3) {
		fprintf(stderr, "usage: again PORT ROUNDS\n");
		return 2;
	}
	port = atoi(argv[1]);
	rounds = atoi(argv[2]);
	pid = wait_for_other(port, 0);
	for (int i = 0; i < rounds && pid > 0; i++) {
		int64_t begun;

		usleep(PAUSE_US);
		begun = now_us();
		kill(pid, SIGKILL);
		pid = wait_for_other(port, pid);
		if (pid > 0)
			printf("%lld\n", (long long)(now_us() - begun));
	}
	if (pid == 0)
		fprintf(stderr, "nobody answers at port %d\n", port);
	return pid > 0 ? 0 : 1;
}
