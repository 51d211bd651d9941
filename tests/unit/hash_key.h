/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hash_key.h - hashes that are the same in each run.
 *
 * base/hash.h keys all hashes at random. A test or a fuzz target whose result depends on their
 * values lists hash_key.c among its sources and calls hash_key_fix first of all. */
#pragma once

#include <stdint.h>

/* Makes `key` the key of all hashes of this process. Tables that were made before become invalid.
 */
void hash_key_fix(uint64_t key);
