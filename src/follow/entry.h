/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* follow/entry.h - a table of things that have a domain name.
 *
 * The entry is a member of the thing, which belongs to the caller. It does not know what the things
 * are. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

struct follow_entry {
	struct follow_entry *next; /* in its bucket */
	uint8_t name[DNS_NAME_MAX];
};

/* All zero: empty. */
struct follow_entries {
	struct follow_entry **buckets;
	size_t nbuckets, n;
};

/* Returns the entry of the name, in any case, or NULL. */
struct follow_entry *follow_entries_find(const struct follow_entries *t, const uint8_t *name);

/* Adds an entry, whose name is set and not in the table. Returns 0 or -ENOMEM. */
int follow_entries_add(struct follow_entries *t, struct follow_entry *e);

/* Removes an entry. */
void follow_entries_remove(struct follow_entries *t, struct follow_entry *e);

/* Calls `visit` for each entry, in no order; it may not change the table. */
void follow_entries_each(const struct follow_entries *t,
			 void (*visit)(void *arg, struct follow_entry *e), void *arg);

/* Takes all entries out and calls `end` for each, which may free it. */
void follow_entries_fini(struct follow_entries *t, void (*end)(void *arg, struct follow_entry *e),
			 void *arg);
