/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* push/writer.h - changes, written as PUSH messages (RFC 8765 section 6.3.1).
 *
 * The writer is given one change after the other, and begins another message where one is full, so
 * that their order is kept. It does not know what has changed, or for which sessions. Names are
 * compressed by RFC 6762 section 18.14, and keep the case in which they are given. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/dso.h"
#include "dns/msg.h"
#include "push/messages.h"

/* Some 17 KiB: one for each worker. */
struct push_writer {
	struct dns_writer names; /* over `bytes` */
	struct push_messages *messages;
	size_t most;	      /* messages; 0: any number */
	unsigned nchanges;    /* in the message in hand */
	size_t tlv;	      /* offset of the TLV in the message */
	const uint8_t *owner; /* of the change before, borrowed; NULL: none in this message */
	uint16_t pointer;     /* to it; 0: it cannot be reached */
	uint64_t noversized;  /* records that were left out since the beginning */
	uint8_t bytes[DNS_DSO_PUSH_MAX];
};

/* Begins. Not more than `most` messages are written; 0: any number. Returns 0 or -ENOMEM. */
int push_writer_begin(struct push_writer *w, size_t most);

/* Returns whether a message of its own can hold a record with `nbytes` octets of rdata. One that
 * none can hold is oversized. Its RRset is announced: it is removed, then its other records are
 * added again. Clients that want oversized records ask for them when an RRset is removed, and all
 * others have what there is but for those. */
bool push_writer_fits(const uint8_t *owner, size_t nbytes);

/* Each writes one change. Records are of class IN, their rdata valid and uncompressed; `owner` must
 * stay where it is until the next change or the end. A TTL over DNS_DSO_TTL_MAX counts as that. An
 * oversized record is left out and counted: its RRset is the caller's to announce. Each returns 0;
 * or 1 if the change is the first that all messages have no room for; or -ENOMEM: the messages must
 * be ended with push_writer_abort. */
int push_writer_add(struct push_writer *w, const uint8_t *owner, uint16_t type, uint32_t ttl,
		    const uint8_t *rdata, size_t nbytes);
int push_writer_remove(struct push_writer *w, const uint8_t *owner, uint16_t type,
		       const uint8_t *rdata, size_t nbytes);
int push_writer_remove_rrset(struct push_writer *w, const uint8_t *owner, uint16_t type);
int push_writer_remove_name(struct push_writer *w, const uint8_t *owner);

/* Writes the messages up to here to `out`, the caller's to release; NULL if no change was written.
 * Returns 0, or -ENOMEM after push_writer_abort. */
int push_writer_end(struct push_writer *w, struct push_messages **out);

/* Drops the messages. */
void push_writer_abort(struct push_writer *w);
