/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/right.h"

#include <stdio.h>
#include <string.h>

#include "base/budget.h"
#include "dns/name.h"
#include "dns/type.h"
#include "dnssd/txt.h"
#include "ledger/ledger.h"
#include "update/lan_policy.h"
#include "view/instance.h"
#include "zone/draft.h"

uint16_t update_right_refuse(char text[static UPDATE_FABRIC_POLICY_TEXT_MAX], const char *why)
{
	snprintf(text, UPDATE_FABRIC_POLICY_TEXT_MAX, "%s", why);
	return DNS_RCODE_REFUSED;
}

bool update_right_has_rrset(const struct update_fabric_policy *a, const struct dns_update_record *r,
			    unsigned i)
{
	return i < zone_draft_count(a->draft, r->owner) && base_budget_take(a->budget, 1);
}

bool update_right_is_only(const struct update_fabric_policy *a, const struct dns_update_record *r,
			  uint16_t type)
{
	if (r->type != DNS_TYPE_ANY)
		return r->type == type;
	for (unsigned i = 0; update_right_has_rrset(a, r, i); i++)
		if (zone_draft_at(a->draft, r->owner, i).type != type)
			return false;
	return true;
}

/* ---- nodes ---- */

/* Writes the labels of the key before `keys`, in lower case and without the root, to `out`. Returns
 * their length, 0 if there are none. */
static size_t key_node(const struct update_fabric_policy *a, uint8_t out[static DNS_NAME_MAX])
{
	unsigned labels;
	size_t n;

	if (!dns_name_relative(a->key, a->fabric, &labels) || labels < 2)
		return 0;
	n = (size_t)(dns_name_strip(a->key, labels - 1) - a->key);
	dns_name_lower(out, a->key);
	return n;
}

bool update_right_is_own_node(const struct update_fabric_policy *a, const uint8_t *node)
{
	uint8_t own[DNS_NAME_MAX], lower[DNS_NAME_MAX];
	size_t n = key_node(a, own);
	unsigned labels;

	if (n == 0 || !dns_name_relative(node, a->zone, &labels) || labels == 0 ||
	    (size_t)(dns_name_strip(node, labels - 1) - node) != n)
		return false;
	dns_name_lower(lower, node);
	return memcmp(own, lower, n) == 0;
}

bool update_right_is_of_node(const struct update_fabric_policy *a, const uint8_t *rdata,
			     size_t nbytes)
{
	uint8_t own[DNS_NAME_MAX], name[DNS_NAME_MAX];
	size_t n = key_node(a, own), nvalue;
	const uint8_t *value = dnssd_txt_find(rdata, nbytes, "node", &nvalue);

	if (n == 0 || value == NULL || nvalue == 0 ||
	    dns_name_from_text(name, (const char *)value, nvalue, NULL) != n + 1)
		return false;
	dns_name_lower(name, name);
	return memcmp(own, name, n) == 0;
}

bool update_right_is_leader(const struct update_fabric_policy *a)
{
	static const uint8_t prefix[] = "\7_leader\10_cluster";
	uint8_t name[DNS_NAME_MAX];
	struct zone_rrset texts;
	struct zone_rdata one;
	const uint8_t *at;

	if (dns_name_join(name, prefix, sizeof(prefix) - 1, a->zone) == 0 ||
	    !zone_draft_find(a->draft, name, DNS_TYPE_TXT, &texts))
		return false;
	at = texts.data;
	while (zone_rrset_next(&texts, &at, &one))
		if (!base_budget_take(a->budget, 1) ||
		    !update_right_is_of_node(a, one.bytes, one.nbytes))
			return false;
	return true;
}

/* ---- owners ---- */

/* Returns whether the LAN bridge discovered what is at a name. */
static bool is_of_lan(const struct update_fabric_policy *a, const uint8_t *name)
{
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	unsigned n = ledger_leases_of(&a->ledger->leases, a->zone, name, leases);

	for (unsigned i = 0; i < n; i++) {
		const uint8_t *key = ledger_content_holder(ledger_lease_content(leases[i]));

		if (key != NULL && update_lan_policy_is_key(key))
			return true;
	}
	return false;
}

