/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/agent_policy.h"

#include "base/budget.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/txt.h"
#include "ledger/ledger.h"
#include "zone/draft.h"

static const char only_txt[] = "is at a name that has TXT records only";
static const char only_ptr[] = "is at a name that has PTR records only";

static bool is_added(const struct dns_update_record *r)
{
	return r->rrclass == DNS_CLASS_IN;
}

/* Notes that the right rests on the leadership, which may change while the names of the update do
 * not. */
static bool is_leader(const struct update_fabric_policy *a)
{
	if (!update_right_is_leader(a))
		return false;
	*a->is_leaders = true;
	return true;
}

static uint16_t check_runs(const struct update_fabric_policy *a, const struct dns_update_record *r,
			   char *text)
{
	if (!is_leader(a))
		return update_right_refuse(text, "is for the leader's key and the administrator");
	if (!update_right_is_only(a, r, DNS_TYPE_PTR))
		return update_right_refuse(text, only_ptr);
	if (is_added(r) && dnssd_kind_of(r->rdata, a->zone) != DNSSD_INSTANCE)
		return update_right_refuse(text, "points to no instance in the zone");
	return DNS_RCODE_NOERROR;
}

static uint16_t check_held(const struct update_fabric_policy *a, const struct dns_update_record *r,
			   char *text)
{
	if (!update_right_is_own_node(a, dnssd_kind_node(r->owner)))
		return update_right_refuse(text, "is at the name of another node");
	return update_right_is_only(a, r, DNS_TYPE_TXT) ? DNS_RCODE_NOERROR
							: update_right_refuse(text, only_txt);
}

static uint16_t check_uses(const struct update_fabric_policy *a, const struct dns_update_record *r,
			   char *text)
{
	const uint8_t *instance = dns_name_strip(r->owner, 1);
	uint16_t rcode;

	if (!update_right_is_only(a, r, DNS_TYPE_PTR))
		return update_right_refuse(text, only_ptr);
	rcode = update_right_check_instance(a, instance, "is of an instance that belongs to", text);
	if (rcode != DNS_RCODE_NOERROR || !is_added(r) || a->is_registered(a->arg, instance) ||
	    ledger_owner_of(&a->ledger->owners, a->zone, instance) != NULL)
		return rcode;
	return update_right_refuse(text, "is of an instance that is not registered");
}

static uint16_t check_first_come(const struct update_fabric_policy *a,
				 const struct dns_update_record *r, char *text)
{
	if (!update_right_is_only(a, r, DNS_TYPE_TXT))
		return update_right_refuse(text, only_txt);
	return update_right_check_owner(a, r->owner, "belongs to", text);
}

enum {
	SHARED_MAX = 256,	 /* records of a resource that is shared */
	SHARED_NBYTES_MAX = 512, /* octets of each */
};

static bool is_shared(const uint8_t *rdata, size_t nbytes)
{
	size_t n;

	return dnssd_txt_find(rdata, nbytes, "shared", &n) != NULL;
}

/* Returns whether a record that is there may be removed with `r`, or have another beside it that is
 * shared or is not: what is shared is its node's, whosever the name is. */
static bool is_in_the_way(const struct update_fabric_policy *a, const struct dns_update_record *r,
			  const struct zone_rdata *there)
{
	bool is_there_shared = is_shared(there->bytes, there->nbytes);

	if (is_added(r))
		return is_there_shared != is_shared(r->rdata, r->nbytes);
	if (r->rrclass == DNS_CLASS_NONE &&
	    dns_rdata_compare(DNS_TYPE_TXT, there->bytes, there->nbytes, r->rdata, r->nbytes) != 0)
		return false;
	return is_there_shared && !update_right_is_of_node(a, there->bytes, there->nbytes);
}

static bool has_record(const struct update_fabric_policy *a, const struct dns_update_record *r)
{
	return zone_draft_has(a->draft, r->owner, r->type, r->rdata, r->nbytes);
}

