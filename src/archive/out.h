/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* archive/out.h - a tar archive being written, with a checksum of each member.
 *
 * Any tar reads the archive. Its last member, ARCHIVE_OUT_SUMS, has one line for each member before
 * it: checksum, bytes, name; so archive/in.h sees what was damaged or cut off. Bytes go to a
 * function. Knows nothing of what is in the members. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "archive/header.h"
#include "base/checksum.h"

/* The name of the last member. */
#define ARCHIVE_OUT_SUMS "checksums"

/* Gets the next bytes, borrowed. Returns 0 or a negative errno. */
typedef int (*archive_bytes_fn)(void *arg, const void *bytes, size_t nbytes);

struct archive_out {
	/* set by archive_out_begin */
	archive_bytes_fn on_bytes;
	void *arg;
	uint64_t time_s; /* of all members, seconds since 1970 */
	/* of the member being written */
	struct archive_header member;
	struct base_checksum_state checksum;
	uint64_t left;	/* bytes that are still to come */
	uint64_t total; /* bytes of the archive so far */
	char *sums;	/* lines; from malloc */
	size_t nsums, capacity;
};

/* Begins an archive whose bytes go to `on_bytes`. Writes nothing yet. archive_out_fini is owed. */
void archive_out_begin(struct archive_out *a, archive_bytes_fn on_bytes, void *arg,
		       uint64_t time_s);

/* Begins a member of `nbytes`, whose name has less than ARCHIVE_NAME_MAX characters and neither
 * blank nor newline. Returns 0 or a negative errno. */
int archive_out_member(struct archive_out *a, const char *name, uint64_t nbytes);

/* Writes the next bytes of the member, no more than it has left; the last ones end it. Returns 0 or
 * a negative errno. */
int archive_out_bytes(struct archive_out *a, const void *bytes, size_t nbytes);

/* Writes a whole member. Returns 0 or a negative errno. */
int archive_out_text(struct archive_out *a, const char *name, const char *text);

/* Writes the checksums and the end. Returns 0 or a negative errno. */
int archive_out_end(struct archive_out *a);

/* Frees what is inside. */
void archive_out_fini(struct archive_out *a);