static uint16_t refuse_owned(const uint8_t *owner, const char *what, const char *more, char *text)
{
	char key[DNS_NAME_TEXT_MAX];

	dns_name_to_text(key, owner);
	snprintf(text, UPDATE_FABRIC_POLICY_TEXT_MAX, "%s key %.80s%s", what, key, more);
	return DNS_RCODE_YXDOMAIN;
}

uint16_t update_right_check_owner(const struct update_fabric_policy *a, const uint8_t *name,
				  const char *what, char text[static UPDATE_FABRIC_POLICY_TEXT_MAX])
{
	const uint8_t *owner = ledger_owner_of(&a->ledger->owners, a->zone, name);

	if (owner == NULL && zone_draft_count(a->draft, name) == 0)
		return DNS_RCODE_NOERROR;
	if (owner == NULL) {
		snprintf(text, UPDATE_FABRIC_POLICY_TEXT_MAX, "%s %s", what,
			 is_of_lan(a, name) ? "the LAN bridge" : "the zone's administrator");
		return DNS_RCODE_YXDOMAIN;
	}
	if (dns_name_equal(owner, a->key))
		return DNS_RCODE_NOERROR;
	return refuse_owned(owner, what, "", text);
}

/* ---- what is assigned ---- */

/* Returns whether a PTR to the instance is at `_runs.N.nodes` of the key's node N. */
static bool is_assigned(const struct update_fabric_policy *a, const uint8_t *instance)
{
	static const uint8_t runs[] = "\5_runs", nodes[] = "\5nodes";
	uint8_t first[DNS_NAME_MAX + sizeof(runs) + sizeof(nodes)], own[DNS_NAME_MAX];
	uint8_t name[DNS_NAME_MAX];
	size_t n = key_node(a, own);

	memcpy(first, runs, sizeof(runs) - 1);
	memcpy(first + sizeof(runs) - 1, own, n);
	memcpy(first + sizeof(runs) - 1 + n, nodes, sizeof(nodes) - 1);
	return n > 0 &&
	       dns_name_join(name, first, n + sizeof(runs) + sizeof(nodes) - 2, a->zone) > 0 &&
	       zone_draft_has(a->draft, name, DNS_TYPE_PTR, instance, dns_name_nbytes(instance));
}

/* Returns whether the update adds a TXT to the instance with a higher `inc=` than the registered
 * one, which may have none. */
static bool is_later(const struct update_fabric_policy *a, const uint8_t *instance)
{
	bool is_numbered, is_later = false;
	uint64_t before = 0, inc;

	if (!base_budget_take(a->budget, a->message->nupdates))
		return false;
	is_numbered = view_instance_inc(a->draft, instance, &before);
	for (unsigned i = 0; i < a->message->nupdates; i++) {
		const struct dns_update_record *r = &a->message->update[i];

		if (r->type != DNS_TYPE_TXT || r->rrclass != DNS_CLASS_IN ||
		    !dns_name_equal(r->owner, instance) ||
		    !view_instance_inc_in(r->rdata, r->nbytes, &inc))
			continue;
		if (is_numbered && inc <= before)
			return false;
		is_later = true;
	}
	return is_later;
}

uint16_t update_right_check_instance(const struct update_fabric_policy *a, const uint8_t *instance,
				     const char *what,
				     char text[static UPDATE_FABRIC_POLICY_TEXT_MAX])
{
	const uint8_t *owner = ledger_owner_of(&a->ledger->owners, a->zone, instance);
	uint16_t rcode = update_right_check_owner(a, instance, what, text);

	if (rcode == DNS_RCODE_NOERROR || owner == NULL || !is_assigned(a, instance))
		return rcode;
	return is_later(a, instance)
		       ? DNS_RCODE_NOERROR
		       : refuse_owned(owner, what, ", and only a higher inc= takes it over", text);
}

uint16_t update_right_check_free(const struct update_fabric_policy *a, const uint8_t *instance,
				 char text[static UPDATE_FABRIC_POLICY_TEXT_MAX])
{
	if (ledger_owner_of(&a->ledger->owners, a->zone, instance) != NULL ||
	    ledger_assigned_count(&a->ledger->assigned, a->zone, instance) == 0 ||
	    is_assigned(a, instance))
		return DNS_RCODE_NOERROR;
	snprintf(text, UPDATE_FABRIC_POLICY_TEXT_MAX, "is assigned to another node");
	return DNS_RCODE_YXDOMAIN;
}
