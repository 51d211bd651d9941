/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/takeover.h"

#include <errno.h>

#include "dns/type.h"
#include "dnssd/kind.h"
#include "ledger/release.h"
#include "update/fail.h"
#include "update/policy.h"
#include "update/update_priv.h"
#include "view/update.h"
#include "zone/draft.h"

/* Takes a record out of the leases that hold it, and shows the view that it is gone. */
static int release(struct update *u, const struct dns_record *r)
{
	int ret = ledger_release_later(&u->ledger->leases, r);

	if (ret == 0)
		view_update_removed(&u->pass, r);
	return ret;
}

static int remove_rrset(struct update *u, const uint8_t *name, uint16_t type)
{
	struct zone_rrset set;
	struct zone_rdata one;
	const uint8_t *at;
	int ret;

	if (!zone_draft_find(u->draft, name, type, &set))
		return 0;
	ret = update_look_late(u, set.count);
	at = set.data;
	while (ret == 0 && zone_rrset_next(&set, &at, &one))
		ret = release(u, &(struct dns_record){.owner = name,
						      .type = type,
						      .rdata = one.bytes,
						      .nbytes = one.nbytes});
	if (ret == 0)
		ret = zone_draft_remove_rrset(u->draft, name, type);
	if (ret > 0)
		u->result->nremoved += (uint32_t)ret;
	return ret < 0 ? ret : 0;
}

/* A removal moves the last RRset to the index of the removed one: the walk has seen it. */
static int remove_name(struct update *u, const uint8_t *name)
{
	unsigned i = zone_draft_count(u->draft, name);
	int ret = 0;

	while (ret == 0 && i-- > 0)
		ret = remove_rrset(u, name, zone_draft_at(u->draft, name, i).type);
	return ret;
}

/* Removes the PTRs to the instance that are in a lease. Its other records, which may be a node's
 * addresses, are none of the instance's: they stay until the lease ends. */
static int remove_pointers(struct update *u, const struct ledger_lease *lease,
			   const uint8_t *instance)
{
	const struct ledger_content *c = ledger_lease_content(lease);
	struct base_buf b = ledger_content_records(c);
	struct dns_record r;
	int ret = update_look_late(u, c->nrecords);

	while (ret == 0 && zone_changeset_next(&b, &r)) {
		if (r.type != DNS_TYPE_PTR || !dns_name_equal(r.rdata, instance) ||
		    dnssd_kind_of(r.owner, u->zone) == DNSSD_RUNS)
			continue;
		ret = release(u, &r);
		if (ret == 0)
			ret = zone_draft_remove(u->draft, r.owner, r.type, r.rdata, r.nbytes);
		if (ret > 0)
			u->result->nremoved += (uint32_t)ret;
		ret = ret < 0 ? ret : 0;
	}
	return ret;
}

/* A key lease would keep the name for the former owner. */
static int release_leases(struct update *u, const uint8_t *instance)
{
	struct ledger_leases *l = &u->ledger->leases;
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	unsigned n = ledger_leases_of(l, u->zone, instance, leases);
	int ret = 0;

	for (unsigned i = 0; i < n && ret >= 0; i++) {
		if (ledger_content_is_held_by(ledger_lease_content(leases[i]), u->key))
			continue;
		ret = undo_entry_number(&leases[i]->entry) == LEDGER_LEASE_NAME
			      ? ledger_release_lease(l, leases[i], u->draft)
			      : remove_pointers(u, leases[i], instance);
	}
	return ret < 0 ? ret : ledger_release_settle(l);
}

static int take_over(struct update *u, const uint8_t *instance)
{
	static const uint8_t prefix[] = "\5_uses";
	uint8_t uses[DNS_NAME_MAX];
	bool has_uses = dns_name_join(uses, prefix, sizeof(prefix) - 1, instance) > 0;
	int ret = remove_name(u, instance);

	if (ret == 0 && has_uses)
		ret = remove_name(u, uses);
	if (ret == 0)
		ret = release_leases(u, instance);
	if (ret == 0 && has_uses)
		ret = ledger_release_if_empty(u->ledger, u->draft, uses);
	return ret == 0 ? ledger_owner_set(&u->ledger->owners, u->zone, instance, u->key) : ret;
}

int update_take_over(struct update *u)
{
	const struct dns_update *m = &u->message;
	const uint8_t *fabric = update_policy_fabric(u->request->policy);
	int ret = 0;

	if (!u->has_key || fabric == NULL || update_policy_is_admin(u->key, fabric))
		return 0;
	for (unsigned i = 0; i < m->nupdates && ret == 0; i++) {
		const uint8_t *name = m->update[i].owner, *owner;

		if (m->update[i].rrclass != DNS_CLASS_IN ||
		    dnssd_kind_of(name, u->zone) != DNSSD_INSTANCE)
			continue;
		owner = ledger_owner_of(&u->ledger->owners, u->zone, name);
		if (owner != NULL && !dns_name_equal(owner, u->key))
			ret = take_over(u, name);
	}
	return ret;
}
