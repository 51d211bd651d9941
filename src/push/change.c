/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "push/change.h"

#include <stdlib.h>
#include <string.h>

struct push_change *push_change_new(const void *zone, uint64_t version,
				    const struct zone_changeset *changes, uint64_t committed_us)
{
	struct push_change *c =
		malloc(sizeof(*c) + changes->nremoved_bytes + changes->nadded_bytes);

	if (c == NULL)
		return NULL;
	c->zone = zone;
	c->version = version;
	c->number = 0;
	c->committed_us = committed_us;
	c->changes = *changes;
	c->changes.removed = c->bytes;
	c->changes.added = c->bytes + changes->nremoved_bytes;
	if (changes->nremoved_bytes > 0)
		memcpy(c->bytes, changes->removed, changes->nremoved_bytes);
	if (changes->nadded_bytes > 0)
		memcpy(c->bytes + changes->nremoved_bytes, changes->added, changes->nadded_bytes);
	atomic_init(&c->nrefs, 1);
	return c;
}

void push_change_acquire(struct push_change *c)
{
	atomic_fetch_add_explicit(&c->nrefs, 1, memory_order_relaxed);
}

void push_change_release(struct push_change *c)
{
	if (c != NULL && atomic_fetch_sub_explicit(&c->nrefs, 1, memory_order_acq_rel) == 1)
		free(c);
}
