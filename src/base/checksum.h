/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/checksum.h - checksums of what is kept on disk (XXH3).
 *
 * The same value in every process and on every machine; so no table may use it: base/hash.h is for
 * tables. It finds errors of the disk, not forgeries. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* A checksum of several pieces. */
struct base_checksum_state {
	XXH3_state_t state;
};

/* Returns the checksum of the `nbytes` at `bytes`. `seed` tells apart what must not be taken for
 * each other: files, blocks of a file. */
static inline uint64_t base_checksum(const void *bytes, size_t nbytes, uint64_t seed)
{
	return XXH3_64bits_withSeed(bytes, nbytes, seed);
}

/* Begins a checksum with `seed`: that of the pieces in a row. */
static inline void base_checksum_begin(struct base_checksum_state *s, uint64_t seed)
{
	XXH3_INITSTATE(&s->state);
	XXH3_64bits_reset_withSeed(&s->state, seed);
}

/* Adds a piece. */
static inline void base_checksum_add(struct base_checksum_state *s, const void *bytes,
				     size_t nbytes)
{
	XXH3_64bits_update(&s->state, bytes, nbytes);
}

/* Returns the checksum of all pieces. */
static inline uint64_t base_checksum_end(const struct base_checksum_state *s)
{
	return XXH3_64bits_digest(&s->state);
}
