/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/draft.h"

#include <errno.h>

#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/zone.h"

static bool are_records(const uint8_t *zone, const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record r;

	while (zone_changeset_next(&b, &r))
		if (dns_type_is_meta(r.type) || !dns_name_is_under(r.owner, zone) ||
		    !dns_rdata_is_laid_out(r.type, r.rdata, r.nbytes))
			return false;
	return !b.has_failed;
}

/* The old SOA is not removed: the new one replaces it, so that the draft always has one. */
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

int zone_draft_apply(struct zone_draft *d, const struct zone_changeset *changes)
{
	const uint8_t *zone = zone_name(zone_draft_zone(d));
	int ret;

	if (!are_records(zone, changes->removed, changes->nremoved_bytes) ||
	    !are_records(zone, changes->added, changes->nadded_bytes))
		return -EBADMSG;
	ret = apply_removed(d, changes->removed, changes->nremoved_bytes);
	return ret < 0 ? ret : apply_added(d, changes->added, changes->nadded_bytes);
}
