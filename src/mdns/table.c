/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "mdns/table.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "dns/name.h"

enum { SLOTS_MIN = 16 };

void mdns_table_init(struct mdns_table *t, uint64_t seed)
{
	*t = (struct mdns_table){.seed = seed};
}

void mdns_table_fini(struct mdns_table *t)
{
	free(t->slots);
	mdns_table_init(t, t->seed);
}

static uint64_t name_hash(const struct mdns_table *t, const uint8_t *name)
{
	uint8_t lower[DNS_NAME_MAX];

	return base_hash(lower, dns_name_lower(lower, name), t->seed);
}

void *mdns_table_find(const struct mdns_table *t, const uint8_t *name)
{
	uint64_t hash = name_hash(t, name);
	struct mdns_entry *e = t->nslots == 0 ? NULL : t->slots[hash & (t->nslots - 1)];

	while (e != NULL && (e->hash != hash || !dns_name_equal(e->name, name)))
		e = e->next;
	return e;
}

static void link_entry(struct mdns_entry **slots, size_t nslots, struct mdns_entry *e)
{
	struct mdns_entry **slot = &slots[e->hash & (nslots - 1)];

	e->next = *slot;
	*slot = e;
}

static int grow(struct mdns_table *t)
{
	size_t nslots = t->nslots == 0 ? SLOTS_MIN : t->nslots * 2;
	struct mdns_entry **slots;

	if (t->count < t->nslots)
		return 0;
	slots = calloc(nslots, sizeof(*slots));
	if (slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < t->nslots; i++)
		for (struct mdns_entry *e = t->slots[i], *next; e != NULL; e = next) {
			next = e->next;
			link_entry(slots, nslots, e);
		}
	free(t->slots);
	t->slots = slots;
	t->nslots = nslots;
	return 0;
}

int mdns_table_add(struct mdns_table *t, struct mdns_entry *entry)
{
	if (grow(t) < 0)
		return -ENOMEM;
	entry->hash = name_hash(t, entry->name);
	link_entry(t->slots, t->nslots, entry);
	t->count++;
	return 0;
}

void mdns_table_remove(struct mdns_table *t, struct mdns_entry *entry)
{
	struct mdns_entry **at = &t->slots[entry->hash & (t->nslots - 1)];

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	t->count--;
}

void *mdns_table_next(const struct mdns_table *t, const void *entry)
{
	const struct mdns_entry *e = entry;
	size_t i = 0;

	if (e != NULL && e->next != NULL)
		return e->next;
	if (e != NULL)
		i = (e->hash & (t->nslots - 1)) + 1;
	for (; i < t->nslots; i++)
		if (t->slots[i] != NULL)
			return t->slots[i];
	return NULL;
}
