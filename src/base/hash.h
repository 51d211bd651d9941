/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/hash.h - the one hash for tables in memory (XXH3).
 *
 * It is always keyed with a random number of this process, so that nobody outside can choose names
 * that collide. No caller can leave the key out, choose it or read it: it is made before main()
 * runs, and its type is known to hash.c only. So a hash means nothing outside the process; what is
 * written to disk is under a base_checksum. It is not a cryptographic hash. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* The key. The tests' hash_key_fix() is the only other writer. */
struct base_hash_key;
extern struct base_hash_key base_hash_key;

enum { BASE_HASH_KEY_SIZE = 8 };

struct base_hash_wide {
	uint64_t high, low;
};

/* Returns the seed of a hash with `salt`. For this header only. */
static inline uint64_t base_hash_seed(uint64_t salt)
{
	uint64_t key;

	memcpy(&key, &base_hash_key, sizeof(key));
	return key + salt;
}

/* Returns the hash of the `nbytes` at `bytes` under the process' key. `salt` makes the hashes of a
 * kind, of a table, or after another hash, different ones: it may be a constant. */
static inline uint64_t base_hash(const void *bytes, size_t nbytes, uint64_t salt)
{
	return XXH3_64bits_withSeed(bytes, nbytes, base_hash_seed(salt));
}

/* Like base_hash, but returns 128 bits, by which alone bytes may be recognized. */
static inline struct base_hash_wide base_hash_wide(const void *bytes, size_t nbytes, uint64_t salt)
{
	XXH128_hash_t h = XXH3_128bits_withSeed(bytes, nbytes, base_hash_seed(salt));

	return (struct base_hash_wide){h.high64, h.low64};
}
