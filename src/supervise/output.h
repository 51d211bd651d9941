/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/output.h - where services write: files that rotate.
 *
 * A service has the file itself as its standard output, so it neither blocks nor dies when the
 * supervisor does. The file is never moved away from it: to rotate, the older part is copied to
 * FILE.1 and then cut off at the front of the file (FALLOC_FL_COLLAPSE_RANGE), where a writer that
 * appends does not notice it and nothing is lost. On file systems other than ext4 and xfs the file
 * is copied and truncated: what is written in the microseconds between is lost. A part ends where a
 * block does, not a line: FILE.2, FILE.1 and FILE read one after the other are the log. A service
 * may do with its output what it likes: of one that has grown to a multiple of its size only the
 * end is kept. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct supervise_output_settings {
	const char *path; /* NULL: output is dropped. Borrowed */
	uint64_t size;	  /* rotates when it is larger; 0: never */
	unsigned count;	  /* of old files, FILE.1 to FILE.N; 0: the older part is dropped */
};

/* Opens the file for a service, made with mode 0640 if it is missing: descriptor or negative errno.
 */
int supervise_output_open(const struct supervise_output_settings *settings);

/* Opens the journal's stream for a service that is called `name`. Returns the descriptor, or a
 * negative errno: -ENOENT if there is no journal on this machine. The service gets SIGPIPE if the
 * journal goes; a file has no such end. */
int supervise_output_journal(const char *name);

/* Rotates the file if it is larger than its size. Returns 1 if it has, 0 if not, or a negative
 * errno. */
int supervise_output_rotate(const struct supervise_output_settings *settings);

/* Keeps files from being rotated, by this process, until supervise_output_let(); never waits.
 * Returns false if a rotation is going on. */
bool supervise_output_hold(void);
void supervise_output_let(void);

/* Reads the last `lines` lines of FILE and its older files: a malloc'd text with NUL, of `nbytes`.
 * Returns 0 or a negative errno: -ENOENT if there is none. */
int supervise_output_tail(const struct supervise_output_settings *settings, size_t lines,
			  char **out, size_t *nbytes);
