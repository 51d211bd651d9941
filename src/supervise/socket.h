/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/socket.h - listening sockets that the supervisor binds and its services get, as
 * systemd's (LISTEN_FDS): clients can connect while the service is restarted.
 *
 * A socket is known by its inode. So a supervisor that was killed and started again finds the
 * socket in the process that still has it (pidfd_getfd), and one that has replaced itself by execve
 * finds it at its old number. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

struct base_error;

enum { SUPERVISE_SOCKETS_MAX = 16, SUPERVISE_SOCKET_NAME_MAX = 64 };

struct supervise_socket_settings {
	const char *name; /* LISTEN_FDNAMES: without a colon, at most 63 bytes. Borrowed */
	int type;	  /* SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET */
	struct sockaddr_storage address; /* AF_INET, AF_INET6 or AF_UNIX */
	bool is_dual; /* AF_INET6: for IPv4, too, or, if there is no IPv6, for all
					    addresses of IPv4. Else not for IPv4 */
	mode_t mode;  /* of AF_UNIX; 0: 0666 */
	int backlog;  /* 0: SOMAXCONN */
};

/* Binds and listens. A file at the path of a Unix socket that nobody listens at is replaced.
 * Returns the descriptor, which is closed at exec; or a negative errno with `error` filled in. */
int supervise_socket_open(const struct supervise_socket_settings *settings,
			  struct base_error *error);

/* Returns the inode of a socket; 0 if `fd` is not an open socket. */
uint64_t supervise_socket_inode(int fd);

/* Takes the socket with `inode` out of a process. Returns a descriptor, or a negative errno:
 * -ENOENT if the process does not have it. */
int supervise_socket_take(uint64_t inode, pid_t pid, int pidfd);
