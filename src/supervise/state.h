/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/state.h - what a supervisor must know of a unit after it was killed: one small file a
 * unit.
 *
 * The file has a checksum: a torn one counts as none. It is not synchronized to disk, since after a
 * power failure no process is left to be adopted: the boot's id in it shows that. Lines of `key
 * value`, for people as well. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "child/group.h"
#include "child/identity.h"
#include "supervise/health.h"
#include "supervise/socket.h"

struct base_error;

struct supervise_state {
	bool has_process;
	struct child_identity process; /* if there is one */
	char group[CHILD_GROUP_PATH_MAX];
	bool is_up;	  /* had reached `up` */
	bool is_stopping; /* was asked to stop */
	bool is_wanted;	  /* was asked to start, and not to stop since */
	enum supervise_verdict health;
	uint64_t started_ms; /* wall clock */
	uint32_t nrestarts;

	unsigned nsockets;
	struct supervise_state_socket {
		char name[SUPERVISE_SOCKET_NAME_MAX];
		int fd; /* its number in the supervisor: after execve it is still there */
		uint64_t inode;
	} sockets[SUPERVISE_SOCKETS_MAX];
};

/* Writes over the file, which a kill of this process does not interrupt. Returns 0 or a negative
 * errno. */
int supervise_state_write(const char *path, const struct supervise_state *state);

/* Reads the file. Returns 0, or a negative errno with `out` all zero: -ENOENT if there is none,
 * -EBADMSG if it is damaged, with `error` filled in. */
int supervise_state_read(struct supervise_state *out, const char *path, struct base_error *error);
