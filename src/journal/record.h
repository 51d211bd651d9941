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
 * `previous` is the checksum of the record before, so that records form a chain: nothing can be
 * missing from it unseen. The checksum covers header and payload, under a key that only the store
 * knows: nobody can plant a record in the data of another. It covers the number of the segment too:
 * what a recycled file held before is no record of it any more.
 *
 * Payload: each change as flags 1, zone bytes 2, serial from 4, to 4, records removed 4, added 4,
 * bytes removed 8, added 8, then zone, removed, added; each item as kind 1, key bytes 2, bytes
 * 4, then key and bytes. Bytes in, bytes out; one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "store/store.h"

enum {
	JOURNAL_BLOCK = 4096,
	JOURNAL_FORMAT = 1, /* of records and files; a store of a higher one is refused */
	JOURNAL_RECORD_HEADER = 64,
};

struct journal_record {
	uint64_t sequence, segment, time_s, nbytes, previous, checksum;
	uint32_t nchanges, nitems;
};

/* Whether there is a whole and undamaged record of segment `segment` at `bytes`, of which `nbytes`
 * are readable. */
bool journal_record_parse(struct journal_record *r, const uint8_t *bytes, size_t nbytes,
			  uint64_t segment, uint64_t key);

/* Bytes of the log that a record takes, a multiple of JOURNAL_BLOCK. */
uint64_t journal_record_nbytes(const struct journal_record *r);

/* Reads what a record holds: first its changes, then its items. */
struct journal_payload {
	struct base_buf b;
	uint32_t nchanges, nitems; /* left to be read */
};

struct journal_payload journal_payload_of(const struct journal_record *r, const uint8_t *bytes);

/* The next change, a view; `is_removal` tells that the zone was forgotten. False behind the last,
 * or with p->b.has_failed. */
bool journal_payload_change(struct journal_payload *p, struct store_change *change,
			    bool *is_removal);

/* The next item, a view, once all changes were read. False behind the last, or with
 * p->b.has_failed. */
bool journal_payload_item(struct journal_payload *p, struct store_item *item);

/* A record being put together from pieces that stay where they are. Its memory is kept from one
 * record to the next. */
struct journal_gather {
	uint8_t *scratch; /* header, heads of changes, items */
	size_t scratch_capacity;
	struct iovec *pieces;
	size_t npieces, pieces_capacity;
};

/* What the changes of a batch are: changesets, or zones that are forgotten. */
enum journal_changes_kind { JOURNAL_CHANGES, JOURNAL_REMOVALS };

/* Takes the pieces of a batch, and begins `r` with what is known of it. 0 or -ENOMEM. */
int journal_gather_batch(struct journal_gather *g, struct journal_record *r,
			 const struct store_batch *batch, enum journal_changes_kind kind);

/* Writes header and checksum of `r`, which is complete but for the checksum, and adds the padding.
 */
void journal_gather_seal(struct journal_gather *g, struct journal_record *r, uint64_t key);

void journal_gather_fini(struct journal_gather *g);

/* Writes the header of `r` over the first bytes of the whole record at `bytes`, with a new
 * checksum: for a copy in another segment. */
void journal_record_reseal(struct journal_record *r, uint8_t *bytes, uint64_t key);
