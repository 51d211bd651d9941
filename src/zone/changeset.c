/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/changeset.h"

#include "dns/name.h"
#include "dns/type.h"

enum { FIXED_OCTETS = 10 }; /* type, class, TTL and RDLENGTH */

/* Takes an uncompressed name as a view. Returns NULL, with `b` failed, if the bytes are not one. */
static const uint8_t *take_name(struct base_buf *b)
{
	const uint8_t *name = b->at, *p = b->at;

	while (p < b->end && *p != 0) {
		if (*p > DNS_LABEL_MAX || b->end - p <= *p)
			break;
		p += *p + 1;
	}
	if (p >= b->end || *p != 0 || p - name >= DNS_NAME_MAX) {
		base_buf_fail(b);
		return NULL;
	}
	b->at = p + 1;
	return name;
}

bool zone_changeset_next(struct base_buf *b, struct dns_record *record)
{
	struct dns_record r;

	if (base_buf_left(b) == 0)
		return false;
	r.owner = take_name(b);
	r.type = base_buf_u16(b);
	if (base_buf_u16(b) != DNS_CLASS_IN)
		base_buf_fail(b);
	r.ttl = base_buf_u32(b);
	r.nbytes = base_buf_u16(b);
	r.rdata = base_buf_take(b, r.nbytes);
	if (b->has_failed)
		return false;
	*record = r;
	return true;
}

void zone_changeset_write(struct base_out *o, const struct dns_record *record)
{
	base_out_bytes(o, record->owner, dns_name_nbytes(record->owner));
	base_out_u16(o, record->type);
	base_out_u16(o, DNS_CLASS_IN);
	base_out_u32(o, record->ttl);
	base_out_u16(o, record->nbytes);
	base_out_bytes(o, record->rdata, record->nbytes);
}

size_t zone_changeset_nbytes(const struct dns_record *record)
{
	return dns_name_nbytes(record->owner) + FIXED_OCTETS + record->nbytes;
}
