/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/hash.h - the one hash for tables in memory and checksums on disk (XXH3).
 *
 * A table seeds it with a random number chosen at start, so that nobody outside can choose names
 * that collide. It is not a cryptographic hash. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Returns the hash of the `nbytes` at `bytes` under `seed`: the same value on every machine. */
static inline uint64_t base_hash(const void *bytes, size_t nbytes, uint64_t seed)
{
	return XXH3_64bits_withSeed(bytes, nbytes, seed);
}
