/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "journal/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "journal/io.h"
#include "journal/journal_priv.h"

/* ---- the index ---- */

void journal_history_fini(struct journal_history *h)
{
	while (h->zones != NULL) {
		struct journal_zone *z = h->zones;

		h->zones = z->next;
		free(z->entries);
		free(z);
	}
}

struct journal_zone *journal_history_find(const struct journal_history *h, const uint8_t *name)
{
	struct journal_zone *z = h->zones;

	while (z != NULL && !dns_name_equal(z->name, name))
		z = z->next;
	return z;
}

struct journal_zone *journal_history_get(struct journal_history *h, const uint8_t *name)
{
	struct journal_zone *z = journal_history_find(h, name);

	if (z != NULL)
		return z;
	z = calloc(1, sizeof(*z));
	if (z == NULL)
		return NULL;
	dns_name_lower(z->name, name);
	z->next = h->zones;
	h->zones = z;
	return z;
}

int journal_history_reserve(struct journal_zone *z, size_t more)
{
	size_t count = z->end - z->first, capacity;
	struct journal_entry *grown;

	if (z->end + more <= z->capacity)
		return 0;
	if (count > 0 && z->first > 0)
		memmove(z->entries, z->entries + z->first, count * sizeof(*z->entries));
	z->first = 0;
	z->end = count;
	/* At least half of the array is free now, so the next move is far off. */
	if ((count + more) * 2 <= z->capacity)
		return 0;
	capacity = base_grow_capacity(0, (count + more) * 2 + 64, sizeof(*grown));
	grown = capacity == 0 ? NULL : realloc(z->entries, capacity * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	z->entries = grown;
	z->capacity = capacity;
	return 0;
}

void journal_history_add(struct journal_zone *z, const struct journal_entry *entry)
{
	z->entries[z->end++] = *entry;
}

void journal_history_remove(struct journal_zone *z, uint64_t sequence)
{
	while (z->first < z->end && z->entries[z->first].sequence < sequence)
		z->first++;
	if (z->removed_sequence < sequence)
		z->removed_sequence = sequence;
	if (z->has_checkpoint && z->checkpoint_sequence < sequence)
		z->has_checkpoint = false;
}

void journal_history_drop(struct journal_history *h, const struct journal_segment *segment)
{
	for (struct journal_zone *z = h->zones; z != NULL; z = z->next)
		while (z->first < z->end && z->entries[z->first].segment == segment)
			z->first++;
}

void journal_history_move(struct journal_history *h, uint64_t sequence,
			  struct journal_segment *segment, uint64_t offset)
{
	for (struct journal_zone *z = h->zones; z != NULL; z = z->next)
		for (size_t i = z->end; i > z->first && z->entries[i - 1].sequence >= sequence; i--)
			if (z->entries[i - 1].sequence == sequence) {
				z->entries[i - 1].segment = segment;
				z->entries[i - 1].offset = offset;
			}
}

const struct journal_entry *journal_history_unchecked(const struct journal_zone *z)
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

uint64_t journal_history_sequence(const struct journal_zone *z, uint32_t serial, uint64_t newest)
{
	/* Covers commits up to this zone's next one: other zones' commits are irrelevant. */
	for (size_t i = z->end; i > z->first; i--)
		if (z->entries[i - 1].to == serial)
			return i < z->end ? z->entries[i].sequence - 1 : newest;
	for (size_t i = z->first; i < z->end; i++)
		if (z->entries[i].from == serial)
			return z->entries[i].sequence - 1;
	return newest;
}

bool journal_history_since(const struct journal_zone *z, uint32_t serial, size_t *first)
{
	*first = z->end;
	if (z->first == z->end)
		return z->has_checkpoint && z->checkpoint_serial == serial;
	if (z->entries[z->end - 1].to == serial)
		return true;
	for (size_t i = z->end; i > z->first; i--) {
		const struct journal_entry *e = &z->entries[i - 1];

		/* A first version has no version before it, and no changeset leads over a gap. */
		if (e->from == e->to || (i < z->end && e->to != z->entries[i].from))
			return false;
		if (e->from == serial) {
			*first = i - 1;
			return true;
		}
	}
	return false;
}

uint64_t journal_history_needed(const struct journal_history *h, uint64_t most)
{
	for (const struct journal_zone *z = h->zones; z != NULL; z = z->next) {
		const struct journal_entry *e = journal_history_unchecked(z);

		if (e != NULL && e->sequence < most)
			most = e->sequence;
	}
	return most;
}

/* ---- reading ---- */

/* Copies the zone's entries from `serial` on and pins their segments. Returns their count, -ENOENT
 * or -ENOMEM. */
static ssize_t entries_pin(struct journal *j, const uint8_t *zone, uint32_t serial,
			   struct journal_entry **out)
{
	const struct journal_zone *z;
	ssize_t count = -ENOENT;
	size_t first;

	*out = NULL;
	pthread_mutex_lock(&j->lock);
	z = journal_history_find(&j->history, zone);
	if (z != NULL && journal_history_since(z, serial, &first)) {
		size_t n = z->end - first;

		*out = malloc((n + 1) * sizeof(**out));
		count = *out == NULL ? -ENOMEM : (ssize_t)n;
		for (size_t i = 0; i < n && *out != NULL; i++) {
			(*out)[i] = z->entries[first + i];
			journal_segment_pin((*out)[i].segment);
		}
	}
	pthread_mutex_unlock(&j->lock);
	return count;
}

static void entries_unpin(struct journal *j, struct journal_entry *entries, size_t count)
{
	pthread_mutex_lock(&j->lock);
	for (size_t i = 0; i < count; i++)
		journal_segment_unpin(entries[i].segment);
	pthread_mutex_unlock(&j->lock);
	free(entries);
}

struct reading {
	const uint8_t *zone;
	int (*on_change)(void *, const struct store_change *);
	void *arg;
	uint8_t *bytes;
	size_t capacity;
};

static int entry_read(const struct journal *j, struct reading *reading,
		      const struct journal_entry *e)
{
	struct journal_record r;
	struct journal_payload p;
	struct store_change change;
	bool is_removal;
	int ret;

	if (e->nbytes > reading->capacity) {
		uint8_t *grown = realloc(reading->bytes, e->nbytes);

		if (grown == NULL)
			return -ENOMEM;
		reading->bytes = grown;
		reading->capacity = e->nbytes;
	}
	ret = journal_io_read(e->segment->fd, reading->bytes, e->nbytes, e->offset);
	if (ret < 0)
		return ret;
	if (!journal_record_parse(&r, reading->bytes, e->nbytes, e->segment->number, j->key) ||
	    r.sequence != e->sequence)
		return -EBADMSG;
	p = journal_payload_of(&r, reading->bytes);
	while (journal_payload_change(&p, &change, &is_removal))
		if (change.changes.from == e->from && change.changes.to == e->to &&
		    dns_name_equal(change.zone, reading->zone))
			return reading->on_change(reading->arg, &change);
	return -EBADMSG;
}

int journal_history_read(struct store *s, const uint8_t *zone, uint32_t serial,
			 int (*on_change)(void *, const struct store_change *), void *arg)
{
	struct journal *j = journal_of(s);
	struct reading reading = {.zone = zone, .on_change = on_change, .arg = arg};
	struct journal_entry *entries;
	ssize_t count = entries_pin(j, zone, serial, &entries);
	int ret = 0;

	if (count < 0)
		return (int)count;
	for (ssize_t i = 0; i < count && ret == 0; i++)
		ret = entry_read(j, &reading, &entries[i]);
	entries_unpin(j, entries, (size_t)count);
	free(reading.bytes);
	return ret;
}
