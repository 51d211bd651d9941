/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/fabric_policy.h"

#include <stdio.h>
#include <string.h>

#include "base/budget.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "ledger/ledger.h"
#include "ledger/release.h"
#include "update/agent_policy.h"
#include "update/policy.h"
#include "update/right.h"
#include "update/types.h"
#include "zone/draft.h"
#include "zone/zone.h"

/* To find out whose instance a PTR points to is as much work as several looks. */
enum { LOOKS_OF_TARGET = 4 };

/* Returns whether a registrant may change records of a type: not those that shape the zone or that
 * the registry makes. */
static bool is_registrants(uint16_t type)
{
	switch (type) {
	case DNS_TYPE_NS:
	case DNS_TYPE_SOA:
	case DNS_TYPE_CNAME:
	case DNS_TYPE_DNAME:
	case DNS_TYPE_DS:
	case DNS_TYPE_DNSKEY:
	case DNS_TYPE_PTR:
		return false;
	default:
		return true;
	}
}

/* Permits a PTR at a service type to one of the key's own instances. */
static uint16_t check_target(const struct update_fabric_policy *a, const uint8_t *owner,
			     const uint8_t *target, bool is_added, char *text)
{
	uint16_t rcode;

	if (!dns_name_is_under(target, a->zone) ||
	    dnssd_kind_of(target, a->zone) != DNSSD_INSTANCE ||
	    !dns_name_equal(dns_name_strip(target, 1), dnssd_kind_type(owner, a->zone)))
		return update_right_refuse(text,
					   "points to no instance of this service in the zone");
	rcode = update_right_check_instance(a, target, "points to an instance that belongs to",
					    text);
	if (rcode != DNS_RCODE_NOERROR || !is_added)
		return rcode;
	if (ledger_owner_of(&a->ledger->owners, a->zone, target) == NULL &&
	    !a->is_registered(a->arg, target))
		return update_right_refuse(text, "points to an instance that is not registered");
	return DNS_RCODE_NOERROR;
}

/* Permits the removal of a whole set of PTRs if all of them are the key's own. */
static uint16_t check_targets(const struct update_fabric_policy *a, const uint8_t *owner,
			      char *text)
{
	struct zone_rrset rrset;
	struct zone_rdata rdata;
	const uint8_t *at;
	uint16_t rcode = DNS_RCODE_NOERROR;

	if (!zone_draft_find(a->draft, owner, DNS_TYPE_PTR, &rrset))
		return DNS_RCODE_NOERROR;
	at = rrset.data;
	while (rcode == DNS_RCODE_NOERROR && zone_rrset_next(&rrset, &at, &rdata) &&
	       base_budget_take(a->budget, LOOKS_OF_TARGET))
		rcode = check_target(a, owner, rdata.bytes, false, text);
	return rcode;
}

static uint16_t check_service(const struct update_fabric_policy *a,
			      const struct dns_update_record *r, char *text)
{
	if (r->type != DNS_TYPE_PTR && r->type != DNS_TYPE_ANY)
		return update_right_refuse(text, "is the registry's to make");
	if (r->rrclass != DNS_CLASS_ANY)
		return check_target(a, r->owner, r->rdata, r->rrclass == DNS_CLASS_IN, text);
	/* SRVs at a type are derived from instances: the registry makes them again. */
	for (unsigned i = 0; r->type == DNS_TYPE_ANY && update_right_has_rrset(a, r, i); i++) {
		uint16_t type = zone_draft_at(a->draft, r->owner, i).type;

		if (type != DNS_TYPE_PTR && type != DNS_TYPE_SRV)
			return update_right_refuse(text,
						   "has records that are not yours to remove");
	}
	return check_targets(a, r->owner, text);
}

static uint16_t check_types(const struct update_fabric_policy *a, const struct dns_update_record *r,
			    char *text)
{
	if (r->type != DNS_TYPE_ANY)
		return is_registrants(r->type)
			       ? DNS_RCODE_NOERROR
			       : update_right_refuse(
					 text,
					 "is a type that only the administrator may change here");
	for (unsigned i = 0; update_right_has_rrset(a, r, i); i++)
		if (!is_registrants(zone_draft_at(a->draft, r->owner, i).type))
			return update_right_refuse(
				text, "has records that only the administrator may remove");
	return DNS_RCODE_NOERROR;
}

