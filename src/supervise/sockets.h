/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/sockets.h - the listening sockets of one service, which stay open while it is stopped
 * and started.
 *
 * It knows neither when the service runs nor where its state is kept: it only reads the part of the
 * state that is about sockets, and fills it in. One thread. */
#pragma once

#include <sys/types.h>

#include "supervise/socket.h"

struct base_error;
struct supervise_state;

struct supervise_sockets {
	const struct supervise_socket_settings *settings; /* borrowed */
	unsigned n;
	int *fds; /* -1: not open */
};

/* Makes `n` sockets that are not open. Returns 0, -E2BIG if there are more than
 * SUPERVISE_SOCKETS_MAX, or -ENOMEM: then there is nothing to free. */
int supervise_sockets_init(struct supervise_sockets *out,
			   const struct supervise_socket_settings *settings, unsigned n);

/* Closes them. */
void supervise_sockets_fini(struct supervise_sockets *sockets);

/* Opens those that are not open. Returns 0, or a negative errno with `error` filled in: then those
 * before the one that failed are open. */
int supervise_sockets_open(struct supervise_sockets *sockets, struct base_error *error);

/* Finds the sockets of the supervisor before this one: at their old numbers, if this program has
 * replaced it; else in the process of the service (`pid` 0: there is none). */
void supervise_sockets_adopt(struct supervise_sockets *sockets, const struct supervise_state *state,
			     pid_t pid, int pidfd);

/* Writes names, numbers and inodes into the state. */
void supervise_sockets_record(const struct supervise_sockets *sockets,
			      struct supervise_state *state);

/* Has them stay open at exec, for the program that replaces this one. Returns 0 or a negative
 * errno. */
int supervise_sockets_keep(const struct supervise_sockets *sockets);

/* Goes on with other settings: a socket that has the same name, type and address stays open, the
 * others are closed. Returns as supervise_sockets_init, then with nothing changed. */
int supervise_sockets_change(struct supervise_sockets *sockets,
			     const struct supervise_socket_settings *settings, unsigned n);
