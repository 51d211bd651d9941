/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "hash_key.h"

#include "base/hash.h"

void hash_key_fix(uint64_t key)
{
	_Static_assert(sizeof(key) == BASE_HASH_KEY_SIZE, "the key is one number");
	memcpy(&base_hash_key, &key, sizeof(key));
}
