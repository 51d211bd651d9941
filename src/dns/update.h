/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/update.h - an UPDATE message taken apart (RFC 2136 section 2).
 *
 * Reads zone, prerequisite and update section once, so that the steps which follow need not read
 * names and rdata again. It knows the form of a message, not its meaning. One thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "dns/name.h"
#include "dns/type.h"

/* A record of either section. Class, TTL and rdlength are as they were sent; `rdata` is checked and
 * uncompressed, and there only where the record's meaning needs it: `rdlength` then is not 0. */
struct dns_update_record {
	const uint8_t *owner, *rdata;
	uint32_t ttl;
	uint16_t type, rrclass, rdlength;
	uint16_t nbytes;	   /* of rdata */
	uint16_t nadded, nremoved; /* what came of it, at most UINT16_MAX */
};

/* Whether it adds a record that somebody registers: the SOA is the server's. */
static inline bool dns_update_is_added(const struct dns_update_record *r)
{
	return r->rrclass == DNS_CLASS_IN && r->type != DNS_TYPE_SOA;
}

struct dns_update {
	uint8_t zone[DNS_NAME_MAX];
	uint16_t nzones, ztype, zclass;
	unsigned nprerequisites, nupdates;
	struct dns_update_record *prerequisite, *update;
	unsigned nread; /* records read so far: which one is malformed */

	/* private */
	struct base_arena arena;
	uint8_t *scratch;
};

/* Makes an empty message. Returns 0 or -ENOMEM. */
int dns_update_init(struct dns_update *r);

/* Gives its memory back. */
void dns_update_fini(struct dns_update *r);

/* Reads the `nbytes` of a message; what was read before is gone. Returns 0, -ENOMEM, or -EBADMSG if
 * the message is cut short or the rdata of a record malformed: that is prerequisite[nread], whose
 * owner is NULL if not even that could be read. `prerequisite` is NULL if the message ended before
 * its records. */
int dns_update_parse(struct dns_update *r, const uint8_t *msg, size_t nbytes);
