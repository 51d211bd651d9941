/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/content.h - what a lease covers: its holder, the time that was granted, its records.
 *
 * A content is never modified: a change of the lease replaces it by another one, so that an undone
 * batch can bring the preceding content back (undo/table.h). A content does not know when its lease
 * ends, or which other leases hold the same records. Only the registrar thread may touch contents,
 * and main before that thread runs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct dns_record;

/* Octets of the records that one lease holds at most, so that its item, with key, holder and times,
 * is well below STORE_ITEM_MAX (store/store.h). */
enum { LEDGER_CONTENT_MAX = 512 << 10 };

/* What one lease covers. */
struct ledger_content {
	uint32_t granted_s;    /* duration of the lease, counted from each refresh */
	uint32_t nrecords;     /* records in `bytes` */
	uint32_t nbytes;       /* bytes that these records take */
	uint8_t nholder_bytes; /* bytes of the holder's name; 0: the update was unsigned */
	uint8_t bytes[];       /* the holder, which is the name of the key that signed (wire form,
				  lower case), then the records as zone/changeset.h writes them */
};

/* Records collected for a content that is to be made. A zeroed scratch is an empty one. */
struct ledger_scratch {
	uint8_t *bytes; /* as in a content; the memory is reused for the next one */
	size_t nbytes, capacity;
	uint32_t nrecords;
};

/* Makes a content of copies: the holder is the wire name `key` (NULL: the update was unsigned), the
 * records are the `nbytes` bytes at `records`, `nrecords` in number. Returns the content, which the
 * caller frees with free(), or NULL if memory is short. */
struct ledger_content *ledger_content_new(const uint8_t *key, uint32_t granted_s,
					  const uint8_t *records, size_t nbytes, uint32_t nrecords);

/* Returns a cursor over the content's records, for zone_changeset_next. Without a content (`c` is
 * NULL) there is no record. The cursor is valid as long as the content. */
struct base_buf ledger_content_records(const struct ledger_content *c);

/* Returns the wire name of the key that holds the lease, or NULL if an unsigned update made the
 * lease. Valid as long as the content. */
const uint8_t *ledger_content_holder(const struct ledger_content *c);

/* Returns whether `key` (NULL: an unsigned update) is the holder. */
bool ledger_content_is_held_by(const struct ledger_content *c, const uint8_t *key);

/* Returns a hash of owner, type and rdata under `seed`. Records that compare equal, whatever the
 * case of their names, have the same hash; the TTL does not matter. The ledger identifies records
 * by this hash alone. */
uint64_t ledger_content_hash(uint64_t seed, const struct dns_record *record);

/* Removes all records from `s`, and keeps its memory. */
void ledger_scratch_clear(struct ledger_scratch *s);

/* Appends a copy of `record`. Returns 0, or -ENOMEM with `s` unchanged. */
int ledger_scratch_add(struct ledger_scratch *s, const struct dns_record *record);

/* Frees the memory of the scratch. */
void ledger_scratch_fini(struct ledger_scratch *s);
