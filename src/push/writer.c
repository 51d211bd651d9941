/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "push/writer.h"

#include <errno.h>
#include <string.h>

#include "dns/type.h"

enum { FIXED = 10 }; /* octets of a record between owner and rdata */

/* Returns whether names in rdata of the type are compressed (RFC 6762 section 18.14): not the same
 * types as in answers (RFC 3597 section 4). */
static bool has_compressed_rdata(uint16_t type)
{
	switch (type) {
	case DNS_TYPE_NS:
	case DNS_TYPE_CNAME:
	case DNS_TYPE_PTR:
	case DNS_TYPE_DNAME:
	case DNS_TYPE_SOA:
	case DNS_TYPE_MX:
	case DNS_TYPE_AFSDB:
	case DNS_TYPE_RT:
	case DNS_TYPE_KX:
	case DNS_TYPE_RP:
	case DNS_TYPE_PX:
	case DNS_TYPE_SRV:
	case DNS_TYPE_NSEC:
		return true;
	default:
		return false;
	}
}

/* ---- frames ---- */

static void frame_begin(struct push_writer *w)
{
	struct base_out *o = &w->names.out;

	dns_writer_init(&w->names, w->bytes, DNS_DSO_PUSH_MAX);
	w->names.is_case_kept = true;
	o->at = o->start;
	dns_dso_header_write(o, 0, DNS_RCODE_NOERROR);
	w->tlv = dns_dso_tlv_begin(o, DNS_DSO_PUSH);
	w->nchanges = 0;
	w->owner = NULL;
}

/* A PUSH message must not be without a change (RFC 8765 section 6.3.1): then there is no frame. */
static int frame_end(struct push_writer *w)
{
	struct base_out *o = &w->names.out;

	if (w->nchanges == 0)
		return 0;
	dns_dso_tlv_end(o, w->tlv);
	return push_messages_add(w->messages, o->start, base_out_nbytes(o));
}

/* ---- one change ---- */

struct change {
	const uint8_t *owner;
	uint16_t type, rrclass;
	uint32_t ttl;
	const uint8_t *rdata;
	size_t nbytes;
};

static void write_owner(struct push_writer *w, const uint8_t *owner)
{
	if (owner != w->owner) {
		w->pointer = dns_writer_owner(&w->names, owner);
		w->owner = owner;
	} else if (w->pointer != 0) {
		base_out_u16(&w->names.out, w->pointer);
	} else {
		dns_writer_name(&w->names, owner, true);
	}
}

/* All fields before and between the names have a fixed length in these types; what follows the last
 * name is copied. */
static void write_rdata(struct push_writer *w, uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	const uint8_t *end = rdata + nbytes;

	if (has_compressed_rdata(type)) {
		for (const char *l = dns_type_info(type)->wire; *l != '\0' && rdata < end; l++) {
			size_t n = (size_t)(end - rdata);

			if (strchr("cdn", *l) != NULL) {
				dns_writer_name(&w->names, rdata, true);
				rdata += dns_name_nbytes(rdata);
				continue;
			}
			if (*l >= '0' && *l <= '9')
				n = (size_t)(*l - '0');
			base_out_bytes(&w->names.out, rdata, n);
			rdata += n;
		}
	}
	base_out_bytes(&w->names.out, rdata, (size_t)(end - rdata));
}

/* Writes a change to the frame in hand. Returns false, with the frame as it was, if it does not
 * fit. */
static bool write_change(struct push_writer *w, const struct change *c)
{
	struct dns_writer_mark mark = dns_writer_mark(&w->names);
	struct base_out *o = &w->names.out;
	const uint8_t *owner = w->owner;
	uint16_t pointer = w->pointer;
	uint8_t *fixed;

	write_owner(w, c->owner);
	fixed = base_out_take(o, FIXED);
	if (fixed != NULL) {
		base_store16(fixed, c->type);
		base_store16(fixed + 2, c->rrclass);
		base_store32(fixed + 4, c->ttl);
		if (c->nbytes > 0)
			write_rdata(w, c->type, c->rdata, c->nbytes);
	}
	if (o->is_full) {
		dns_writer_rewind(&w->names, mark);
		w->owner = owner;
		w->pointer = pointer;
		return false;
	}
	base_store16(fixed + 8, (uint16_t)(o->at - fixed - FIXED));
	w->nchanges++;
	return true;
}

static int put(struct push_writer *w, const struct change *c)
{
	int ret;

	if (!push_writer_fits(c->owner, c->nbytes)) {
		w->noversized++;
		return 0;
	}
	if (write_change(w, c))
		return 0;
	if (w->messages->count + 1 == w->most)
		return 1;
	ret = frame_end(w);
	if (ret < 0)
		return ret;
	frame_begin(w);
	write_change(w, c);
	return 0;
}

/* ---- the writer ---- */

int push_writer_begin(struct push_writer *w, size_t most)
{
	w->messages = push_messages_new();
	if (w->messages == NULL)
		return -ENOMEM;
	w->most = most;
	w->noversized = 0;
	frame_begin(w);
	return 0;
}

/* Types with compressed rdata are never as long. */
bool push_writer_fits(const uint8_t *owner, size_t nbytes)
{
	nbytes += dns_name_nbytes(owner) + FIXED;
	return DNS_HEADER_SIZE + DNS_DSO_TLV_SIZE + nbytes <= DNS_DSO_PUSH_MAX;
}

int push_writer_add(struct push_writer *w, const uint8_t *owner, uint16_t type, uint32_t ttl,
		    const uint8_t *rdata, size_t nbytes)
{
	return put(w,
		   &(struct change){owner, type, DNS_CLASS_IN,
				    ttl > DNS_DSO_TTL_MAX ? DNS_DSO_TTL_MAX : ttl, rdata, nbytes});
}

int push_writer_remove(struct push_writer *w, const uint8_t *owner, uint16_t type,
		       const uint8_t *rdata, size_t nbytes)
{
	return put(w,
		   &(struct change){owner, type, DNS_CLASS_IN, DNS_DSO_TTL_REMOVE, rdata, nbytes});
}

int push_writer_remove_rrset(struct push_writer *w, const uint8_t *owner, uint16_t type)
{
	return put(w, &(struct change){owner, type, DNS_CLASS_IN, DNS_DSO_TTL_REMOVE_ALL, NULL, 0});
}

int push_writer_remove_name(struct push_writer *w, const uint8_t *owner)
{
	return put(w, &(struct change){owner, DNS_TYPE_ANY, DNS_CLASS_IN, DNS_DSO_TTL_REMOVE_ALL,
				       NULL, 0});
}

int push_writer_end(struct push_writer *w, struct push_messages **out)
{
	int ret = frame_end(w);

	*out = NULL;
	if (ret < 0 || w->messages->count == 0)
		push_writer_abort(w);
	else
		*out = w->messages;
	w->messages = NULL;
	return ret;
}

void push_writer_abort(struct push_writer *w)
{
	push_messages_release(w->messages);
	w->messages = NULL;
}
