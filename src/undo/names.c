/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "undo/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { RECENT_MAX = 16 }; /* names that are looked at again */

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

/* Where a name is; `nbytes` if it is not there. */
static size_t place_of(const uint8_t *bytes, size_t nbytes, const uint8_t *name)
{
	size_t at = 0;

	while (at < nbytes && !dns_name_equal(bytes + at, name))
		at += dns_name_nbytes(bytes + at);
	return at;
}

int undo_names_add(struct undo_table *t, const uint8_t *zone, const uint8_t *of,
		   const uint8_t *name)
{
	const struct undo_list *l = undo_list_of(t, zone, of);
	size_t n = l == NULL ? 0 : l->nbytes;
	uint8_t *bytes;
	int ret;

	if (n > 0 && place_of(l->bytes, n, name) < n)
		return 0;
	bytes = malloc(n + DNS_NAME_MAX);
	if (bytes == NULL)
		return -ENOMEM;
	if (n > 0)
		memcpy(bytes, l->bytes, n);
	n += dns_name_lower(bytes + n, name);
	ret = undo_list_put(t, zone, of, bytes, n);
	free(bytes);
	return ret;
}

int undo_names_remove(struct undo_table *t, const uint8_t *zone, const uint8_t *of,
		      const uint8_t *name)
{
	const struct undo_list *l = undo_list_of(t, zone, of);
	size_t at, n;
	uint8_t *bytes;
	int ret;

	if (l == NULL || (at = place_of(l->bytes, l->nbytes, name)) == l->nbytes)
		return 0;
	n = dns_name_nbytes(l->bytes + at);
	bytes = malloc(l->nbytes);
	if (bytes == NULL)
		return -ENOMEM;
	memcpy(bytes, l->bytes, at);
	memcpy(bytes + at, l->bytes + at + n, l->nbytes - at - n);
	ret = undo_list_put(t, zone, of, bytes, l->nbytes - n);
	free(bytes);
	return ret;
}

bool undo_names_has(const struct undo_names *n, const uint8_t *name)
{
	return place_of(n->bytes, n->nbytes, name) < n->nbytes;
}

static int append(struct undo_names *n, const uint8_t *name)
{
	uint8_t *more;

	if (n->nbytes + DNS_NAME_MAX > n->room) {
		more = realloc(n->bytes, (n->nbytes + DNS_NAME_MAX) * 2);
		if (more == NULL)
			return -ENOMEM;
		n->bytes = more;
		n->room = (n->nbytes + DNS_NAME_MAX) * 2;
	}
	n->nbytes += dns_name_lower(n->bytes + n->nbytes, name);
	return 1;
}

int undo_names_note(struct undo_names *n, const uint8_t *name)
{
	return undo_names_has(n, name) ? 0 : append(n, name);
}

int undo_names_note_many(struct undo_names *n, const uint8_t *name)
{
	if (n->nbytes > n->recent_at && place_of(n->bytes + n->recent_at, n->nbytes - n->recent_at,
						 name) < n->nbytes - n->recent_at)
		return 0;
	if (++n->nrecent > RECENT_MAX) {
		n->recent_at = n->nbytes;
		n->nrecent = 1;
	}
	return append(n, name);
}

void undo_names_clear(struct undo_names *n)
{
	n->nbytes = n->recent_at = n->nrecent = 0;
}

void undo_names_drop(struct undo_names *n, const uint8_t *name)
{
	size_t at = place_of(n->bytes, n->nbytes, name), length;

	if (at == n->nbytes)
		return;
	length = dns_name_nbytes(n->bytes + at);
	memmove(n->bytes + at, n->bytes + at + length, n->nbytes - at - length);
	n->nbytes -= length;
}
