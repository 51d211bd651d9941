/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/grow.h - arrays that grow: by one item, or by some bytes.
 *
 * The array belongs to the caller and comes from malloc. Nothing here knows what the items are. Any
 * thread, one at a time for each array. */
#pragma once

#include <stdlib.h>

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

	if (used + n <= *capacity)
		return bytes;
	grown = realloc(bytes, (used + n) * 2);
	if (grown != NULL)
		*capacity = (used + n) * 2;
	return grown;
}
