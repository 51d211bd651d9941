/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/update.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/msg.h"
#include "dns/rdata.h"
#include "dns/type.h"

enum {
	ARENA_BLOCK = 64 << 10,
	RR_SHORTEST = 11, /* octets of a record whose owner is the root, without rdata */
};

int dns_update_init(struct dns_update *r)
{
	memset(r, 0, sizeof(*r));
	r->scratch = malloc(DNS_RDATA_MAX);
	if (r->scratch == NULL)
		return -ENOMEM;
	base_arena_init(&r->arena, ARENA_BLOCK);
	return 0;
}

void dns_update_fini(struct dns_update *r)
{
	base_arena_fini(&r->arena);
	free(r->scratch);
}

/* Records of class ANY have no rdata, and in the prerequisite section records of class NONE have
 * none either (RFC 2136 sections 2.4 and 2.5). Other classes are refused later, whatever their
 * rdata. */
static bool has_rdata(uint16_t rrclass, bool is_update)
{
	return rrclass == DNS_CLASS_IN || (rrclass == DNS_CLASS_NONE && is_update);
}

static int rdata_parse(struct dns_update *r, struct dns_update_record *record, struct dns_rr *rr)
{
	struct base_out out = base_out_over(r->scratch, DNS_RDATA_MAX);

	r->fault = dns_rdata_parse(&rr->rdata, rr->type, rr->rdlength, &out);
	if (r->fault != NULL || out.is_full)
		return -EBADMSG;
	record->nbytes = (uint16_t)base_out_nbytes(&out);
	record->rdata = base_arena_copy(&r->arena, r->scratch, record->nbytes);
	return record->rdata == NULL ? -ENOMEM : 0;
}

static int record_parse(struct dns_update *r, struct dns_update_record *record, struct base_buf *b,
			bool is_update)
{
	struct dns_rr rr;

	memset(record, 0, sizeof(*record));
	if (!dns_rr_parse(b, &rr))
		return -EBADMSG;
	record->owner = base_arena_copy(&r->arena, rr.owner, dns_name_nbytes(rr.owner));
	if (record->owner == NULL)
		return -ENOMEM;
	record->type = rr.type;
	record->rrclass = rr.rrclass;
	record->ttl = rr.ttl;
	record->rdlength = rr.rdlength;
	/* The rdata of a meta type has no known layout; the record is refused later. */
	if (!has_rdata(rr.rrclass, is_update) || dns_type_is_meta(rr.type))
		return 0;
	return rdata_parse(r, record, &rr);
}

/* RFC 2136 section 2.3. The zone section must have one record; other counts are refused later. */
static void zone_parse(struct dns_update *r, struct base_buf *b)
{
	for (unsigned i = 0; i < r->nzones && !b->has_failed; i++) {
		dns_name_parse(b, r->zone);
		r->ztype = base_buf_u16(b);
		r->zclass = base_buf_u16(b);
	}
}

int dns_update_parse(struct dns_update *r, const uint8_t *msg, size_t nbytes)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	struct dns_header h = dns_header_parse(&b);
	size_t nrecords = (size_t)h.ancount + h.nscount;

	base_arena_reset(&r->arena);
	r->nzones = h.qdcount;
	r->nprerequisites = h.ancount;
	r->nupdates = h.nscount;
	r->nread = 0;
	r->fault = NULL;
	r->prerequisite = r->update = NULL;
	zone_parse(r, &b);
	if (b.has_failed || nrecords > base_buf_left(&b) / RR_SHORTEST)
		return -EBADMSG;

	r->prerequisite = base_arena_alloc(&r->arena, nrecords * sizeof(*r->prerequisite));
	if (r->prerequisite == NULL)
		return -ENOMEM;
	r->update = r->prerequisite + r->nprerequisites;
	for (; r->nread < nrecords; r->nread++) {
		bool is_update = r->nread >= r->nprerequisites;
		int ret = record_parse(r, &r->prerequisite[r->nread], &b, is_update);

		if (ret != 0)
			return ret;
	}
	return 0;
}
