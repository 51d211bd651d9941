/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* crowd - many clients that follow a service, each with a context and a connector of its own, and
 * go after it when it moves.
 *
 * Writes `ready` when all are connected; then, for each client that has a connection to the place
 * where the service has moved to, a line with the microseconds of CLOCK_MONOTONIC and the greeting.
 * It ends with its standard input, or when all have followed. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <weft/weft.h>

#include "base/clock.h"

enum { CONNECT_MS = 10000 };

struct client {
	struct weft *context;
	struct weft_connector *connector;
	uint64_t deadline_ms;
	bool is_connected, has_moved, has_followed;
};

static struct client *clients;
static unsigned nclients, nconnected, nfollowed, nerrors;

static void connected(void *arg, int error, int fd, const struct weft_instance *to)
{
	struct client *c = arg;
	char greeting[64] = "";
	ssize_t n;

	if (error != WEFT_OK) {
		nerrors++;
		return;
	}
	n = c->has_moved ? recv(fd, greeting, sizeof(greeting) - 1, 0) : 0;
	close(fd);
	if (!c->is_connected) {
		c->is_connected = true;
		nconnected++;
		return;
	}
	if (!c->has_moved || c->has_followed || n <= 0)
		return;
	c->has_followed = true;
	nfollowed++;
	printf("%llu %s %s", (unsigned long long)base_clock_steady_us(), weft_instance_host(to),
	       greeting);
}

static void on_event(void *arg, enum weft_connector_event event, const struct weft_instance *to)
{
	struct client *c = arg;

	(void)to;
	if (event == WEFT_CONNECTOR_MOVED)
		c->has_moved = true;
	if (event == WEFT_CONNECTOR_READY || event == WEFT_CONNECTOR_MOVED)
		weft_connector_start(c->connector, 0, CONNECT_MS, connected, c, NULL);
}

static bool client_open(struct client *c, int epoll, const char *name)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

	return weft_new(&c->context) == WEFT_OK && weft_load(c->context) == WEFT_OK &&
	       weft_connector_new(c->context, name, on_event, c, &c->connector) == WEFT_OK &&
	       epoll_ctl(epoll, EPOLL_CTL_ADD, weft_fd(c->context), &event) == 0;
}

/* Waits for a client that has something to do. Returns false at the end of standard input. */
static bool turn(int epoll)
{
	struct epoll_event events[64];
	struct pollfd waits[] = {{.fd = STDIN_FILENO, .events = POLLIN},
				 {.fd = epoll, .events = POLLIN}};
	uint64_t now = base_clock_steady_us() / 1000, next = now + 1000;
	int n;

	for (unsigned i = 0; i < nclients; i++)
		if (clients[i].deadline_ms < next)
			next = clients[i].deadline_ms;
	poll(waits, 2, next > now ? (int)(next - now) : 0);
	if (waits[0].revents != 0)
		return false;
	n = epoll_wait(epoll, events, 64, 0);
	for (int i = 0; i < n; i++) {
		struct client *c = events[i].data.ptr;

		weft_process(c->context);
		c->deadline_ms = weft_deadline_ms(c->context);
	}
	now = base_clock_steady_us() / 1000;
	for (unsigned i = 0; i < nclients && n < 64; i++)
		if (clients[i].deadline_ms <= now) {
			weft_process(clients[i].context);
			clients[i].deadline_ms = weft_deadline_ms(clients[i].context);
		}
	return true;
}

int main(int argc, char **argv)
{
	const struct rlimit files = {65536, 65536};
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	bool is_ready = false;

	if (argc != 3) {
		fprintf(stderr, "usage: crowd CLIENTS NAME\n");
		return 2;
	}
	setrlimit(RLIMIT_NOFILE, &files);
	nclients = (unsigned)atoi(argv[1]);
	clients = calloc(nclients, sizeof(*clients));
	for (unsigned i = 0; clients != NULL && i < nclients; i++)
		if (!client_open(&clients[i], epoll, argv[2])) {
			fprintf(stderr, "client %u: %s\n", i, strerror(errno));
			return 1;
		}
	while (nfollowed < nclients && turn(epoll)) {
		if (is_ready || nconnected < nclients)
			continue;
		is_ready = true;
		puts("ready");
		fflush(stdout);
	}
	printf("errors %u\n", nerrors);
	return 0;
}
