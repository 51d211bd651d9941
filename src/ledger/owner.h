/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/owner.h - which key owns which name: first come, first served.
 *
 * A table from a name in a zone to the wire name of a key. Who may own what is update/'s policy.
 * Changes belong to the batch. Only the registrar thread may touch it. */
#pragma once

#include <stdint.h>

#include "undo/table.h"

struct ledger_owners {
	struct undo_table table; /* content: the key's wire name, in lower case */
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

/* Reads an item of the store back: `key` is the entry's key, `bytes` the owner's wire name, or
 * `nbytes` 0. Returns 0, -ENOMEM, or -EBADMSG if the octets are not such an item. Commits the
 * table. */
int ledger_owner_read(struct ledger_owners *o, const uint8_t *key, size_t nkey,
		      const uint8_t *bytes, size_t nbytes);
