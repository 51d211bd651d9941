/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/update.h - an UPDATE message, parsed (RFC 2136 section 2).
 *
 * The zone, prerequisite and update sections are read once, so that the steps which follow need not
 * read names and rdata again. It knows the form of a message, not its meaning. One thread at a
 * time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "dns/name.h"
#include "dns/type.h"

/* A record of the prerequisite or the update section. Class, TTL and rdlength are as sent. */
struct dns_update_record {
	const uint8_t *owner; /* uncompressed, owned by the message; NULL: it could not be read */
	const uint8_t *rdata; /* checked and uncompressed, owned by the message; NULL if the
				 record's class gives it no meaning */
	uint32_t ttl;
	uint16_t type, rrclass, rdlength;
	uint16_t nbytes;	   /* of rdata */
	uint16_t nadded, nremoved; /* records that applying it changed, at most UINT16_MAX each */
};

/* Returns whether the record adds data to the zone. An SOA does not: the server maintains it. */
static inline bool dns_update_is_added(const struct dns_update_record *r)
{
	return r->rrclass == DNS_CLASS_IN && r->type != DNS_TYPE_SOA;
}

struct dns_update {
	uint8_t zone[DNS_NAME_MAX]; /* name in the zone section */
	uint16_t nzones, ztype,
		zclass; /* records of the zone section; type and class of the last */
	unsigned nprerequisites, nupdates;
	struct dns_update_record *prerequisite; /* `nprerequisites`, then `nupdates` of `update` */
	struct dns_update_record *update;
	unsigned nread;	   /* records read so far; after -EBADMSG the index of the malformed one */
	const char *fault; /* of its rdata, a constant; NULL if something else is malformed */

	/* private */
	struct base_arena arena;
	uint8_t *scratch;
};

/* Makes an empty message. Returns 0, or -ENOMEM with nothing to end. */
int dns_update_init(struct dns_update *r);

/* Frees the memory of a message. */
void dns_update_fini(struct dns_update *r);

/* Parses the `nbytes` of a message into `r`, whose previous content becomes invalid. `msg` is
 * borrowed during the call. Returns 0, -ENOMEM, or -EBADMSG if the message is cut short or a record
 * malformed: that is r->prerequisite[r->nread], whose owner is NULL if even the owner is malformed.
 * `prerequisite` is NULL if the message ends before its first record. */
int dns_update_parse(struct dns_update *r, const uint8_t *msg, size_t nbytes);