/* Permits what only removes, and what registers instances of a type that is open to the key. */
static uint16_t check_service_type(const struct update_fabric_policy *a,
				   const struct dns_update_record *r, char *text)
{
	char rule[UPDATE_TYPES_TEXT_MAX];

	if (r->rrclass != DNS_CLASS_IN ||
	    update_types_permit(a->types, a->key, dnssd_kind_type(r->owner, a->zone), rule))
		return DNS_RCODE_NOERROR;
	snprintf(text, UPDATE_FABRIC_POLICY_TEXT_MAX, "is not yours: %s", rule);
	return DNS_RCODE_REFUSED;
}

/* Permits an instance that is the key's, that it takes over, or that is free and not another
 * node's to run. */
static uint16_t check_instance(const struct update_fabric_policy *a,
			       const struct dns_update_record *r, char *text)
{
	uint16_t rcode = update_right_check_instance(a, r->owner, "belongs to", text);

	if (rcode == DNS_RCODE_NOERROR && r->rrclass == DNS_CLASS_IN)
		rcode = update_right_check_free(a, r->owner, text);
	if (rcode == DNS_RCODE_NOERROR)
		rcode = check_service_type(a, r, text);
	return rcode == DNS_RCODE_NOERROR ? check_types(a, r, text) : rcode;
}

/* Permits a node its own name, and TXT records where it answers ACME for that name (RFC 8555
 * section 8.4). */
static uint16_t check_node(const struct update_fabric_policy *a, const struct dns_update_record *r,
			   char *text)
{
	const uint8_t *node = dnssd_kind_node(r->owner);

	if (!update_right_is_own_node(a, node))
		return update_right_refuse(text, "is at the name of another node");
	if (node == r->owner)
		return check_types(a, r, text);
	if (r->type != DNS_TYPE_TXT && r->type != DNS_TYPE_ANY)
		return update_right_refuse(text,
					   "is at a name where a node may have TXT records only");
	for (unsigned i = 0; r->type == DNS_TYPE_ANY && update_right_has_rrset(a, r, i); i++)
		if (zone_draft_at(a->draft, r->owner, i).type != DNS_TYPE_TXT)
			return update_right_refuse(
				text, "has records that only the administrator may remove");
	return DNS_RCODE_NOERROR;
}

/* Returns whether the reports that a delete would remove are the key's own. */
static bool are_own_reports(const struct update_fabric_policy *a, const struct dns_update_record *r)
{
	const struct ledger_lease *lease =
		ledger_leases_find_by_holder(&a->ledger->leases, a->zone, r->owner, a->key);
	struct zone_rrset reports;
	struct zone_rdata one;
	const uint8_t *at;

	if (!zone_draft_find(a->draft, r->owner, DNS_TYPE_TXT, &reports))
		return true;
	at = reports.data;
	while (zone_rrset_next(&reports, &at, &one) && base_budget_take(a->budget, 1)) {
		const struct dns_record record = {.owner = r->owner,
						  .type = DNS_TYPE_TXT,
						  .rdata = one.bytes,
						  .nbytes = one.nbytes};

		if (r->rrclass == DNS_CLASS_NONE &&
		    dns_rdata_compare(DNS_TYPE_TXT, one.bytes, one.nbytes, r->rdata, r->nbytes) !=
			    0)
			continue;
		if (lease == NULL ||
		    !ledger_leases_is_only_holder(&a->ledger->leases, lease, &record))
			return false;
	}
	return true;
}

/* Permits any key to report, and to take back its own reports, but no other record at the name. */
static uint16_t check_report(const struct update_fabric_policy *a,
			     const struct dns_update_record *r, char *text)
{
	if (r->type != DNS_TYPE_TXT && r->type != DNS_TYPE_ANY)
		return update_right_refuse(text, "a report is a TXT record");
	for (unsigned i = 0; r->type == DNS_TYPE_ANY && update_right_has_rrset(a, r, i); i++)
		if (zone_draft_at(a->draft, r->owner, i).type != DNS_TYPE_TXT)
			return update_right_refuse(text,
						   "has records that are not yours to remove");
	if (r->rrclass != DNS_CLASS_IN && !are_own_reports(a, r))
		return update_right_refuse(text, "has reports of other keys");
	return DNS_RCODE_NOERROR;
}

