/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "undo/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "undo/names.h"

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

int undo_list_add_name(struct undo_table *t, const uint8_t *zone, const uint8_t *name,
		       const uint8_t *item)
{
	const struct undo_list *l = undo_list_of(t, zone, name);
	size_t n = l == NULL ? 0 : l->nbytes;
	uint8_t *bytes;
	int ret;

	if (n > 0 && undo_names_offset(l->bytes, n, item) < n)
		return 0;
	bytes = malloc(n + DNS_NAME_MAX);
	if (bytes == NULL)
		return -ENOMEM;
	if (n > 0)
		memcpy(bytes, l->bytes, n);
	n += dns_name_lower(bytes + n, item);
	ret = undo_list_put(t, zone, name, bytes, n);
	free(bytes);
	return ret;
}

int undo_list_remove_name(struct undo_table *t, const uint8_t *zone, const uint8_t *name,
			  const uint8_t *item)
{
	const struct undo_list *l = undo_list_of(t, zone, name);
	size_t at, n;
	uint8_t *bytes;
	int ret;

	if (l == NULL || (at = undo_names_offset(l->bytes, l->nbytes, item)) == l->nbytes)
		return 0;
	n = dns_name_nbytes(l->bytes + at);
	bytes = malloc(l->nbytes);
	if (bytes == NULL)
		return -ENOMEM;
	memcpy(bytes, l->bytes, at);
	memcpy(bytes + at, l->bytes + at + n, l->nbytes - at - n);
	ret = undo_list_put(t, zone, name, bytes, l->nbytes - n);
	free(bytes);
	return ret;
}
