/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/grow.h - arrays that grow one item at a time.
 *
 * The array belongs to the caller and comes from malloc. It does not know what the items are. Any
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
