/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { RECENT_MAX = 16 }; /* names that are looked at again */

const struct registry_list *registry_list_of(const struct registry_table *t, const uint8_t *zone,
					     const uint8_t *name)
{
	return registry_table_content(t, zone, name);
}

int registry_list_put(struct registry_table *t, const uint8_t *zone, const uint8_t *name,
		      const uint8_t *bytes, size_t nbytes)
{
	struct registry_key key;
	struct registry_entry *e;
	struct registry_list *l = NULL;

	if (nbytes == 0 && t->count == 0)
		return 0;
	registry_table_key(t, &key, zone, name, 0);
	e = nbytes == 0 ? registry_table_find(t, &key) : registry_table_take(t, &key);
	if (e == NULL)
		return nbytes == 0 ? 0 : -ENOMEM;
	if (nbytes == 0 && e->content == NULL)
		return 0;
	if (nbytes > 0) {
		l = malloc(sizeof *l + nbytes);
		if (l == NULL)
			return -ENOMEM;
		l->nbytes = nbytes;
		memcpy(l->bytes, bytes, nbytes);
	}
	return registry_table_put(t, e, l);
}

/* Where a name is; `nbytes` if it is not there. */
static size_t place_of(const uint8_t *bytes, size_t nbytes, const uint8_t *name)
{
	size_t at = 0;

	while (at < nbytes && !dns_name_equal(bytes + at, name))
		at += dns_name_length(bytes + at);
	return at;
}

int registry_names_add(struct registry_table *t, const uint8_t *zone, const uint8_t *of,
		       const uint8_t *name)
{
	const struct registry_list *l = registry_list_of(t, zone, of);
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
	ret = registry_list_put(t, zone, of, bytes, n);
	free(bytes);
	return ret;
}

int registry_names_remove(struct registry_table *t, const uint8_t *zone, const uint8_t *of,
			  const uint8_t *name)
{
	const struct registry_list *l = registry_list_of(t, zone, of);
	size_t at, n;
	uint8_t *bytes;
	int ret;

	if (l == NULL || (at = place_of(l->bytes, l->nbytes, name)) == l->nbytes)
		return 0;
	n = dns_name_length(l->bytes + at);
	bytes = malloc(l->nbytes);
	if (bytes == NULL)
		return -ENOMEM;
	memcpy(bytes, l->bytes, at);
	memcpy(bytes + at, l->bytes + at + n, l->nbytes - at - n);
	ret = registry_list_put(t, zone, of, bytes, l->nbytes - n);
	free(bytes);
	return ret;
}

bool registry_names_has(const struct registry_names *n, const uint8_t *name)
{
	return place_of(n->bytes, n->nbytes, name) < n->nbytes;
}

static int append(struct registry_names *n, const uint8_t *name)
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

int registry_names_note(struct registry_names *n, const uint8_t *name)
{
	return registry_names_has(n, name) ? 0 : append(n, name);
}

int registry_names_note_many(struct registry_names *n, const uint8_t *name)
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

void registry_names_clear(struct registry_names *n)
{
	n->nbytes = n->recent_at = n->nrecent = 0;
}

void registry_names_drop(struct registry_names *n, const uint8_t *name)
{
	size_t at = place_of(n->bytes, n->nbytes, name), length;

	if (at == n->nbytes)
		return;
	length = dns_name_length(n->bytes + at);
	memmove(n->bytes + at, n->bytes + at + length, n->nbytes - at - length);
	n->nbytes -= length;
}
