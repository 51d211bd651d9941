/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "load.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

enum { BURST = 64, IDS = 65536, BUFFER = 4 << 20 };

uint64_t load_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static int socket_connect(const char *address, const char *port)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST}, *found;
	int fd, size = BUFFER;

	if (getaddrinfo(address, port, &hints, &found) != 0)
		return -1;
	fd = socket(found->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return fd;
}

int load_open(struct load *l, const char *address, const char *port)
{
	for (unsigned i = 0; i < LOAD_SOCKETS; i++) {
		l->fd[i] = socket_connect(address, port);
		l->flight[i] = calloc(IDS, sizeof(struct load_flight));
		if (l->fd[i] < 0 || l->flight[i] == NULL) {
			fprintf(stderr, "cannot connect to %s@%s: %s\n", address, port,
				strerror(errno));
			return -1;
		}
	}
	return 0;
}

void load_close(struct load *l)
{
	for (unsigned i = 0; i < LOAD_SOCKETS; i++) {
		if (l->fd[i] > 0)
			close(l->fd[i]);
		free(l->flight[i]);
	}
	free(l->signers);
}

int load_keys(struct load *l, const char *path)
{
	FILE *in = fopen(path, "r");
	char name[300], secret[300];

	while (in != NULL && fscanf(in, "%299s %299s", name, secret) == 2) {
		struct signer *more = reallocarray(l->signers, l->nsigners + 1, sizeof(*more));

		if (more == NULL || signer_init(&more[l->nsigners], name, secret) < 0)
			break;
		l->signers = more;
		l->nsigners++;
	}
	if (in != NULL)
		fclose(in);
	if (l->nsigners == 0)
		fprintf(stderr, "%s: no keys\n", path);
	return l->nsigners == 0 ? -1 : 0;
}

const struct signer *load_signer(const struct load *l, uint32_t service)
{
	return &l->signers[service % l->nsigners];
}

bool load_next(struct load *l, unsigned *socket, uint16_t *id)
{
	*socket = l->turn % LOAD_SOCKETS;
	*id = l->id[*socket];
	if (l->flight[*socket][*id].kind != LOAD_NOTHING)
		return false;
	l->turn++;
	l->id[*socket]++;
	return true;
}

void load_send(struct load *l, unsigned socket, uint16_t id, const uint8_t *msg, size_t nbytes,
	       enum load_kind kind, uint32_t service)
{
	/* What the kernel does not take counts as lost, as on a network. */
	ssize_t n = send(l->fd[socket], msg, nbytes, 0);

	(void)n;
	l->flight[socket][id] = (struct load_flight){load_now_us(), service, (uint8_t)kind};
	l->sent++;
	l->in_flight++;
}

static void answer_take(struct load *l, unsigned socket, const uint8_t *msg, size_t nbytes,
			void (*take)(void *, const struct load_answer *), void *arg)
{
	struct load_flight *flight;
	struct load_answer a;

	if (nbytes < 12)
		return;
	flight = &l->flight[socket][base_load16(msg)];
	if (flight->kind == LOAD_NOTHING)
		return;
	a = (struct load_answer){*flight, msg[3] & 15u, base_load16(msg + 6)};
	flight->kind = LOAD_NOTHING;
	l->in_flight--;
	l->answered++;
	take(arg, &a);
}

static void socket_read(struct load *l, unsigned socket,
			void (*take)(void *, const struct load_answer *), void *arg)
{
	static uint8_t bytes[BURST][MESSAGE_MAX];
	struct iovec iov[BURST];
	struct mmsghdr msgs[BURST];
	int n;

	do {
		for (unsigned i = 0; i < BURST; i++) {
			iov[i] = (struct iovec){bytes[i], MESSAGE_MAX};
			msgs[i] =
				(struct mmsghdr){.msg_hdr = {.msg_iov = &iov[i], .msg_iovlen = 1}};
		}
		n = recvmmsg(l->fd[socket], msgs, BURST, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++)
			answer_take(l, socket, bytes[i], msgs[i].msg_len, take, arg);
	} while (n == BURST);
}

void load_take(struct load *l, uint64_t wait_us, void (*take)(void *, const struct load_answer *),
	       void *arg)
{
	struct timespec wait = {(time_t)(wait_us / 1000000), (long)(wait_us % 1000000) * 1000};
	struct pollfd p[LOAD_SOCKETS];

	for (unsigned i = 0; i < LOAD_SOCKETS; i++)
		p[i] = (struct pollfd){.fd = l->fd[i], .events = POLLIN};
	if (ppoll(p, LOAD_SOCKETS, &wait, NULL) <= 0)
		return;
	for (unsigned i = 0; i < LOAD_SOCKETS; i++)
		if (p[i].revents != 0)
			socket_read(l, i, take, arg);
}

void load_give_up(struct load *l, void (*take)(void *, const struct load_answer *), void *arg)
{
	uint64_t before_us = load_now_us() - LOAD_LOST_MS * 1000;

	for (unsigned i = 0; i < LOAD_SOCKETS && l->in_flight > 0; i++)
		for (unsigned id = 0; id < IDS; id++) {
			struct load_flight *flight = &l->flight[i][id];
			struct load_answer a = {*flight, LOAD_RCODE_LOST, 0};

			if (flight->kind == LOAD_NOTHING || flight->sent_us > before_us)
				continue;
			flight->kind = LOAD_NOTHING;
			l->in_flight--;
			l->lost++;
			take(arg, &a);
		}
}

bool load_option(struct load_options *o, int c)
{
	switch (c) {
	case 'a':
		o->address = optarg;
		return true;
	case 'p':
		o->port = optarg;
		return true;
	case 'z':
		o->zone = optarg;
		return true;
	case 'k':
		o->keys = optarg;
		return true;
	default:
		return false;
	}
}

bool load_options_are_whole(const struct load_options *o)
{
	return o->address != NULL && o->port != NULL && o->zone != NULL && o->keys != NULL;
}

int load_run(const struct load_options *o, int (*measure)(struct load *l, const void *arg),
	     const void *arg)
{
	struct load l = {.nservices = o->services};
	int status = 1;

	if (dns_name_from_text(l.zone, o->zone, strlen(o->zone), NULL) == 0)
		return 2;
	l.about = (struct subject){l.zone, o->lease_s};
	if (load_keys(&l, o->keys) == 0 && load_open(&l, o->address, o->port) == 0)
		status = measure(&l, arg);
	load_close(&l);
	return status;
}