uint16_t update_fabric_policy_check(const struct update_fabric_policy *a,
				    const struct dns_update_record *r,
				    char text[static UPDATE_FABRIC_POLICY_TEXT_MAX])
{
	enum dnssd_kind kind = dnssd_kind_of(r->owner, a->zone);
	uint16_t rcode;

	if (update_policy_is_admin(a->key, a->fabric))
		return DNS_RCODE_NOERROR;
	switch (kind) {
	case DNSSD_NODE:
		return check_node(a, r, text);
	case DNSSD_INSTANCE:
		return check_instance(a, r, text);
	case DNSSD_TYPE:
	case DNSSD_SUBTYPE:
		rcode = check_service_type(a, r, text);
		return rcode == DNS_RCODE_NOERROR ? check_service(a, r, text) : rcode;
	case DNSSD_REPORT:
		return check_report(a, r, text);
	default:
		return update_agent_policy_check(a, r, kind, text);
	}
}

/* Returns the key that a name is to belong to once `key` has written it: what an instance uses
 * belongs to the owner of the instance, the leadership to its last writer, and any other name to
 * the key that has written it first. */
static const uint8_t *owner_for(const struct ledger *ledger, const uint8_t *zone,
				const uint8_t *name, const uint8_t *key)
{
	enum dnssd_kind kind = dnssd_kind_of(name, zone);
	const uint8_t *owner = NULL;

	if (kind == DNSSD_USES)
		owner = ledger_owner_of(&ledger->owners, zone, dns_name_strip(name, 1));
	else if (kind != DNSSD_LEADER)
		owner = ledger_owner_of(&ledger->owners, zone, name);
	return owner == NULL ? key : owner;
}

/* Gives a name with records to the key that it is to belong to. */
static int give(struct ledger *ledger, const uint8_t *zone, const uint8_t *name, const uint8_t *key)
{
	const uint8_t *before = ledger_owner_of(&ledger->owners, zone, name);
	const uint8_t *after = owner_for(ledger, zone, name, key);

	return before != NULL && dns_name_equal(before, after)
		       ? 0
		       : ledger_owner_set(&ledger->owners, zone, name, after);
}

/* `key` NULL: a name that is registered belongs to nobody. What a key of the fabric adds and
 * removes again leaves nothing: no PTR at a subtype waits for an instance that nobody owns. */
static int finish_one(struct ledger *ledger, struct zone_draft *draft, const uint8_t *zone,
		      const uint8_t *name, const uint8_t *key)
{
	struct ledger_lease *lease;
	int ret = 0;

	if (zone_draft_count(draft, name) > 0)
		return key == NULL ? 0 : give(ledger, zone, name, key);
	if (ledger_owner_of(&ledger->owners, zone, name) == NULL)
		return key == NULL ? 0 : ledger_free_name(ledger, zone, name);
	/* Its owner removed it on purpose: the next key may have it, in spite of the key lease. */
	lease = ledger_leases_find(&ledger->leases, zone, name, LEDGER_LEASE_NAME);
	if (lease != NULL)
		ret = ledger_release_lease(&ledger->leases, lease, draft);
	return ret < 0 ? ret : ledger_free_name(ledger, zone, name);
}

int update_fabric_policy_finish(const struct update_policy *policy, struct ledger *ledger,
				struct zone_draft *draft, const struct dns_update_record *records,
				size_t nrecords, const uint8_t *key)
{
	const uint8_t *zone = zone_name(zone_draft_zone(draft));
	int ret = 0;

	if (update_policy_fabric(policy) == NULL)
		key = NULL;
	if (key == NULL && ledger->owners.table.count == 0 && ledger->nfabrics == 0)
		return 0;
	for (size_t i = 0; i < nrecords && ret == 0; i++) {
		const uint8_t *name = records[i].owner;

		/* Once for several records at one name. */
		if (i + 1 < nrecords && dns_name_equal(name, records[i + 1].owner))
			continue;
		if (ledger_is_owned(dnssd_kind_of(name, zone)))
			ret = finish_one(ledger, draft, zone, name, key);
		if (ret == 0)
			ret = ledger_count(ledger, draft, name);
	}
	return ret;
}
