/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "hosting/record.h"

#include <errno.h>

#include "dns/name.h"
#include "dns/record.h"
#include "view/view.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { POINTER = 2 }; /* octets of a compression pointer */

/* Returns whether an answer has room for one more PTR to `instance`, all of which end with the type
 * that the question has, too. */
static bool has_room(struct zone_draft *d, const struct zone_limits *limits,
		     const struct dns_record *record, const uint8_t *instance)
{
	size_t nshared = dns_name_nbytes(dns_name_strip(instance, 1)) - POINTER;
	uint64_t nbytes = ZONE_LIMIT_RECORD_HEAD + 1u + instance[0] + POINTER, before, saved;
	struct zone_rrset set;

	if (!zone_draft_measure(d, record->owner, record->type, &set) ||
	    zone_draft_has(d, record->owner, record->type, record->rdata, record->nbytes))
		return true;
	before = zone_limit_nbytes(set.count, set.nbytes);
	saved = (uint64_t)set.count * nshared;
	return (saved < before ? before - saved : 0) + nbytes <= limits->rrset_nbytes;
}

int hosting_record_add(struct zone_draft *d, const struct zone_limits *limits,
		       const struct dns_record *record, uint32_t ttl, enum zone_limit *over)
{
	const uint8_t *instance = view_target(zone_name(zone_draft_zone(d)), record->owner,
					      record->type, record->rdata);

	if (instance == NULL)
		return zone_draft_add_within(d, limits, record->owner, record->type, ttl,
					     record->rdata, record->nbytes, over);
	if (!has_room(d, limits, record, instance)) {
		*over = ZONE_LIMIT_OF_RRSET_NBYTES;
		return -E2BIG;
	}
	return zone_draft_add(d, record->owner, record->type, ttl, record->rdata, record->nbytes);
}
