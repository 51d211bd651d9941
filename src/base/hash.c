/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/secret.h"

struct base_hash_key {
	uint64_t word;
};

_Static_assert(sizeof(struct base_hash_key) == BASE_HASH_KEY_SIZE,
	       "BASE_HASH_KEY_SIZE is the size");

/* set before main() */
struct base_hash_key base_hash_key;

/* Any object that uses the key brings this function into its program, so no table can be made
 * before the key is. */
__attribute__((constructor)) static void key_make(void)
{
	if (base_secret_start() < 0) {
		fputs("no source of random numbers\n", stderr);
		abort();
	}
	base_secret_random(&base_hash_key, sizeof(base_hash_key));
}
