/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/grow.h - arrays that grow: room for one more, doubled when it runs out. The array is the
 * caller's, from malloc. */
#pragma once

#include <stdlib.h>

/* Sees to it that the array at `items`, `used` of whose `*room` items of `size` octets are used,
 * has room for one more. Returns the array, which may have moved; NULL when memory is short, the
 * old one is then as it was. */
static inline void *base_grow(void *items, size_t used, size_t *room, size_t size)
{
	size_t more = *room == 0 ? 16 : *room * 2;
	void *grown;

	if (used < *room)
		return items;
	grown = realloc(items, more * size);
	if (grown != NULL)
		*room = more;
	return grown;
}
