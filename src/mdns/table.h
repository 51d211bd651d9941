/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* mdns/table.h - things that are found by their wire names, in any case of the letters.
 *
 * An entry is the first member of its owner's struct; its name is the owner's too, and stays as it
 * is while it is in the table. The table owns nothing but its slots. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct mdns_entry {
	struct mdns_entry *next; /* the table's */
	const uint8_t *name;	 /* wire name */
	uint64_t hash;		 /* the table's */
};

struct mdns_table {
	struct mdns_entry **slots; /* NULL: none yet */
	size_t nslots, count;	   /* nslots: a power of two */
	uint64_t seed;
};

/* Makes an empty table. */
void mdns_table_init(struct mdns_table *t, uint64_t seed);

/* Frees the slots; the entries are the owner's to free. */
void mdns_table_fini(struct mdns_table *t);

/* Returns the entry of `name`, or NULL. */
void *mdns_table_find(const struct mdns_table *t, const uint8_t *name);

/* Adds an entry, whose name is set and not in the table. Returns 0 or -ENOMEM. */
int mdns_table_add(struct mdns_table *t, struct mdns_entry *entry);

/* Removes an entry, which is in the table. */
void mdns_table_remove(struct mdns_table *t, struct mdns_entry *entry);

/* Returns the entry after `entry` (NULL: the first one) in no particular order, or NULL after the
 * last one. Entries may be removed during a walk if their successors were asked for before, but
 * none may be added. */
void *mdns_table_next(const struct mdns_table *t, const void *entry);
