/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/image.h - a zone's records in a file of blocks: checkpoint or baseline. Room-private.
 *
 * Owners stand in canonical order; each is written as what differs from the one before, which
 * shares its end. Each record begins with an byte of flags, which say what is left out or short:
 *
 *     1 a new owner: bytes of its own 1, bytes shared with the owner before 1, its own bytes
 *     2 the type is that of the record before, else 2 bytes
 *     4 the TTL is that of the record before, else 4 bytes
 *     8 the length of the rdata takes 1 byte, else 2
 *
 * A block begins with a record that leaves out nothing. One thread a file. */
#pragma once

#include "journal/blocks.h"
#include "zone/changeset.h"

struct journal_image_out {
	struct journal_blocks_out blocks;
	uint8_t owner[DNS_NAME_MAX]; /* of the record before */
	size_t nowner;
	uint16_t type;
	uint32_t ttl;
};

/* Adds one record. 0 or a negative errno. */
int journal_image_write(struct journal_image_out *w, const struct dns_record *record);

/* Reads all records of the blocks that `r` has left, and hands each on. 0, a negative errno,
 * -EBADMSG if what is read is not what was written, or what `on_record` returned. */
int journal_image_read(struct journal_blocks_in *r,
		       int (*on_record)(void *arg, const struct dns_record *record), void *arg);
