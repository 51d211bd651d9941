/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* reach/attempt.h - one connection to one address, from its beginning to its result.
 *
 * It does not know instances, and has no timeout. Nothing waits. One thread. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

/* What becomes of an attempt. */
enum reach_result {
	REACH_PENDING,
	REACH_CONNECTED,
	REACH_FAILED, /* the peer, or the network on the way to it */
	REACH_LOCAL,  /* this host: it has no route, no address, or does not permit it */
	REACH_SHORT,  /* this host: no descriptor or memory is left, which may change */
};

/* Makes a non-blocking socket (close-on-exec) and begins to connect it. REACH_PENDING and
 * REACH_CONNECTED: the socket is in `fd`; else `fd` is -1, and the negative errno in `error`. A
 * datagram socket is never pending: all that connect(2) finds out is whether there is a route. */
enum reach_result reach_attempt_begin(const struct sockaddr *to, bool is_datagram, int *fd,
				      int *error);

/* Returns what has become of a pending socket: REACH_PENDING, REACH_CONNECTED, or REACH_FAILED with
 * the negative errno in `error`; the socket remains the caller's, to be closed. A socket that is
 * connected to itself, since its own port was chosen as the local one (RFC 9293 section 3.5), was
 * refused. */
enum reach_result reach_attempt_check(int fd, int *error);
