/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/entry.h - a table of things that have a domain name.
 *
 * The entry is a member of the thing, which belongs to the caller. It does not know what the things
 * are. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

struct find_entry {
	struct find_entry *next; /* in its bucket */
	uint8_t name[DNS_NAME_MAX];
};

/* All zero: empty. */
struct find_entries {
	struct find_entry **buckets;
	size_t nbuckets, n;
};

/* Returns the entry of the name, in any case, or NULL. */
struct find_entry *find_entries_find(const struct find_entries *t, const uint8_t *name);

/* Adds an entry, whose name is set and not in the table. Returns 0 or -ENOMEM. */
int find_entries_add(struct find_entries *t, struct find_entry *e);

/* Removes an entry. */
void find_entries_remove(struct find_entries *t, struct find_entry *e);

/* Calls `visit` for each entry, in no order; it may not change the table. */
void find_entries_each(const struct find_entries *t, void (*visit)(void *arg, struct find_entry *e),
		       void *arg);

/* Takes all entries out and calls `end` for each, which may free it. */
void find_entries_fini(struct find_entries *t, void (*end)(void *arg, struct find_entry *e),
		       void *arg);
