/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/changeset.h"

#include <errno.h>

#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/draft.h"

enum { FIXED_OCTETS = 10 }; /* type, class, TTL and RDLENGTH */

/* Takes an uncompressed name as a view; NULL and failed if there is none. */
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

static bool are_records(const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record r;

	while (zone_changeset_next(&b, &r))
		if (dns_type_is_meta(r.type) || !dns_rdata_is_valid(r.type, r.rdata, r.nbytes))
			return false;
	return !b.has_failed;
}

/* The old SOA is not removed: the new one replaces it, so that the draft is never without. */
static int apply_removed(struct zone_draft *d, const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record r;
	int ret = 0;

	while (ret >= 0 && zone_changeset_next(&b, &r))
		if (r.type != DNS_TYPE_SOA)
			ret = zone_draft_remove(d, r.owner, r.type, r.rdata, r.nbytes);
	return ret < 0 ? ret : 0;
}

static int apply_added(struct zone_draft *d, const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record r;
	int ret = 0;

	while (ret >= 0 && zone_changeset_next(&b, &r)) {
		if (r.type == DNS_TYPE_SOA)
			ret = zone_draft_set_soa(d, r.ttl, r.rdata, r.nbytes);
		else
			ret = zone_draft_add(d, r.owner, r.type, r.ttl, r.rdata, r.nbytes);
	}
	return ret < 0 ? ret : 0;
}

int zone_changeset_apply(struct zone_draft *d, const struct zone_changeset *changes)
{
	int ret;

	if (!are_records(changes->removed, changes->nremoved_bytes) ||
	    !are_records(changes->added, changes->nadded_bytes))
		return -EBADMSG;
	ret = apply_removed(d, changes->removed, changes->nremoved_bytes);
	return ret < 0 ? ret : apply_added(d, changes->added, changes->nadded_bytes);
}
