/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/msg.h"

#include <string.h>

#include "dns/edns.h"
#include "dns/rdata.h"
#include "dns/type.h"

struct dns_header dns_header_parse(struct base_buf *b)
{
	struct dns_header h;

	h.id = base_buf_u16(b);
	h.flags = base_buf_u16(b);
	h.qdcount = base_buf_u16(b);
	h.ancount = base_buf_u16(b);
	h.nscount = base_buf_u16(b);
	h.arcount = base_buf_u16(b);
	return h;
}

/* Splits the name at q->name, which has at most `left` octets, into labels. Returns its length, or
 * 0 if it is malformed. */
static size_t question_name(struct dns_question *q, size_t left)
{
	size_t i = 0, max = left < DNS_NAME_MAX ? left : DNS_NAME_MAX;

	q->nlabels = 0;
	while (i < max) {
		size_t end = i + q->name[i] + 1;

		q->label[q->nlabels] = (uint8_t)i;
		if (end == i + 1) {
			q->lower[i] = 0;
			q->nbytes = (uint8_t)(i + 1);
			return i + 1;
		}
		if (q->name[i] > DNS_LABEL_MAX || end >= max)
			return 0;
		for (; i < end; i++)
			q->lower[i] = dns_lower[q->name[i]];
		q->nlabels++;
	}
	return 0;
}

bool dns_question_parse(struct base_buf *b, struct dns_question *q)
{
	size_t n;

	q->name = b->at;
	n = question_name(q, base_buf_left(b));
	if (n == 0) {
		base_buf_fail(b);
		return false;
	}
	b->at += n;
	q->type = base_buf_u16(b);
	q->qclass = base_buf_u16(b);
	return !b->has_failed;
}

void dns_question_make(struct dns_question *q, const uint8_t *name, uint16_t type, uint16_t qclass)
{
	q->name = name;
	question_name(q, DNS_NAME_MAX);
	q->type = type;
	q->qclass = qclass;
}

bool dns_rr_parse(struct base_buf *b, struct dns_rr *rr)
{
	dns_name_parse(b, rr->owner);
	rr->type = base_buf_u16(b);
	rr->rrclass = base_buf_u16(b);
	rr->ttl = base_buf_u32(b);
	rr->rdlength = base_buf_u16(b);
	rr->rdata = *b;
	base_buf_take(b, rr->rdlength);
	return !b->has_failed;
}

void dns_rr_skip(struct base_buf *b)
{
	dns_name_skip(b);
	base_buf_take(b, 8);
	base_buf_take(b, base_buf_u16(b));
}

/* Scans one additional record. Returns false if the message is malformed. */
static bool scan_additional(struct base_buf *b, bool is_last, struct dns_edns *edns,
			    size_t *tsig_offset)
{
	size_t offset = base_buf_offset(b);
	bool is_root = base_buf_left(b) > 0 && *b->at == 0;
	struct base_buf peek = *b;
	uint8_t owner[DNS_NAME_MAX];
	uint16_t type;

	/* The owner is not used, but an invalid name makes the message malformed. */
	dns_name_parse(&peek, owner);
	type = base_buf_u16(&peek);
	if (peek.has_failed)
		return false;
	if (type == DNS_TYPE_OPT) {
		if (!is_root || edns->is_present) /* RFC 6891 section 6.1.1 */
			return false;
		dns_edns_parse(&peek, edns);
		*b = peek;
		return !b->has_failed;
	}
	if (type == DNS_TYPE_TSIG) {
		if (!is_last) /* RFC 8945 section 5.1 */
			return false;
		*tsig_offset = offset;
	}
	dns_rr_skip(b);
	return !b->has_failed;
}

bool dns_msg_scan(struct base_buf *b, const struct dns_header *h, struct dns_edns *edns,
		  size_t *tsig_offset)
{
	unsigned nskipped = (unsigned)h->ancount + h->nscount;

	*edns = (struct dns_edns){.is_present = false};
	*tsig_offset = 0;
	for (; nskipped > 0 && !b->has_failed; nskipped--)
		dns_rr_skip(b);
	for (unsigned i = 0; i < h->arcount && !b->has_failed; i++)
		if (!scan_additional(b, i + 1u == h->arcount, edns, tsig_offset))
			return false;
	return !b->has_failed && base_buf_left(b) == 0;
}

void dns_writer_init(struct dns_writer *w, uint8_t *bytes, size_t nbytes)
{
	w->out = base_out_over(bytes, nbytes);
	w->noffset = 0;
	w->is_case_kept = false;
	base_out_take(&w->out, DNS_HEADER_SIZE);
}

void dns_writer_header(struct dns_writer *w, const struct dns_header *h)
{
	uint8_t *p = w->out.start;

	base_store16(p, h->id);
	base_store16(p + 2, h->flags);
	base_store16(p + 4, h->qdcount);
	base_store16(p + 6, h->ancount);
	base_store16(p + 8, h->nscount);
	base_store16(p + 10, h->arcount);
}

enum { LANES = 4 }; /* prints that are compared at once; DNS_WRITER_NAMES is a multiple */

/* Returns some bits of a label that differ between most names of a message, which often end in
 * numbers: its length and its last two octets, whatever their case. */
static uint16_t label_print(const uint8_t *label)
{
	uint8_t n = *label;

	return (uint16_t)(dns_lower[label[n]] << 8 ^ dns_lower[label[n - 1]] << 3 ^ n);
}

