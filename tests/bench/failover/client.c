/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* client - connects again and again by one way, and writes a line for each connection:
 *
 * 	BEGIN DURATION RESULT
 *
 * in microseconds of CLOCK_MONOTONIC; RESULT is what the instance has sent, or `error`. A
 * connection counts when the instance has greeted. It ends with its standard input. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "way.h"

int way_connect(const struct sockaddr *address, unsigned nbytes)
{
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pollfd wait = {.fd = fd, .events = POLLOUT};
	int error = 0;
	socklen_t size = sizeof(error);

	if (fd < 0)
		return -1;
	if (connect(fd, address, nbytes) == 0 ||
	    (errno == EINPROGRESS && poll(&wait, 1, WAY_CONNECT_MS) == 1 &&
	     getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)) {
		fcntl(fd, F_SETFL, 0);
		return fd;
	}
	close(fd);
	return -1;
}

/* Reads the greeting, a line. Returns false if there is none within a second. */
static bool greeting_read(int fd, char *out, size_t size)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	size_t n = 0;

	while (n + 1 < size && poll(&wait, 1, WAY_CONNECT_MS) == 1) {
		ssize_t got = read(fd, out + n, size - 1 - n);

		if (got <= 0)
			return false;
		n += (size_t)got;
		if (out[n - 1] == '\n') {
			out[n - 1] = '\0';
			return true;
		}
	}
	return false;
}

static void attempt(const struct way *way)
{
	uint64_t begin = base_clock_steady_us();
	char greeting[64];
	int fd = way->connect();
	bool is_good = fd >= 0 && greeting_read(fd, greeting, sizeof(greeting));

	if (fd >= 0)
		close(fd);
	printf("%llu %llu %s\n", (unsigned long long)begin,
	       (unsigned long long)(base_clock_steady_us() - begin), is_good ? greeting : "error");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	const struct way *const ways[] = {&way_weft, &way_connector, &way_poll, &way_cares,
					  &way_system};
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	const struct way *way = NULL;
	struct way_service service;

	if (argc != 7) {
		fprintf(stderr, "usage: client WAY PERIOD-MS NAME HOST PORT REGISTRIES\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (strcmp(ways[i]->name, argv[1]) == 0)
			way = ways[i];
	service = (struct way_service){argv[3], argv[4], argv[5], argv[6]};
	if (way == NULL || way->open(&service) < 0)
		return 1;
	while (poll(&input, 1, atoi(argv[2])) == 0)
		attempt(way);
	return 0;
}
