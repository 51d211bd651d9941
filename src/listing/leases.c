/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "listing/leases.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "ledger/ledger.h"
#include "zone/changeset.h"

/* Precedes, in the listing, each lease's key, holder, owner and records. */
struct head {
	uint64_t left_ms;
	uint32_t granted_s, nrecords, nbytes;
	uint16_t nkey;
	uint8_t nholder, nowner;
	uint8_t number;
	bool is_hosted;
};

void listing_leases_fini(struct listing_leases *l)
{
	free(l->bytes);
	*l = (struct listing_leases){0};
}

static uint8_t *take(struct listing_leases *l, size_t n)
{
	uint8_t *bytes = base_grow_bytes(l->bytes, l->nbytes, &l->capacity, n);

	if (bytes == NULL)
		return NULL;
	l->bytes = bytes;
	l->nbytes += n;
	return bytes + l->nbytes - n;
}

static uint8_t *put(uint8_t *at, const void *bytes, size_t nbytes)
{
	if (nbytes > 0)
		memcpy(at, bytes, nbytes);
	return at + nbytes;
}

int listing_leases_add(struct listing_leases *l, const struct ledger *ledger,
		       const struct ledger_lease *lease, uint64_t now_ms, bool has_records)
{
	const struct undo_entry *e = &lease->entry;
	const struct ledger_content *c = e->content;
	const uint8_t *owner =
		ledger_owner_of(&ledger->owners, undo_entry_zone(e), undo_entry_name(e));
	uint64_t expires_ms = lease->expires_ms; /* a worker may move it */
	struct head h = {
		.left_ms = expires_ms > now_ms ? expires_ms - now_ms : 0,
		.granted_s = c->granted_s,
		.nrecords = c->nrecords,
		.nbytes = has_records ? c->nbytes : 0,
		.nkey = e->nkey,
		.nholder = c->nholder_bytes,
		.nowner = owner == NULL ? 0 : (uint8_t)dns_name_nbytes(owner),
		.number = undo_entry_number(e),
		.is_hosted = lease->zone != NULL,
	};
	uint8_t *at = take(l, sizeof(h) + h.nkey + h.nholder + h.nowner + h.nbytes);

	if (at == NULL)
		return -ENOMEM;
	at = put(at, &h, sizeof(h));
	at = put(at, e->key, h.nkey);
	at = put(at, c->bytes, h.nholder);
	at = put(at, owner, h.nowner);
	put(at, c->bytes + c->nholder_bytes, h.nbytes);
	l->count++;
	return 0;
}

static bool is_of_key(const struct ledger *ledger, const struct ledger_lease *lease,
		      const uint8_t *key)
{
	const struct undo_entry *e = &lease->entry;
	const uint8_t *holder = ledger_content_holder(e->content);
	const uint8_t *owner =
		ledger_owner_of(&ledger->owners, undo_entry_zone(e), undo_entry_name(e));

	return (holder != NULL && dns_name_begins(holder, key)) ||
	       (owner != NULL && dns_name_begins(owner, key));
}

static bool is_of_node(const struct ledger_lease *lease, const uint8_t *node)
{
	const struct undo_entry *e = &lease->entry;
	struct base_buf b = ledger_content_records(e->content);
	struct dns_record record;

	switch (dnssd_kind_of(undo_entry_name(e), undo_entry_zone(e))) {
	case DNSSD_NODE:
	case DNSSD_RUNS:
	case DNSSD_HELD:
		return dns_name_begins(dnssd_kind_node(undo_entry_name(e)), node);
	default:
		break;
	}
	while (zone_changeset_next(&b, &record))
		if (record.type == DNS_TYPE_SRV && record.nbytes > DNS_SRV_TARGET &&
		    dns_name_begins(record.rdata + DNS_SRV_TARGET, node))
			return true;
	return false;
}

bool listing_leases_fits(const struct listing_lease_filter *filter, const struct ledger *ledger,
			 const struct ledger_lease *lease)
{
	if (filter == NULL)
		return true;
	return (filter->zone == NULL ||
		dns_name_equal(undo_entry_zone(&lease->entry), filter->zone)) &&
	       (filter->key == NULL || is_of_key(ledger, lease, filter->key)) &&
	       (filter->node == NULL || is_of_node(lease, filter->node));
}

static int add_bucket(struct listing_leases *l, const struct ledger *ledger,
		      const struct listing_lease_filter *filter, uint64_t now_ms)
{
	const struct undo_entry *e = ledger->leases.table.bucket[l->bucket];
	int ret = 0;

	for (; e != NULL && ret == 0; e = e->next)
		if (e->content != NULL &&
		    listing_leases_fits(filter, ledger, (const struct ledger_lease *)e))
			ret = listing_leases_add(l, ledger, (const struct ledger_lease *)e, now_ms,
						 false);
	return ret;
}

int listing_leases_walk(struct listing_leases *l, const struct ledger *ledger,
			const struct listing_lease_filter *filter, uint64_t now_ms, size_t most)
{
	const struct undo_table *t = &ledger->leases.table;
	size_t end;
	int ret = 0;

	/* The table has grown: its entries are in other buckets now. */
	if (l->mask != t->mask)
		l->bucket = l->nbytes = l->count = 0;
	l->mask = t->mask;
	/* A bucket holds about one lease, whether of this zone or another. */
	end = t->mask + 1 - l->bucket < most ? t->mask + 1 : l->bucket + most;
	for (; l->bucket < end && ret == 0; l->bucket++)
		ret = add_bucket(l, ledger, filter, now_ms);
	return ret < 0 ? ret : l->bucket <= t->mask;
}

bool listing_leases_next(const struct listing_leases *l, size_t *at, struct listing_lease *out)
{
	const uint8_t *p;
	struct head h;

	if (*at == l->nbytes)
		return false;
	p = l->bytes + *at;
	memcpy(&h, p, sizeof(h));
	p += sizeof(h);
	*out = (struct listing_lease){
		.zone = p,
		.name = p + dns_name_nbytes(p),
		.holder = h.nholder == 0 ? NULL : p + h.nkey,
		.owner = h.nowner == 0 ? NULL : p + h.nkey + h.nholder,
		.number = h.number,
		.is_hosted = h.is_hosted,
		.granted_s = h.granted_s,
		.left_ms = h.left_ms,
		.nrecords = h.nrecords,
		.records = p + h.nkey + h.nholder + h.nowner,
		.nbytes = h.nbytes,
	};
	*at += sizeof(h) + h.nkey + h.nholder + h.nowner + h.nbytes;
	return true;
}
