/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/owner.h - which key owns which name: first come, first served.
 *
 * A table from a name in a zone to the wire name of a key, with what the name holds as it was
 * counted last (ledger/usage.h), which is not stored. Who may own what is update/'s policy. Changes
 * belong to the batch. Only the registrar thread may touch it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "undo/table.h"

/* The content of a name's entry. */
struct ledger_owner {
	uint32_t nrecords, nbytes; /* at the name, as counted last */
	uint8_t key[];		   /* wire name, in lower case */
};

struct ledger_owners {
	struct undo_table table; /* content: a struct ledger_owner */
};

/* Makes an empty table. Returns 0 or -ENOMEM. */
int ledger_owners_init(struct ledger_owners *o, uint64_t seed);

/* Frees what the table holds. */
void ledger_owners_fini(struct ledger_owners *o);

/* Returns the key that owns a name, valid until the name's next change, or NULL. */
const uint8_t *ledger_owner_of(const struct ledger_owners *o, const uint8_t *zone,
			       const uint8_t *name);

/* Makes `key` the owner of a name; NULL: nobody. Returns 0 or -ENOMEM. */
int ledger_owner_set(struct ledger_owners *o, const uint8_t *zone, const uint8_t *name,
		     const uint8_t *key);

/* Notes what an owned name holds; does nothing if nobody owns it. Returns 0 or -ENOMEM. */
int ledger_owner_count(struct ledger_owners *o, const uint8_t *zone, const uint8_t *name,
		       uint32_t nrecords, uint32_t nbytes);

/* Returns whether the batch has changed the key of an entry, and not only what is counted. */
bool ledger_owner_is_moved(const struct undo_entry *e);

/* Reads an item of the store back: `key` is the entry's key, `bytes` the owner's wire name, or
 * `nbytes` 0. Returns 0, -ENOMEM, or -EBADMSG if the octets are not such an item. Commits the
 * table. */
int ledger_owner_read(struct ledger_owners *o, const uint8_t *key, size_t nkey,
		      const uint8_t *bytes, size_t nbytes);
