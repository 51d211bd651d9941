/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "undo/names.h"

#include <errno.h>
#include <string.h>

#include "base/grow.h"
#include "dns/name.h"

enum { RECENT_MAX = 16 };

size_t undo_names_offset(const uint8_t *bytes, size_t nbytes, const uint8_t *name)
{
	size_t at = 0;

	while (at < nbytes && !dns_name_equal(bytes + at, name))
		at += dns_name_nbytes(bytes + at);
	return at;
}

bool undo_names_has(const struct undo_names *n, const uint8_t *name)
{
	return undo_names_offset(n->bytes, n->nbytes, name) < n->nbytes;
}

int undo_names_append(struct undo_names *n, const uint8_t *name)
{
	uint8_t *bytes = base_grow_bytes(n->bytes, n->nbytes, &n->capacity, DNS_NAME_MAX);

	if (bytes == NULL)
		return -ENOMEM;
	n->bytes = bytes;
	n->nbytes += dns_name_lower(n->bytes + n->nbytes, name);
	return 1;
}

int undo_names_add(struct undo_names *n, const uint8_t *name)
{
	return undo_names_has(n, name) ? 0 : undo_names_append(n, name);
}

int undo_names_add_recent(struct undo_names *n, const uint8_t *name)
{
	size_t nrecent_bytes = n->nbytes - n->recent_at;

	if (nrecent_bytes > 0 &&
	    undo_names_offset(n->bytes + n->recent_at, nrecent_bytes, name) < nrecent_bytes)
		return 0;
	if (++n->nrecent > RECENT_MAX) {
		n->recent_at = n->nbytes;
		n->nrecent = 1;
	}
	return undo_names_append(n, name);
}

void undo_names_remove(struct undo_names *n, const uint8_t *name)
{
	size_t at = undo_names_offset(n->bytes, n->nbytes, name), length;

	if (at == n->nbytes)
		return;
	length = dns_name_nbytes(n->bytes + at);
	memmove(n->bytes + at, n->bytes + at + length, n->nbytes - at - length);
	n->nbytes -= length;
}

void undo_names_clear(struct undo_names *n)
{
	n->nbytes = n->recent_at = n->nrecent = 0;
}