static void know(struct dns_writer *w, size_t offset, const uint8_t *label)
{
	if (w->noffset == DNS_WRITER_NAMES || offset >= 0x4000)
		return;
	if (w->noffset % LANES == 0)
		memset(&w->print[w->noffset], 0, LANES * sizeof(w->print[0]));
	w->print[w->noffset] = label_print(label);
	w->offset[w->noffset++] = (uint16_t)offset;
}

/* The start of each label can be pointed to, up to a pointer or the root. */
void dns_writer_know(struct dns_writer *w, size_t offset)
{
	const uint8_t *p = w->out.start + offset;

	for (; *p != 0 && *p <= DNS_LABEL_MAX; p += *p + 1)
		know(w, (size_t)(p - w->out.start), p);
}

/* Whether the name at `offset`, pointers followed, is `name`. Case is ignored, unless it is kept: a
 * prepared answer must have one form, whatever the case of the question that it points into (RFC
 * 4343 section 4). */
static bool is_name_at(const struct dns_writer *w, size_t offset, const uint8_t *name)
{
	const uint8_t *p = w->out.start + offset;

	for (;;) {
		while (*p >= 0xc0)
			p = w->out.start + (base_load16(p) & 0x3fff);
		if (*p != *name)
			return false;
		if (*p == 0)
			return true;
		for (uint8_t i = 1; i <= *p; i++)
			if (p[i] != name[i] &&
			    (w->is_case_kept || dns_lower[p[i]] != dns_lower[name[i]]))
				return false;
		name += *name + 1;
		p += *p + 1;
	}
}

/* Returns whether one of LANES prints is `print`. */
static bool has_print(const uint16_t *prints, uint16_t print)
{
	const uint64_t ones = 0x0001000100010001;
	uint64_t lanes;

	memcpy(&lanes, prints, sizeof(lanes));
	lanes ^= ones * print;
	return ((lanes - ones) & ~lanes & ones << 15) != 0; /* a lane is zero */
}

/* Returns the offset of `name` among the first `known` names, or -1. */
static int pointer_to(const struct dns_writer *w, const uint8_t *name, unsigned known)
{
	uint16_t print = label_print(name);

	for (unsigned i = 0; i < known; i += LANES) {
		if (!has_print(&w->print[i], print))
			continue;
		for (unsigned j = i; j < i + LANES && j < known; j++)
			if (w->print[j] == print && is_name_at(w, w->offset[j], name))
				return w->offset[j];
	}
	return -1;
}

/* A name is not compared with its own tails: until its last octet is written they have no end. */
void dns_writer_name(struct dns_writer *w, const uint8_t *name, bool compress)
{
	unsigned known = w->noffset;

	while (*name != 0 && !w->out.is_full) {
		int offset = compress ? pointer_to(w, name, known) : -1;

		if (offset >= 0) {
			base_out_u16(&w->out, (uint16_t)(0xc000 | offset));
			break;
		}
		know(w, base_out_nbytes(&w->out), name);
		base_out_bytes(&w->out, name, (size_t)*name + 1);
		name += *name + 1;
	}
	if (*name == 0)
		base_out_u8(&w->out, 0);
	if (w->out.is_full)
		w->noffset = known;
}

static void write_rdata(struct dns_writer *w, const char *layout, const uint8_t *rdata,
			size_t nbytes)
{
	const uint8_t *end;

	if (nbytes == 0) /* and there may be no rdata to point to */
		return;
	end = rdata + nbytes;
	for (; *layout != '\0' && rdata < end; layout++) {
		size_t n = (size_t)(end - rdata);

		if (strchr("cdn", *layout) != NULL) {
			n = dns_name_nbytes(rdata);
			dns_writer_name(w, rdata, *layout == 'c');
			rdata += n;
			continue;
		}
		if (*layout >= '0' && *layout <= '9')
			n = (size_t)(*layout - '0');
		else if (*layout == 's')
			n = (size_t)*rdata + 1;
		base_out_bytes(&w->out, rdata, n);
		rdata += n;
	}
}

void dns_writer_after_owner(struct dns_writer *w, uint16_t type, uint16_t rrclass, uint32_t ttl,
			    const uint8_t *rdata, size_t nbytes)
{
	const struct dns_type_info *info = dns_type_info(type);
	uint8_t *p = base_out_take(&w->out, 10);

	if (p == NULL)
		return;
	base_store16(p, type);
	base_store16(p + 2, rrclass);
	base_store32(p + 4, ttl);
	if (info != NULL && info->has_name)
		write_rdata(w, info->wire, rdata, nbytes);
	else
		base_out_bytes(&w->out, rdata, nbytes);
	if (!w->out.is_full)
		base_store16(p + 8, (uint16_t)(w->out.at - p - 10));
}

void dns_writer_rr(struct dns_writer *w, const uint8_t *owner, uint16_t type, uint16_t rrclass,
		   uint32_t ttl, const uint8_t *rdata, size_t nbytes)
{
	dns_writer_name(w, owner, true);
	dns_writer_after_owner(w, type, rrclass, ttl, rdata, nbytes);
}

uint16_t dns_writer_owner(struct dns_writer *w, const uint8_t *owner)
{
	size_t offset = base_out_nbytes(&w->out);

	dns_writer_name(w, owner, true);
	if (w->out.is_full || *owner == 0)
		return 0;
	if (w->out.start[offset] >= 0xc0)
		return base_load16(w->out.start + offset);
	return offset < 0x4000 ? (uint16_t)(0xc000 | offset) : 0;
}
