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

/* Records, and their octets as LEDGER_OCTETS counts them (ledger/usage.h). */
struct ledger_sum {
	uint32_t nrecords, nbytes;
};

/* The content of a name's entry. */
struct ledger_owner {
	struct ledger_sum held;	    /* at the name, as counted last */
	struct ledger_sum pointers; /* the PTRs at subtypes that an instance was registered with */
	uint8_t key[];		    /* wire name, in lower case */
};

/* Returns the PTRs at subtypes that an instance was registered with. */
typedef struct ledger_sum (*ledger_pointers_fn)(void *arg, const uint8_t *zone,
						const uint8_t *name);

struct ledger_owners {
	struct undo_table table; /* content: a struct ledger_owner */

	/* set before the first change; NULL: no name has PTRs at subtypes */
	ledger_pointers_fn pointers_of;
	void *pointers_arg;
};

/* Makes an empty table. Returns 0 or -ENOMEM. */
int ledger_owners_init(struct ledger_owners *o, uint64_t seed);

/* Frees what the table holds. */
void ledger_owners_fini(struct ledger_owners *o);

/* Returns the key that owns a name, valid until the name's next change, or NULL. */
const uint8_t *ledger_owner_of(const struct ledger_owners *o, const uint8_t *zone,
			       const uint8_t *name);

/* Makes `key` the owner of a name, which gets what the name holds; NULL: nobody. Returns 0 or
 * -ENOMEM. */
int ledger_owner_set(struct ledger_owners *o, const uint8_t *zone, const uint8_t *name,
		     const uint8_t *key);

/* Notes what an owned name holds; does nothing if nobody owns it. Returns 0 or -ENOMEM. */
int ledger_owner_count(struct ledger_owners *o, const uint8_t *zone, const uint8_t *name,
		       struct ledger_sum held);

/* Notes the PTRs at subtypes of an owned instance; does nothing if nobody owns it. Returns 0 or
 * -ENOMEM. */
int ledger_owner_point(struct ledger_owners *o, const uint8_t *zone, const uint8_t *name,
		       struct ledger_sum pointers);

/* Returns whether the batch has changed the key of an entry, and not only what is counted. */
bool ledger_owner_is_moved(const struct undo_entry *e);

/* Reads an item of the store back: `key` is the entry's key, `bytes` the owner's wire name, or
 * `nbytes` 0. Returns 0, -ENOMEM, or -EBADMSG if the octets are not such an item. Commits the
 * table. */
int ledger_owner_read(struct ledger_owners *o, const uint8_t *key, size_t nkey,
		      const uint8_t *bytes, size_t nbytes);
