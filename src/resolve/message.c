/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "resolve/message.h"

#include "dns/edns.h"
#include "dns/rdata.h"
#include "dns/type.h"

#define TTL_MAX UINT32_C(0x7fffffff)

static void question_write(struct dns_writer *w, uint8_t *out, const struct dns_header *h,
			   const uint8_t *name, uint16_t type)
{
	dns_writer_init(w, out, RESOLVE_MESSAGE_QUERY_MAX);
	dns_writer_header(w, h);
	dns_writer_name(w, name, false);
	base_out_u16(&w->out, type);
	base_out_u16(&w->out, DNS_CLASS_IN);
}

size_t resolve_message_query(uint8_t out[static RESOLVE_MESSAGE_QUERY_MAX], uint16_t id,
			     const uint8_t *name, uint16_t type)
{
	const struct dns_header h = {.id = id, .flags = DNS_FLAG_RD, .qdcount = 1, .arcount = 1};
	struct dns_writer w;

	question_write(&w, out, &h, name, type);
	base_out_u8(&w.out, 0); /* the root: the OPT's owner */
	base_out_u16(&w.out, DNS_TYPE_OPT);
	base_out_u16(&w.out, RESOLVE_MESSAGE_UDP_MAX);
	base_out_u32(&w.out, 0); /* no upper bits of an RCODE, version 0, no flags */
	base_out_u16(&w.out, 0); /* no options */
	return base_out_nbytes(&w.out);
}

size_t resolve_message_query_plain(uint8_t out[static RESOLVE_MESSAGE_QUERY_MAX], uint16_t id,
				   const uint8_t *name, uint16_t type)
{
	const struct dns_header h = {.id = id, .flags = DNS_FLAG_RD, .qdcount = 1};
	struct dns_writer w;

	question_write(&w, out, &h, name, type);
	return base_out_nbytes(&w.out);
}

bool resolve_message_parse(struct resolve_answer *a, const uint8_t *msg, size_t nbytes, uint16_t id,
			   const uint8_t *name, uint16_t type)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	struct dns_header h = dns_header_parse(&b);
	struct dns_question q;

	if (b.has_failed || h.id != id || !(h.flags & DNS_FLAG_QR) ||
	    dns_flags_opcode(h.flags) != DNS_OPCODE_QUERY)
		return false;
	*a = (struct resolve_answer){
		.rcode = h.flags & DNS_FLAG_RCODE,
		.is_authoritative = h.flags & DNS_FLAG_AA,
		.is_truncated = h.flags & DNS_FLAG_TC,
		.nanswer = h.ancount,
		.nauthority = h.nscount,
		.nadditional = h.arcount,
	};
	/* Servers that cannot parse a query may answer without its question. */
	if (h.qdcount == 0 && a->rcode != DNS_RCODE_NOERROR && a->rcode != DNS_RCODE_NXDOMAIN) {
		a->nanswer = a->nauthority = a->nadditional = 0;
		a->at = b;
		return true;
	}
	if (h.qdcount != 1 || !dns_question_parse(&b, &q) || q.type != type ||
	    q.qclass != DNS_CLASS_IN || !dns_name_equal(q.name, name))
		return false;
	a->at = b;
	return true;
}

/* Takes the section of the next record. Returns false if there is no record left. */
static bool section_next(struct resolve_answer *a, enum resolve_section *section)
{
	unsigned *left[] = {
		[RESOLVE_ANSWER] = &a->nanswer,
		[RESOLVE_AUTHORITY] = &a->nauthority,
		[RESOLVE_ADDITIONAL] = &a->nadditional,
	};

	for (*section = RESOLVE_ANSWER; *section <= RESOLVE_ADDITIONAL; ++*section) {
		if (*left[*section] == 0)
			continue;
		--*left[*section];
		return true;
	}
	return false;
}

bool resolve_message_next(struct resolve_answer *a, struct resolve_answer_record *record)
{
	while (section_next(a, &record->section)) {
		struct base_out out = base_out_over(record->rdata, sizeof(record->rdata));
		struct dns_rr rr;

		if (!dns_rr_parse(&a->at, &rr))
			return false;
		if (rr.rrclass != DNS_CLASS_IN || rr.type == DNS_TYPE_OPT)
			continue;
		if (dns_rdata_parse(&rr.rdata, rr.type, rr.rdlength, &out) == dns_rdata_malformed ||
		    out.is_full)
			continue;
		dns_name_lower(record->owner, rr.owner);
		record->type = rr.type;
		record->ttl = rr.ttl > TTL_MAX ? 0 : rr.ttl;
		record->nbytes = (uint16_t)base_out_nbytes(&out);
		return true;
	}
	return false;
}
