/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/release.h"

#include <errno.h>

#include "base/grow.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/record.h"
#include "dns/type.h"
#include "dns/update.h"
#include "ledger/leases.h"
#include "zone/changeset.h"
#include "zone/draft.h"

/* ---- one record ---- */

/* Remembers that the content of the lease has a record that left it. */
static int mark_stale(struct ledger_leases *l, struct ledger_lease *lease)
{
	struct ledger_lease **stale;

	if (lease->is_stale)
		return 0;
	stale = base_grow(l->stale, l->nstale, &l->stale_capacity, sizeof(struct ledger_lease *));
	if (stale == NULL)
		return -ENOMEM;
	l->stale = stale;
	stale[l->nstale++] = lease;
	lease->is_stale = true;
	return 0;
}

/* Each turn takes the record out of its last holder, so that no number changes. */
int ledger_release_later(struct ledger_leases *l, const struct dns_record *r)
{
	uint64_t hash, member;
	uint32_t n;

	if (l->holders.used == 0)
		return 0;
	hash = ledger_content_hash(l->table.seed, r);
	while ((n = undo_pairs_count(&l->holders, hash)) > 0) {
		struct ledger_lease *lease;

		member = undo_pairs_member(&l->holders, hash, n - 1);
		lease = (struct ledger_lease *)undo_table_find_hash(&l->table, member);
		if ((lease != NULL && mark_stale(l, lease) < 0) ||
		    undo_pairs_remove(&l->holders, hash, member) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Gives the lease the content that it still holds, so that a restart does not bring back what has
 * left it. */
static int settle(struct ledger_leases *l, struct ledger_lease *lease)
{
	const struct ledger_content *c = ledger_lease_content(lease);
	struct base_buf b = ledger_content_records(c);
	struct ledger_content *next;
	struct dns_record r;

	if (c == NULL)
		return 0;
	ledger_scratch_clear(&l->scratch);
	while (zone_changeset_next(&b, &r))
		if (undo_pairs_has(&l->holders, ledger_content_hash(l->table.seed, &r),
				   lease->entry.hash) &&
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

int ledger_release_settle(struct ledger_leases *l)
{
	int ret = 0;

	while (l->nstale > 0 && ret == 0) {
		struct ledger_lease *lease = l->stale[--l->nstale];

		lease->is_stale = false;
		ret = settle(l, lease);
	}
	return ret;
}

int ledger_release_record(struct ledger_leases *l, const struct dns_record *r)
{
	int ret = ledger_release_later(l, r);

	return ret == 0 ? ledger_release_settle(l) : ret;
}

/* ---- many records ---- */

int ledger_release_added(struct ledger_leases *l, const struct dns_update_record *records,
			 size_t nrecords)
{
	int ret = 0;

	for (size_t i = 0; i < nrecords && ret == 0; i++) {
		const struct dns_update_record *r = &records[i];
		const struct dns_record record = {r->owner, r->type, r->ttl, r->rdata, r->nbytes};

		if (dns_update_is_added(r))
			ret = ledger_release_later(l, &record);
	}
	return ret == 0 ? ledger_release_settle(l) : ret;
}

static int release_part(struct ledger_leases *l, const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record r;
	int ret = 0;

	while (ret == 0 && zone_changeset_next(&b, &r))
		ret = ledger_release_later(l, &r);
	return ret;
}

int ledger_release_changes(struct ledger_leases *l, const struct zone_changeset *changes)
{
	int ret = release_part(l, changes->removed, changes->nremoved_bytes);

	if (ret == 0)
		ret = release_part(l, changes->added, changes->nadded_bytes);
	return ret == 0 ? ledger_release_settle(l) : ret;
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
