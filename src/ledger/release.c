/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/release.h"

#include <errno.h>

#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/record.h"
#include "dns/type.h"
#include "dns/update.h"
#include "ledger/leases.h"
#include "zone/changeset.h"
#include "zone/draft.h"

/* ---- one record ---- */

/* Takes the record with that hash out of the lease's content, so that a restart does not bring it
 * back. */
static int remove_from_lease(struct ledger_leases *l, struct ledger_lease *lease, uint64_t hash)
{
	const struct ledger_content *c = ledger_lease_content(lease);
	struct base_buf b = ledger_content_records(c);
	struct ledger_content *next;
	struct dns_record r;

	if (undo_pairs_remove(&l->holders, hash, lease->entry.hash) < 0)
		return -ENOMEM;
	ledger_scratch_clear(&l->scratch);
	while (zone_changeset_next(&b, &r))
		if (ledger_content_hash(l->table.seed, &r) != hash &&
		    ledger_scratch_add(&l->scratch, &r) < 0)
			return -ENOMEM;
	if (l->scratch.nrecords == 0 && undo_entry_number(&lease->entry) != LEDGER_LEASE_NAME)
		return undo_table_put(&l->table, &lease->entry, NULL);
	/* The next refresh goes to the registrar, and leases the record again. */
	ledger_refresh_forget(&l->refreshes, lease);
	next = ledger_content_new(ledger_content_holder(c), c->granted_s, l->scratch.bytes,
				  l->scratch.nbytes, l->scratch.nrecords);
	return next == NULL ? -ENOMEM : undo_table_put(&l->table, &lease->entry, next);
}

/* Takes the record out of the leases of `name` that hold it. */
static int remove_from_name(struct ledger_leases *l, const uint8_t *zone, const uint8_t *name,
			    uint64_t hash)
{
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	unsigned n = ledger_leases_of(l, zone, name, leases);
	int ret = 0;

	for (unsigned i = 0; i < n && ret == 0; i++)
		if (undo_pairs_has(&l->holders, hash, leases[i]->entry.hash))
			ret = remove_from_lease(l, leases[i], hash);
	return ret;
}

/* Most records are held by the leases named after their owner or target. Only if more leases hold
 * the record, all are searched. */
int ledger_release_record(struct ledger_leases *l, const uint8_t *zone, const struct dns_record *r)
{
	struct undo_entry *e = NULL;
	uint64_t hash;
	int ret;

	if (l->holders.used == 0)
		return 0;
	hash = ledger_content_hash(l->table.seed, r);
	if (undo_pairs_count(&l->holders, hash) == 0)
		return 0;
	ret = remove_from_name(l, zone, r->owner, hash);
	if (ret == 0 && r->type == DNS_TYPE_PTR)
		ret = remove_from_name(l, zone, r->rdata, hash);
	while (ret == 0 && undo_pairs_count(&l->holders, hash) > 0 &&
	       (e = undo_table_next(&l->table, e)) != NULL)
		if (undo_pairs_has(&l->holders, hash, e->hash))
			ret = remove_from_lease(l, (struct ledger_lease *)e, hash);
	return ret;
}

/* ---- many records ---- */

int ledger_release_added(struct ledger_leases *l, const uint8_t *zone,
			 const struct dns_update_record *records, size_t nrecords)
{
	int ret = 0;

	for (size_t i = 0; i < nrecords && ret == 0; i++) {
		const struct dns_update_record *r = &records[i];
		const struct dns_record record = {r->owner, r->type, r->ttl, r->rdata, r->nbytes};

		if (dns_update_is_added(r))
			ret = ledger_release_record(l, zone, &record);
	}
	return ret;
}

static int release_part(struct ledger_leases *l, const uint8_t *zone, const uint8_t *bytes,
			size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record r;
	int ret = 0;

	while (ret == 0 && zone_changeset_next(&b, &r))
		ret = ledger_release_record(l, zone, &r);
	return ret;
}

int ledger_release_changes(struct ledger_leases *l, const uint8_t *zone,
			   const struct zone_changeset *changes)
{
	int ret = release_part(l, zone, changes->removed, changes->nremoved_bytes);

	return ret == 0 ? release_part(l, zone, changes->added, changes->nadded_bytes) : ret;
}

static bool is_added(const struct dns_update_record *records, size_t nrecords,
		     const struct dns_record *r)
{
	for (size_t i = 0; i < nrecords; i++)
		if (dns_update_is_added(&records[i]) && records[i].type == r->type &&
		    dns_name_equal(records[i].owner, r->owner) &&
		    dns_rdata_compare(r->type, records[i].rdata, records[i].nbytes, r->rdata,
				      r->nbytes) == 0)
			return true;
	return false;
}

int ledger_release_missing(struct ledger_leases *l, const struct ledger_lease *lease,
			   struct zone_draft *draft, const struct dns_update_record *records,
			   size_t nrecords)
{
	struct base_buf b = ledger_content_records(ledger_lease_content(lease));
	struct dns_record r;
	int ret = 0, nreleased = 0;

	while (ret >= 0 && zone_changeset_next(&b, &r)) {
		bool is_only = ledger_leases_is_only_holder(l, lease, &r);

		if (is_added(records, nrecords, &r))
			continue;
		ret = undo_pairs_remove(&l->holders, ledger_content_hash(l->table.seed, &r),
					lease->entry.hash);
		if (ret == 0 && is_only)
			ret = zone_draft_remove(draft, r.owner, r.type, r.rdata, r.nbytes);
		nreleased++;
	}
	return ret < 0 ? ret : nreleased;
}

/* ---- the whole lease ---- */

/* Removes the records that the lease alone holds. Returns how many, or -ENOMEM. */
static int remove_records(struct ledger_leases *l, const struct ledger_lease *lease,
			  struct zone_draft *draft)
{
	struct base_buf b = ledger_content_records(ledger_lease_content(lease));
	struct dns_record r;
	int nremoved = 0;

	while (zone_changeset_next(&b, &r)) {
		uint64_t hash = ledger_content_hash(l->table.seed, &r);
		bool was_holder = undo_pairs_has(&l->holders, hash, lease->entry.hash);
		int n;

		if (undo_pairs_remove(&l->holders, hash, lease->entry.hash) < 0)
			return -ENOMEM;
		if (!was_holder || undo_pairs_count(&l->holders, hash) > 0)
			continue;
		n = zone_draft_remove(draft, r.owner, r.type, r.rdata, r.nbytes);
		if (n < 0)
			return n;
		nremoved += n;
	}
	return nremoved;
}

int ledger_release_lease(struct ledger_leases *l, struct ledger_lease *lease,
			 struct zone_draft *draft)
{
	int n;

	while (ledger_lease_expires(lease) != LEDGER_LEASE_ENDED &&
	       !ledger_lease_seize(lease, ledger_lease_expires(lease)))
		;
	n = remove_records(l, lease, draft);
	if (n >= 0 && undo_table_put(&l->table, &lease->entry, NULL) < 0)
		n = -ENOMEM;
	if (n < 0)
		ledger_lease_revive(lease);
	return n;
}
