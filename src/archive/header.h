/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* archive/header.h - the header of a member of a tar archive (POSIX.1-2001, ustar and pax).
 * Room-private.
 *
 * A member is a regular file: a header of ARCHIVE_BLOCK bytes, its content, and zeroes up to a
 * whole block. A name or a size that the header has no room for is in an extended header, a member
 * of its own before it. No state, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ARCHIVE_BLOCK = 512,
	ARCHIVE_NAME_MAX = 256, /* bytes of a member's name, NUL included */
	/* An extended header with its content, and the header: the most that a member begins
	 * with. */
	ARCHIVE_HEADER_MAX = 4 * ARCHIVE_BLOCK
};

/* What a header contains. */
struct archive_header {
	char name[ARCHIVE_NAME_MAX];
	uint64_t nbytes; /* of the content */
	uint64_t time_s; /* of the last change */
};

/* Writes the header, with an extended one before it if it needs that. Returns the bytes written, a
 * multiple of ARCHIVE_BLOCK. */
size_t archive_header_write(const struct archive_header *h,
			    uint8_t out[static ARCHIVE_HEADER_MAX]);

/* What a block that should be a header is. */
enum archive_header_kind {
	ARCHIVE_HEADER_FILE,	 /* a regular file follows */
	ARCHIVE_HEADER_EXTENDED, /* the content is for archive_header_extend */
	ARCHIVE_HEADER_END,	 /* zeroes: the archive ends */
	ARCHIVE_HEADER_INVALID	 /* not a header, or of a kind that weft does not write */
};

/* Parses one block. Name and size of an extended header are its own. */
enum archive_header_kind archive_header_parse(struct archive_header *h,
					      const uint8_t block[static ARCHIVE_BLOCK]);

/* Replaces what `h` has by the content of an extended header. Returns false if that is not
 * understood. */
bool archive_header_extend(struct archive_header *h, const char *content, size_t nbytes);

/* Returns the zeroes that follow a content of `nbytes`. */
static inline size_t archive_header_padding(uint64_t nbytes)
{
	return (size_t)(-nbytes % ARCHIVE_BLOCK);
}
