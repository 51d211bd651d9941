/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/grow.h - arrays that grow: by one item, or by some bytes; and how large they become.
 *
 * The array belongs to the caller and comes from malloc. Nothing here knows what the items are. A
 * size that does not fit its type is short memory, never a smaller size. Any thread, one at a time
 * for each array. */
#pragma once

#include <stdint.h>
#include <stdlib.h>

/* Returns the capacity for at least `need` items of `size` bytes (not 0): half as much again as
 * `capacity` where that is enough. Returns 0 if `need` items are more than an array may have. */
static inline size_t base_grow_capacity(size_t capacity, size_t need, size_t size)
{
	size_t most = PTRDIFF_MAX / size, more = capacity / 2 < most ? capacity / 2 : most;

	if (need > most)
		return 0;
	more = capacity < most - more ? capacity + more : most;
	return more > need ? more : need;
}

/* Like base_grow_capacity, for a capacity and an index of 32 bits: returns 0 if `need` exceeds
 * these, too. */
static inline uint32_t base_grow_capacity32(uint32_t capacity, uint64_t need, size_t size)
{
	size_t grown = need > UINT32_MAX ? 0 : base_grow_capacity(capacity, need, size);

	return grown > UINT32_MAX ? UINT32_MAX : (uint32_t)grown;
}

/* Makes room for one more item: `items` (NULL if *capacity is 0) has room for `*capacity` items of
 * `size` bytes, `used` of which are in use. A full array is doubled, from 16 items on. Returns the
 * array, which may have moved, with the new `*capacity`; or NULL when out of memory, with the old
 * array and `*capacity` unchanged. */
static inline void *base_grow(void *items, size_t used, size_t *capacity, size_t size)
{
	size_t more = *capacity == 0 ? 16 : *capacity * 2;
	void *grown;

	if (used < *capacity)
		return items;
	if (*capacity > PTRDIFF_MAX / 2 / size)
		return NULL;
	grown = realloc(items, more * size);
	if (grown != NULL)
		*capacity = more;
	return grown;
}

/* Makes room for `n` more bytes after the first `used` of `bytes` (NULL if *capacity is 0). Returns
 * the bytes, which may have moved, with the new `*capacity`, at least doubled where it changes; or
 * NULL when out of memory, with the old bytes and `*capacity` unchanged. */
static inline void *base_grow_bytes(void *bytes, size_t used, size_t *capacity, size_t n)
{
	void *grown;

	if (n <= *capacity - used)
		return bytes;
	if (n > PTRDIFF_MAX / 2 - used)
		return NULL;
	grown = realloc(bytes, (used + n) * 2);
	if (grown != NULL)
		*capacity = (used + n) * 2;
	return grown;
}
