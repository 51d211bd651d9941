/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/lan_policy.h"

#include <stdio.h>

#include "base/budget.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/record.h"
#include "dns/type.h"
#include "dns/update.h"
#include "dnssd/kind.h"
#include "ledger/ledger.h"
#include "zone/draft.h"

bool update_lan_policy_is_key(const uint8_t *key)
{
	return dnssd_label_is(key, "_mdns");
}

static uint16_t refuse(char *text, const char *why)
{
	snprintf(text, UPDATE_LAN_POLICY_TEXT_MAX, "%s", why);
	return DNS_RCODE_REFUSED;
}

/* Returns the key that has leased records at a name, other than the bridge's; NULL: nobody. */
static const uint8_t *find_holder(const struct update_lan_policy *a, const uint8_t *name)
{
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	unsigned n = ledger_leases_of(&a->ledger->leases, a->zone, name, leases);

	for (unsigned i = 0; i < n; i++) {
		const uint8_t *key = ledger_content_holder(ledger_lease_content(leases[i]));

		if (key != NULL && !dns_name_equal(key, a->key))
			return key;
	}
	return NULL;
}

static uint16_t fail_owned(const struct update_lan_policy *a, const uint8_t *name, char *text)
{
	const uint8_t *owner = ledger_owner_of(&a->ledger->owners, a->zone, name);
	char key[DNS_NAME_TEXT_MAX];

	if (owner == NULL)
		owner = find_holder(a, name);
	if (owner == NULL) {
		snprintf(text, UPDATE_LAN_POLICY_TEXT_MAX, "belongs to the zone's administrator");
		return DNS_RCODE_YXDOMAIN;
	}
	dns_name_to_text(key, owner);
	snprintf(text, UPDATE_LAN_POLICY_TEXT_MAX, "belongs to key %.120s", key);
	return DNS_RCODE_YXDOMAIN;
}

static bool is_own(const struct update_lan_policy *a, const uint8_t *owner, uint16_t type,
		   const struct zone_rdata *rdata)
{
	const struct dns_record record = {
		.owner = owner, .type = type, .rdata = rdata->bytes, .nbytes = rdata->nbytes};

	return ledger_leases_is_held_by(&a->ledger->leases, &record, a->key, a->budget);
}

static bool are_all_own(const struct update_lan_policy *a, const uint8_t *owner,
			const struct zone_rrset *rrset)
{
	const uint8_t *at = rrset->data;
	struct zone_rdata rdata;
	bool are_own = true;

	while (are_own && zone_rrset_next(rrset, &at, &rdata))
		are_own = base_budget_take(a->budget, 1) && is_own(a, owner, rrset->type, &rdata);
	return are_own;
}

/* Permits a name that is nobody else's: without records, or with those of the key alone. A name
 * that a key lease keeps for its owner has none, but is not free. */
static uint16_t check_name(const struct update_lan_policy *a, const uint8_t *name, char *text)
{
	unsigned count = zone_draft_count(a->draft, name);

	if (ledger_owner_of(&a->ledger->owners, a->zone, name) != NULL)
		return fail_owned(a, name, text);
	for (unsigned i = 0; i < count && base_budget_take(a->budget, 1); i++) {
		const struct zone_rrset rrset = zone_draft_at(a->draft, name, i);

		if (!are_all_own(a, name, &rrset))
			return fail_owned(a, name, text);
	}
	return DNS_RCODE_NOERROR;
}

/* Permits PTRs that are not there to be added, and those of the key to be removed. A PTR of
 * somebody else must not get into the key's lease, which would remove it at its end. */
static uint16_t check_pointer(const struct update_lan_policy *a, const struct dns_update_record *r,
			      char *text)
{
	struct zone_rrset rrset;
	struct zone_rdata rdata;
	const uint8_t *at;

	if (!zone_draft_find(a->draft, r->owner, DNS_TYPE_PTR, &rrset))
		return DNS_RCODE_NOERROR;
	at = rrset.data;
	while (zone_rrset_next(&rrset, &at, &rdata) && base_budget_take(a->budget, 1)) {
		if (r->rrclass != DNS_CLASS_ANY &&
		    dns_rdata_compare(DNS_TYPE_PTR, r->rdata, r->nbytes, rdata.bytes,
				      rdata.nbytes) != 0)
			continue;
		if (is_own(a, r->owner, DNS_TYPE_PTR, &rdata))
			continue;
		snprintf(text, UPDATE_LAN_POLICY_TEXT_MAX, "is somebody else's record already");
		return DNS_RCODE_YXDOMAIN;
	}
	return DNS_RCODE_NOERROR;
}

/* Returns whether a name is that of a list of browsing domains of the zone (RFC 6763 section 11)
 * which a discovered domain gets into. */
static bool is_browse_list(const struct update_lan_policy *a, const uint8_t *name)
{
	return dns_name_labels(name) == dns_name_labels(a->zone) + 3 &&
	       dns_name_is_under(name, a->zone) &&
	       (dnssd_label_is(name, "b") || dnssd_label_is(name, "lb")) &&
	       dnssd_label_is(dns_name_strip(name, 1), "_dns-sd") &&
	       dnssd_label_is(dns_name_strip(name, 2), "_udp");
}

uint16_t update_lan_policy_check(const struct update_lan_policy *a,
				 const struct dns_update_record *r,
				 char text[static UPDATE_LAN_POLICY_TEXT_MAX])
{
	if (!dns_name_is_under(r->owner, a->into) &&
	    (r->type != DNS_TYPE_PTR || !is_browse_list(a, r->owner)))
		return refuse(text, "is not below the name that the LAN is discovered into");
	switch (r->type) {
	case DNS_TYPE_PTR:
		return check_pointer(a, r, text);
	case DNS_TYPE_A:
	case DNS_TYPE_AAAA:
	case DNS_TYPE_SRV:
	case DNS_TYPE_TXT:
	case DNS_TYPE_ANY:
		return check_name(a, r->owner, text);
	default:
		return refuse(text, "is a type that the LAN bridge does not discover");
	}
}
