/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/record.h - one record of the log: what a commit makes durable. Room-private.
 *
 * A record begins at a multiple of JOURNAL_BLOCK and fills whole blocks:
 *
 *      0 magic 4              4 format 2       6 zero 2      8 sequence 8
 *     16 segment 8           24 time 8         32 payload bytes 8
 *     40 changes 4           44 items 4        48 previous 8         56 checksum 8
 *     64 payload
 *
 * `previous` is the checksum of the record before: records form a chain, and a missing one shows.
 * The checksum covers header and payload, under a key that only the store knows: nobody can plant a
 * record in the data of another one. It also covers the number of the segment: what a file
 * contained under its last number is not a record any more.
 *
 * Payload: each change as flags 1, zone bytes 2, serial from 4, to 4, records removed 4, added 4,
 * bytes removed 8, added 8, then zone, removed, added; each item as kind 1, key bytes 2, bytes 4,
 * then key and bytes. Bytes in, bytes out; no state, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "store/store.h"

enum {
	JOURNAL_BLOCK = 4096,
	JOURNAL_FORMAT = 1, /* version of records and files; a store of a higher one is refused */
	JOURNAL_RECORD_HEADER = 64, /* bytes */
};

/* The header of a record. */
struct journal_record {
	uint64_t sequence; /* of the commit; the first is 1 */
	uint64_t segment;  /* number of the segment that it is in */
	uint64_t time_s;   /* wall clock */
	uint64_t nbytes;   /* of the payload */
	uint64_t previous, checksum;
	uint32_t nchanges, nitems;
};

/* Parses the record at `bytes`, of which `nbytes` are readable. Returns whether there is a whole
 * and undamaged record of the segment with that number. */
bool journal_record_parse(struct journal_record *r, const uint8_t *bytes, size_t nbytes,
			  uint64_t segment, uint64_t key);

/* Returns the bytes of the log that a record takes, a multiple of JOURNAL_BLOCK. */
uint64_t journal_record_nbytes(const struct journal_record *r);

/* A cursor over the payload of a record: its changes, then its items. */
struct journal_payload {
	struct base_buf b;	   /* has_failed: the payload is damaged */
	uint32_t nchanges, nitems; /* left to be read */
};

/* Begins with the whole record at `bytes`, borrowed as long as the cursor is used. */
struct journal_payload journal_payload_of(const struct journal_record *r, const uint8_t *bytes);

/* Reads the next change, which borrows from the record; `is_removal` is set if the change forgets
 * its zone. Returns false after the last change, or if the payload is damaged. */
bool journal_payload_change(struct journal_payload *p, struct store_change *change,
			    bool *is_removal);

/* Reads the next item, which borrows from the record, once all changes were read. Returns false
 * after the last item, or if the payload is damaged. */
bool journal_payload_item(struct journal_payload *p, struct store_item *item);

/* A record put together from pieces that stay where they are. All zero at first; its memory is used
 * again for the next record. */
struct journal_gather {
	uint8_t *scratch; /* header, heads of changes, items */
	size_t scratch_capacity;
	struct iovec *pieces; /* of the record, in order */
	size_t npieces, pieces_capacity;
};

/* What the changes of a batch are: changesets, or zones that are forgotten. */
enum journal_changes_kind { JOURNAL_CHANGES, JOURNAL_REMOVALS };

/* Gathers the pieces of a batch, which stays borrowed until the record is written, and begins `r`
 * with what the batch determines. Returns 0 or -ENOMEM. */
int journal_gather_batch(struct journal_gather *g, struct journal_record *r,
			 const struct store_batch *batch, enum journal_changes_kind kind);

/* Computes the checksum of `r`, whose other members are complete, writes its header and adds the
 * padding to the pieces. */
void journal_gather_seal(struct journal_gather *g, struct journal_record *r, uint64_t key);

void journal_gather_fini(struct journal_gather *g);

/* Computes the checksum of `r` anew and writes its header over the one of the whole record at
 * `bytes`: for a copy in another segment. */
void journal_record_reseal(struct journal_record *r, uint8_t *bytes, uint64_t key);
