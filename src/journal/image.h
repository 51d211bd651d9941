/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/image.h - a zone's records in a file of blocks: checkpoint or baseline. Room-private.
 *
 * Owners are in canonical order; each is written as its difference from the one before, whose end
 * it shares. Each record begins with a byte of flags, by which fields are left out or short:
 *
 *     1 a new owner: bytes of its own 1, bytes shared with the owner before 1, its own bytes
 *     2 the type is that of the record before, else 2 bytes
 *     4 the TTL is that of the record before, else 4 bytes
 *     8 the length of the rdata takes 1 byte, else 2
 *
 * The first record of a block leaves out nothing. Knows no zone beyond its records. A file belongs
 * to one thread. */
#pragma once

#include "journal/blocks.h"
#include "zone/changeset.h"

struct journal_image_out {
	struct journal_blocks_out blocks;
	/* of the record before */
	uint8_t owner[DNS_NAME_MAX];
	size_t nowner;
	uint16_t type;
	uint32_t ttl;
};

/* Adds one record. Returns 0 or a negative errno. */
int journal_image_write(struct journal_image_out *w, const struct dns_record *record);

/* Reads all records of the blocks that are left in `r` and hands each to `on_record`. Returns 0,
 * -EBADMSG if the file is damaged, another negative errno, or the value other than 0 that
 * `on_record` returned. */
int journal_image_read(struct journal_blocks_in *r,
		       int (*on_record)(void *arg, const struct dns_record *record), void *arg);
