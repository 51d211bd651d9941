/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervise/state.h"

int supervise_sockets_init(struct supervise_sockets *out,
			   const struct supervise_socket_settings *settings, unsigned n)
{
	int *fds;

	if (n > SUPERVISE_SOCKETS_MAX)
		return -E2BIG;
	fds = malloc((n + 1) * sizeof(*fds));
	if (fds == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++)
		fds[i] = -1;
	*out = (struct supervise_sockets){.settings = settings, .n = n, .fds = fds};
	return 0;
}

void supervise_sockets_fini(struct supervise_sockets *sockets)
{
	for (unsigned i = 0; i < sockets->n; i++)
		if (sockets->fds[i] >= 0)
			close(sockets->fds[i]);
	free(sockets->fds);
	*sockets = (struct supervise_sockets){0};
}

int supervise_sockets_open(struct supervise_sockets *sockets, struct base_error *error)
{
	for (unsigned i = 0; i < sockets->n; i++) {
		if (sockets->fds[i] < 0)
			sockets->fds[i] = supervise_socket_open(&sockets->settings[i], error);
		if (sockets->fds[i] < 0)
			return sockets->fds[i];
	}
	return 0;
}

/* Returns the descriptor of what the state has of a socket, or a negative number. */
static int recorded_find(const struct supervise_state_socket *one, pid_t pid, int pidfd)
{
	if (supervise_socket_inode(one->fd) == one->inode)
		return one->fd;
	return pid != 0 ? supervise_socket_take(one->inode, pid, pidfd) : -1;
}

void supervise_sockets_adopt(struct supervise_sockets *sockets, const struct supervise_state *state,
			     pid_t pid, int pidfd)
{
	for (unsigned i = 0; i < sockets->n; i++) {
		for (unsigned k = 0; k < state->nsockets && sockets->fds[i] < 0; k++) {
			const struct supervise_state_socket *one = &state->sockets[k];

			if (strcmp(one->name, sockets->settings[i].name) != 0 || one->inode == 0)
				continue;
			sockets->fds[i] = recorded_find(one, pid, pidfd);
			if (sockets->fds[i] >= 0)
				fcntl(sockets->fds[i], F_SETFD, FD_CLOEXEC);
		}
	}
}

void supervise_sockets_record(const struct supervise_sockets *sockets,
			      struct supervise_state *state)
{
	state->nsockets = sockets->n;
	for (unsigned i = 0; i < sockets->n; i++) {
		struct supervise_state_socket *one = &state->sockets[i];

		snprintf(one->name, sizeof(one->name), "%s", sockets->settings[i].name);
		one->fd = sockets->fds[i];
		one->inode = supervise_socket_inode(sockets->fds[i]);
	}
}

int supervise_sockets_keep(const struct supervise_sockets *sockets)
{
	for (unsigned i = 0; i < sockets->n; i++)
		if (sockets->fds[i] >= 0 && fcntl(sockets->fds[i], F_SETFD, 0) < 0)
			return -errno;
	return 0;
}

static bool is_same(const struct supervise_socket_settings *a,
		    const struct supervise_socket_settings *b)
{
	return strcmp(a->name, b->name) == 0 && a->type == b->type && a->is_dual == b->is_dual &&
	       memcmp(&a->address, &b->address, sizeof(a->address)) == 0;
}

/* Takes the descriptor of a socket out of those that were. Returns it, or -1. */
static int descriptor_take(struct supervise_sockets *from,
			   const struct supervise_socket_settings *wanted)
{
	int fd = -1;

	for (unsigned i = 0; i < from->n && fd < 0; i++) {
		if (from->fds[i] < 0 || !is_same(&from->settings[i], wanted))
			continue;
		fd = from->fds[i];
		from->fds[i] = -1;
	}
	return fd;
}

int supervise_sockets_change(struct supervise_sockets *sockets,
			     const struct supervise_socket_settings *settings, unsigned n)
{
	struct supervise_sockets next;
	int ret = supervise_sockets_init(&next, settings, n);

	if (ret < 0)
		return ret;
	for (unsigned i = 0; i < n; i++)
		next.fds[i] = descriptor_take(sockets, &settings[i]);
	supervise_sockets_fini(sockets);
	*sockets = next;
	return 0;
}
