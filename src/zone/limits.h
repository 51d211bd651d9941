/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/limits.h - how much one name of a zone, and one RRset, may hold.
 *
 * The limits make sure that no later stage fails for what was let in: every RRset fits an answer
 * with the longest names and signature, and every record a message of a transfer. A change copies
 * the whole name, so what a name holds is the cost of its changes. The limits bound what updates
 * and zone files add; what the registry derives has bounds of its own (view/), and what a store
 * already holds is kept. Bytes only, no state; any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct zone_limits {
	uint32_t rrsets;       /* of a name */
	uint32_t records;      /* of an RRset */
	uint64_t rrset_nbytes; /* of an RRset in an answer: ZONE_LIMIT_RECORD_HEAD and the rdata of
				  each record */
	uint64_t name_nbytes;  /* of all RRsets of a name, counted likewise */
};

enum {
	/* Octets of a record in an answer, without its rdata: the owner as a compression pointer,
	 * type, class, TTL, length (RFC 1035 section 4.1.3). */
	ZONE_LIMIT_RECORD_HEAD = 12,

	/* The largest `rrset_nbytes`. It leaves, of the 65,535 octets of a message, 12 for the
	 * header, 259 for the longest question, 364 for a TSIG with the longest key name and
	 * HMAC-SHA-512 (RFC 8945 section 4.2), and 900 for the OPT record. In a transfer the one
	 * record of such a set has its owner spelled out: another 253. */
	ZONE_LIMIT_RRSET_NBYTES_MAX = 64000,

	ZONE_LIMIT_RRSETS = 100, /* defaults */
	ZONE_LIMIT_RECORDS = 1000,
	ZONE_LIMIT_NAME_NBYTES = 256 << 10,
};

/* The limits of a zone for which none are set. */
#define ZONE_LIMITS_DEFAULT                                                 \
	(struct zone_limits)                                                \
	{                                                                   \
		.rrsets = ZONE_LIMIT_RRSETS, .records = ZONE_LIMIT_RECORDS, \
		.rrset_nbytes = ZONE_LIMIT_RRSET_NBYTES_MAX,                \
		.name_nbytes = ZONE_LIMIT_NAME_NBYTES,                      \
	}

/* Which limit something went over. */
enum zone_limit {
	ZONE_LIMIT_NONE,
	ZONE_LIMIT_OF_RRSETS,
	ZONE_LIMIT_OF_RECORDS,
	ZONE_LIMIT_OF_RRSET_NBYTES,
	ZONE_LIMIT_OF_NAME_NBYTES,
};

enum { ZONE_LIMIT_TEXT_MAX = 96 }; /* room for any text of zone_limit_text, with its NUL */

/* Returns the octets that an RRset takes in an answer: `nbytes` is that of a struct zone_rrset,
 * with two octets of length for each record. */
static inline uint64_t zone_limit_nbytes(uint32_t count, uint32_t nbytes)
{
	return (uint64_t)count * (ZONE_LIMIT_RECORD_HEAD - 2) + nbytes;
}

/* Writes what the limit is of, and its value: "more than 100 RRsets at the name (limits: rrsets)".
 * Returns `out`. */
const char *zone_limit_text(char out[static ZONE_LIMIT_TEXT_MAX], enum zone_limit limit,
			    const struct zone_limits *limits);
