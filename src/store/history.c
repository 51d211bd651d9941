/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "store/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void store_history_fini(struct store_history *h)
{
	while (h->zones != NULL) {
		struct store_zone *z = h->zones;

		h->zones = z->next;
		free(z->entries);
		free(z);
	}
}

struct store_zone *store_history_find(const struct store_history *h, const uint8_t *name)
{
	struct store_zone *z = h->zones;

	while (z != NULL && !dns_name_equal(z->name, name))
		z = z->next;
	return z;
}

struct store_zone *store_history_get(struct store_history *h, const uint8_t *name)
{
	struct store_zone *z = store_history_find(h, name);

	if (z != NULL)
		return z;
	z = calloc(1, sizeof *z);
	if (z == NULL)
		return NULL;
	dns_name_lower(z->name, name);
	z->next = h->zones;
	h->zones = z;
	return z;
}

int store_history_reserve(struct store_zone *z, size_t more)
{
	size_t count = z->end - z->first, room = (count + more) * 2 + 64;
	struct store_entry *grown;

	if (z->end + more <= z->room)
		return 0;
	if (count > 0 && z->first > 0)
		memmove(z->entries, z->entries + z->first, count * sizeof *z->entries);
	z->first = 0;
	z->end = count;
	/* With half of it free again, the next move is far off. */
	if ((count + more) * 2 <= z->room)
		return 0;
	grown = realloc(z->entries, room * sizeof *grown);
	if (grown == NULL)
		return -ENOMEM;
	z->entries = grown;
	z->room = room;
	return 0;
}

void store_history_add(struct store_zone *z, const struct store_entry *entry)
{
	z->entries[z->end++] = *entry;
}

void store_history_remove(struct store_zone *z, uint64_t sequence)
{
	while (z->first < z->end && z->entries[z->first].sequence < sequence)
		z->first++;
	if (z->removed_sequence < sequence)
		z->removed_sequence = sequence;
	if (z->has_checkpoint && z->checkpoint_sequence < sequence)
		z->has_checkpoint = false;
}

void store_history_drop(struct store_history *h, const struct store_segment *segment)
{
	for (struct store_zone *z = h->zones; z != NULL; z = z->next)
		while (z->first < z->end && z->entries[z->first].segment == segment)
			z->first++;
}

void store_history_move(struct store_history *h, uint64_t sequence, struct store_segment *segment,
			uint64_t offset)
{
	for (struct store_zone *z = h->zones; z != NULL; z = z->next)
		for (size_t i = z->end; i > z->first && z->entries[i - 1].sequence >= sequence; i--)
			if (z->entries[i - 1].sequence == sequence) {
				z->entries[i - 1].segment = segment;
				z->entries[i - 1].offset = offset;
			}
}

const struct store_entry *store_history_unchecked(const struct store_zone *z)
{
	size_t low = z->first, high = z->end;

	if (!z->has_checkpoint)
		return low < high ? &z->entries[low] : NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (z->entries[middle].sequence <= z->checkpoint_sequence)
			low = middle + 1;
		else
			high = middle;
	}
	return low < z->end ? &z->entries[low] : NULL;
}

uint64_t store_history_sequence(const struct store_zone *z, uint32_t serial, uint64_t newest)
{
	/* Up to the zone's next commit, that is; other zones' do not matter. */
	for (size_t i = z->end; i > z->first; i--)
		if (z->entries[i - 1].to == serial)
			return i < z->end ? z->entries[i].sequence - 1 : newest;
	for (size_t i = z->first; i < z->end; i++)
		if (z->entries[i].from == serial)
			return z->entries[i].sequence - 1;
	return newest;
}

bool store_history_since(const struct store_zone *z, uint32_t serial, size_t *first)
{
	*first = z->end;
	if (z->first == z->end)
		return z->has_checkpoint && z->checkpoint_serial == serial;
	if (z->entries[z->end - 1].to == serial)
		return true;
	for (size_t i = z->end; i > z->first; i--) {
		const struct store_entry *e = &z->entries[i - 1];

		/* A first version leads from nowhere; a gap leads nowhere either. */
		if (e->from == e->to || (i < z->end && e->to != z->entries[i].from))
			return false;
		if (e->from == serial) {
			*first = i - 1;
			return true;
		}
	}
	return false;
}
