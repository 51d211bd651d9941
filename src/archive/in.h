/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* archive/in.h - reading an archive that archive/out.h has written.
 *
 * Members come in order, and only at the end is it known that all of them are whole: what was read
 * must not be used before. Names come from the archive: the caller judges them before it makes a
 * file of one. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The functions that get what is read, borrowed during the call. Each returns 0, or a negative
 * errno, which ends the reading. The member with the checksums is not handed on. */
struct archive_in_reader {
	int (*on_member)(void *arg, const char *name, uint64_t nbytes);
	int (*on_bytes)(void *arg, const void *bytes, size_t nbytes);
	int (*on_member_end)(void *arg);
	void *arg; /* of all functions */
};

/* Reads the archive from the descriptor `fd`, a file or a pipe, up to its end. Returns 0 if the
 * archive is whole and its checksums agree; otherwise a negative errno: -EBADMSG, described in
 * `error`, if it is damaged, cut off or no archive of ours; of read(2), also described; or what a
 * function returned, with `error` unchanged. */
int archive_in_read(int fd, const struct archive_in_reader *reader, struct base_error *error);
