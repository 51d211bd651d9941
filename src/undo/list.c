/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "undo/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct undo_list *undo_list_of(const struct undo_table *t, const uint8_t *zone,
				     const uint8_t *name)
{
	return undo_table_content(t, zone, name);
}

int undo_list_put(struct undo_table *t, const uint8_t *zone, const uint8_t *name,
		  const uint8_t *bytes, size_t nbytes)
{
	struct undo_key key;
	struct undo_entry *e;
	struct undo_list *l = NULL;

	if (nbytes == 0 && t->count == 0)
		return 0;
	undo_table_key(t, &key, zone, name, 0);
	e = nbytes == 0 ? undo_table_find(t, &key) : undo_table_take(t, &key);
	if (e == NULL)
		return nbytes == 0 ? 0 : -ENOMEM;
	if (nbytes == 0 && e->content == NULL)
		return 0;
	if (nbytes > 0) {
		l = malloc(sizeof(*l) + nbytes);
		if (l == NULL)
			return -ENOMEM;
		l->nbytes = nbytes;
		memcpy(l->bytes, bytes, nbytes);
	}
	return undo_table_put(t, e, l);
}
