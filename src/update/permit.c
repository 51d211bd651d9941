/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/permit.h"

#include <errno.h>
#include <stdio.h>

#include "dns/type.h"
#include "update/check.h"
#include "update/fabric_policy.h"
#include "update/fail.h"
#include "update/lan_policy.h"
#include "update/policy.h"
#include "update/terms.h"
#include "update/update_priv.h"
#include "view/drain.h"
#include "zone/draft.h"

/* Names the type too, which for a delete of all records is that of an existing RRset. */
static int fail_permission(struct update *u, const struct update_policy *policy,
			   const struct dns_update_record *record, uint16_t type, unsigned rule)
{
	unsigned number = (unsigned)(record - u->message.update) + 1;
	char owner[DNS_NAME_TEXT_MAX], key[DNS_NAME_TEXT_MAX] = "";
	char type_text[DNS_TYPE_TEXT_MAX], text[UPDATE_TEXT_MAX];

	dns_name_to_text(owner, record->owner);
	dns_type_to_text(type_text, type);
	if (u->has_key)
		dns_name_to_text(key, u->key);
	if (!u->has_key)
		snprintf(text, sizeof(text), "update %u: %.120s %s: the request is not signed",
			 number, owner, type_text);
	else if (rule > 0)
		snprintf(text, sizeof(text), "update %u: %.100s %s: rule %u: %.100s", number, owner,
			 type_text, rule, update_policy_text(policy, rule));
	else
		snprintf(text, sizeof(text), "update %u: %.100s %s: no rule allows it to key %.80s",
			 number, owner, type_text, key);
	return update_fail(u, DNS_RCODE_REFUSED, text);
}

static int type_permit(struct update *u, const struct update_policy *policy,
		       const struct dns_update_record *record, uint16_t type)
{
	struct update_verdict v =
		update_policy_check(policy, u->has_key ? u->key : NULL, record->owner, type);

	u->result->rule = v.rule;
	return v.is_allowed ? DNS_RCODE_NOERROR : fail_permission(u, policy, record, type, v.rule);
}

/* A delete of all records needs the right to each type that it removes, but for signatures and
 * NSEC, which are removed with what they belong to. */
static int record_permit(struct update *u, const struct update_policy *policy,
			 const struct dns_update_record *r)
{
	struct zone_rrset rrset;
	unsigned count;
	int rcode;

	if (r->type != DNS_TYPE_ANY)
		return type_permit(u, policy, r, r->type);
	count = zone_draft_count(u->draft, r->owner);
	rcode = update_look(u, count);
	for (unsigned i = 0; i < count && rcode == 0; i++) {
		uint16_t type = zone_draft_at(u->draft, r->owner, i).type;

		if (update_check_is_protected(u, r->owner, type) ||
		    update_check_is_server_type(type) ||
		    !view_drain_find(&u->pass, r->owner, type, &rrset))
			continue;
		rcode = type_permit(u, policy, r, type);
	}
	return rcode;
}

/* ---- what is looked at once ---- */

/* Names that the update registers, and deletes of whole RRsets, have different hashes. */
static uint64_t registered_hash(const struct update *u, const uint8_t *name)
{
	return view_hash(u->pass.view, VIEW_INSTANCE, name);
}

/* Returns whether a record deletes the same RRset, or all of a name, as an earlier one: the
 * permission looks at all that is there, and nothing has changed since. Without the memory for
 * that it is looked at again. */
static bool is_repeated(struct update *u, const struct dns_update_record *r)
{
	return r->rrclass == DNS_CLASS_ANY &&
	       base_seen_add(&u->permitted, registered_hash(u, r->owner) +
						    (r->type + 1ull) * 0x9e3779b97f4a7c15ull) == 0;
}

/* Notes the names to which the update adds other records than PTRs, if it adds PTRs. */
static int note_registered(struct update *u)
{
	const struct dns_update *m = &u->message;
	bool has_pointers = false;
	int ret = 0;

	for (unsigned i = 0; i < m->nupdates; i++)
		has_pointers |=
			m->update[i].rrclass == DNS_CLASS_IN && m->update[i].type == DNS_TYPE_PTR;
	for (unsigned i = 0; has_pointers && i < m->nupdates && ret >= 0; i++)
		if (m->update[i].rrclass == DNS_CLASS_IN && m->update[i].type != DNS_TYPE_PTR)
			ret = base_seen_add(&u->permitted, registered_hash(u, m->update[i].owner));
	return ret;
}

static bool is_registered(void *arg, const uint8_t *instance)
{
	const struct update *u = arg;

	return base_seen_has(&u->permitted, registered_hash(u, instance));
}

/* The built-in policy for fabric keys looks at the whole update, and at the owners of names. */
static int fabric_permit(struct update *u, const struct update_policy *policy)
{
	const struct dns_update *m = &u->message;
	const struct update_fabric_policy asked = {
		.fabric = update_policy_fabric(policy),
		.key = u->key,
		.zone = u->zone,
		.types = update_policy_types(policy),
		.ledger = u->ledger,
		.draft = u->draft,
		.message = m,
		.is_leased = u->terms.lease_s > 0,
		.is_registered = is_registered,
		.arg = u,
		.budget = &u->budget,
		.is_leaders = &u->is_leaders,
	};
	char text[UPDATE_FABRIC_POLICY_TEXT_MAX];

	if (note_registered(u) < 0)
		return -ENOMEM;
	for (unsigned i = 0; i < m->nupdates; i++) {
		uint16_t rcode;

		if (is_repeated(u, &m->update[i]))
			continue;
		rcode = update_fabric_policy_check(&asked, &m->update[i], text);
		if (base_budget_is_spent(&u->budget))
			return update_look(u, 1);
		if (rcode != DNS_RCODE_NOERROR)
			return update_fail_record(u, rcode, &m->update[i], text);
	}
	return DNS_RCODE_NOERROR;
}

static int lan_permit(struct update *u, const struct update_policy *policy)
{
	const struct dns_update *m = &u->message;
	const struct update_lan_policy asked = {
		.into = update_policy_into(policy),
		.key = u->key,
		.zone = u->zone,
		.ledger = u->ledger,
		.draft = u->draft,
		.budget = &u->budget,
	};
	char text[UPDATE_LAN_POLICY_TEXT_MAX];

	for (unsigned i = 0; i < m->nupdates; i++) {
		uint16_t rcode = update_lan_policy_check(&asked, &m->update[i], text);

		if (base_budget_is_spent(&u->budget))
			return update_look(u, 1);
		if (rcode != DNS_RCODE_NOERROR)
			return update_fail_record(u, rcode, &m->update[i], text);
	}
	return DNS_RCODE_NOERROR;
}

int update_permit(struct update *u)
{
	const struct update_policy *policy = u->request->policy;
	int rcode = DNS_RCODE_NOERROR;

	base_seen_clear(&u->permitted);
	u->is_leaders = false;
	update_terms_decide(u);
	if (u->has_key && update_policy_fabric(policy) != NULL)
		return fabric_permit(u, policy);
	if (u->has_key && update_policy_into(policy) != NULL)
		return lan_permit(u, policy);
	for (unsigned i = 0; i < u->message.nupdates && rcode == 0; i++)
		if (!is_repeated(u, &u->message.update[i]))
			rcode = record_permit(u, policy, &u->message.update[i]);
	return rcode;
}