/* Returns whether what is at the name is all shared, and whether any of it is in the way. */
static bool look_shared(const struct update_fabric_policy *a, const struct dns_update_record *r,
			bool *is_barred)
{
	struct zone_rrset texts;
	struct zone_rdata one;
	const uint8_t *at;
	bool are_all = true;
	unsigned n = 0;

	*is_barred = false;
	if (!zone_draft_find(a->draft, r->owner, DNS_TYPE_TXT, &texts))
		return false;
	at = texts.data;
	while (zone_rrset_next(&texts, &at, &one)) {
		if (!base_budget_take(a->budget, 1)) {
			*is_barred = true;
			return false;
		}
		are_all &= is_shared(one.bytes, one.nbytes);
		*is_barred |= is_in_the_way(a, r, &one);
		*is_barred |= is_added(r) && ++n == SHARED_MAX && !has_record(a, r);
	}
	return are_all;
}

/* A resource has one holder, whose key has the name, or is shared: then each holder's node has the
 * record that names it. */
static uint16_t check_resource(const struct update_fabric_policy *a,
			       const struct dns_update_record *r, char *text)
{
	bool is_barred, are_shared = look_shared(a, r, &is_barred);
	uint16_t rcode = check_first_come(a, r, text);

	if (rcode == DNS_RCODE_YXDOMAIN && are_shared && !is_barred)
		rcode = DNS_RCODE_NOERROR;
	if (rcode == DNS_RCODE_NOERROR && is_barred) {
		update_right_refuse(text, are_shared ? "is shared by other nodes"
						     : "is held by one that does not share it");
		return DNS_RCODE_YXDOMAIN;
	}
	if (rcode != DNS_RCODE_NOERROR || !is_added(r) || !is_shared(r->rdata, r->nbytes))
		return rcode;
	if (!update_right_is_of_node(a, r->rdata, r->nbytes))
		return update_right_refuse(text, "needs the key's own node in node=");
	/* They count for the key that has the name: others must not use up its quota. */
	return r->nbytes <= SHARED_NBYTES_MAX
		       ? DNS_RCODE_NOERROR
		       : update_right_refuse(text, "is longer than what is shared may be");
}

/* Nobody owns the leadership longer than its lease: whose it is, is in its record. */
static uint16_t check_leader(const struct update_fabric_policy *a,
			     const struct dns_update_record *r, char *text)
{
	if (!update_right_is_only(a, r, DNS_TYPE_TXT))
		return update_right_refuse(text, only_txt);
	if (zone_draft_count(a->draft, r->owner) > 0 && !update_right_is_leader(a)) {
		update_right_refuse(text, "is another node's until its lease ends");
		return DNS_RCODE_YXDOMAIN;
	}
	if (!is_added(r))
		return DNS_RCODE_NOERROR;
	if (!update_right_is_of_node(a, r->rdata, r->nbytes))
		return update_right_refuse(text, "needs the key's own node in node=");
	return a->is_leased ? DNS_RCODE_NOERROR : update_right_refuse(text, "needs a lease");
}

static uint16_t check_event(const struct update_fabric_policy *a, const struct dns_update_record *r,
			    char *text)
{
	uint16_t rcode;

	if (!update_right_is_only(a, r, DNS_TYPE_TXT))
		return update_right_refuse(text, only_txt);
	rcode = update_right_check_owner(a, r->owner, "was written by", text);
	if (rcode != DNS_RCODE_NOERROR && !is_added(r) && is_leader(a))
		return DNS_RCODE_NOERROR;
	if (rcode != DNS_RCODE_NOERROR || !is_added(r) ||
	    update_right_is_of_node(a, r->rdata, r->nbytes) || is_leader(a))
		return rcode;
	return update_right_refuse(text, "is for the leader's key and that of the node in node=");
}

uint16_t update_agent_policy_check(const struct update_fabric_policy *a,
				   const struct dns_update_record *r, enum dnssd_kind kind,
				   char text[static UPDATE_FABRIC_POLICY_TEXT_MAX])
{
	switch (kind) {
	case DNSSD_RUNS:
		return check_runs(a, r, text);
	case DNSSD_HELD:
		return check_held(a, r, text);
	case DNSSD_USES:
		return check_uses(a, r, text);
	case DNSSD_RESOURCE:
		return check_resource(a, r, text);
	case DNSSD_SESSION:
		return check_first_come(a, r, text);
	case DNSSD_LEADER:
		return check_leader(a, r, text);
	case DNSSD_EVENT:
		return check_event(a, r, text);
	case DNSSD_SPEC:
	case DNSSD_SCHEMA:
	case DNSSD_RULES:
		return update_right_refuse(text, "is for the administrator to write");
	default:
		return update_right_refuse(text, "is at a name that no node may change");
	}
}
