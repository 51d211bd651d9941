/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/announce.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "registry/work.h"
#include "store/store.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { TTL_S = 120 }; /* as of records that name a host (RFC 6762 section 10) */

/* ---- what was made ---- */

void registry_announcements_fini(struct registry_announcements *a)
{
	free(a->items);
	memset(a, 0, sizeof(*a));
}

/* Returns the announcement of a zone, made empty if there is none yet; NULL if memory is short. */
static struct registry_announcement *find(struct registry_announcements *a, const uint8_t *zone)
{
	struct registry_announcement *items;

	for (size_t i = 0; i < a->count; i++)
		if (dns_name_equal(a->items[i].zone, zone))
			return &a->items[i];
	items = base_grow(a->items, a->count, &a->capacity, sizeof(*items));
	if (items == NULL)
		return NULL;
	a->items = items;
	items[a->count].nbytes = 0;
	dns_name_lower(items[a->count].zone, zone);
	return &items[a->count++];
}

int registry_announce_read(struct registry_announcements *a, const struct store_item *item)
{
	struct registry_announcement *one;

	if (item->kind != STORE_ITEM_ANNOUNCED)
		return 0;
	if (!dns_name_is_valid(item->key, item->nkey) || item->nbytes > sizeof(one->rdata) ||
	    (item->nbytes > 0 && !dns_rdata_is_laid_out(DNS_TYPE_SRV, item->bytes, item->nbytes)))
		return -EBADMSG;
	one = find(a, item->key);
	if (one == NULL)
		return -ENOMEM;
	one->nbytes = (uint16_t)item->nbytes;
	if (item->nbytes > 0)
		memcpy(one->rdata, item->bytes, item->nbytes);
	return 0;
}

/* ---- what is to be ---- */

static bool has_address(struct zone_draft *d, const uint8_t *name)
{
	struct zone_rrset rrset;

	return dns_name_is_under(name, zone_name(zone_draft_zone(d))) &&
	       (zone_draft_measure(d, name, DNS_TYPE_A, &rrset) ||
		zone_draft_measure(d, name, DNS_TYPE_AAAA, &rrset));
}

/* Returns the name of the server, valid until the draft changes; NULL if the zone names none. */
static const uint8_t *server_of(struct zone_draft *d)
{
	const uint8_t *apex = zone_name(zone_draft_zone(d));
	struct zone_rrset rrset;

	if (zone_draft_find(d, apex, DNS_TYPE_SOA, &rrset) && has_address(d, rrset.data + 2))
		return rrset.data + 2;
	return zone_draft_find(d, apex, DNS_TYPE_NS, &rrset) ? rrset.data + 2 : NULL;
}

/* Writes the rdata to `out`. Returns its bytes; 0: there is to be no record. */
static uint16_t wanted(struct zone_draft *d, uint16_t port, uint8_t out[static 6 + DNS_NAME_MAX])
{
	const uint8_t *target = port == 0 ? NULL : server_of(d);

	if (target == NULL)
		return 0;
	memset(out, 0, DNS_SRV_TARGET);
	base_store16(out + DNS_SRV_PORT, port);
	memcpy(out + DNS_SRV_TARGET, target, dns_name_nbytes(target));
	return (uint16_t)(DNS_SRV_TARGET + dns_name_nbytes(target));
}

/* Replaces the record that was made by the one in `item`, or by none if the zone has one of its
 * own: then `item` is emptied. */
static int change(struct zone_draft *d, const struct registry_announcement *before,
		  const uint8_t *owner, struct store_item *item)
{
	int ret = 0;

	if (before->nbytes > 0)
		ret = zone_draft_remove(d, owner, DNS_TYPE_SRV, before->rdata, before->nbytes);
	if (zone_draft_count(d, owner) > 0)
		item->nbytes = 0;
	if (ret < 0 || item->nbytes == 0)
		return ret;
	return zone_draft_add(d, owner, DNS_TYPE_SRV, TTL_S, item->bytes, (uint16_t)item->nbytes);
}

int registry_announce(struct registry_registrar *r, struct registry_announcements *a,
		      struct zone *zone, uint16_t port)
{
	struct registry_announcement *one = find(a, zone_name(zone));
	struct zone_draft *d = one == NULL ? NULL : registry_work_begin(r, zone);
	uint8_t owner[DNS_NAME_MAX], rdata[6 + DNS_NAME_MAX];
	struct store_item item = {.kind = STORE_ITEM_ANNOUNCED, .bytes = rdata};
	int ret = d == NULL ? -ENOMEM : 0;

	if (ret == 0) {
		item.nbytes = wanted(d, port, rdata);
		/* A zone with so long a name can have none. */
		if (dnssd_push_name(owner, zone_name(zone)) > 0)
			ret = change(d, one, owner, &item);
	}
	if (ret < 0) {
		if (one != NULL)
			registry_work_abort(r);
		return ret;
	}
	item.key = one->zone;
	item.nkey = (uint16_t)dns_name_nbytes(one->zone);
	ret = registry_work_commit(r, &item);
	if (ret <= 0)
		return ret;
	memcpy(one->rdata, rdata, item.nbytes);
	one->nbytes = (uint16_t)item.nbytes;
	return ret;
}
