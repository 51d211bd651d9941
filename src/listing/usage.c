/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "listing/usage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

void listing_usage_fini(struct listing_usage *u)
{
	free(u->items);
	*u = (struct listing_usage){0};
}

static int add(struct listing_usage *u, const struct undo_entry *e)
{
	const struct ledger_usage *usage = e->content;
	const uint8_t *zone = undo_entry_zone(e), *key = undo_entry_name(e);
	struct listing_used *items = base_grow(u->items, u->count, &u->capacity, sizeof(*items));

	if (items == NULL)
		return -ENOMEM;
	u->items = items;
	memcpy(items[u->count].zone, zone, dns_name_nbytes(zone));
	memcpy(items[u->count].key, key, dns_name_nbytes(key));
	items[u->count++].amounts = usage->amounts;
	return 0;
}

int listing_usage_walk(struct listing_usage *u, const struct ledger_usages *usages,
		       const uint8_t *key, size_t most)
{
	const struct undo_table *t = &usages->table;
	size_t end;
	int ret = 0;

	if (u->mask != t->mask)
		u->bucket = u->count = 0;
	u->mask = t->mask;
	end = t->mask + 1 - u->bucket < most ? t->mask + 1 : u->bucket + most;
	for (; u->bucket < end && ret == 0; u->bucket++)
		for (const struct undo_entry *e = t->bucket[u->bucket]; e != NULL && ret == 0;
		     e = e->next)
			if (e->content != NULL &&
			    (key == NULL || dns_name_equal(undo_entry_name(e), key)))
				ret = add(u, e);
	return ret < 0 ? ret : u->bucket <= t->mask;
}
