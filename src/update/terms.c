/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/terms.h"

#include "dns/type.h"
#include "dnssd/kind.h"
#include "ledger/grant.h"
#include "update/policy.h"
#include "update/update_priv.h"

/* The least leases of the leadership and of a node, where the zone's own minimum is longer. */
enum { LEADER_MINIMUM_S = 1, NODE_MINIMUM_S = 3 };

/* The least lease of a name: those of the leader and of nodes are about death, not registration. */
static uint32_t minimum_of(enum dnssd_kind kind, const uint8_t *name, uint32_t minimum_s)
{
	uint32_t most_s = kind == DNSSD_LEADER					? LEADER_MINIMUM_S
			  : kind == DNSSD_NODE && dnssd_kind_node(name) == name ? NODE_MINIMUM_S
										: minimum_s;

	return most_s < minimum_s ? most_s : minimum_s;
}

/* Whether the name has what is declared, or has happened: that is not over when the client is. */
static bool is_lasting(enum dnssd_kind kind)
{
	return kind == DNSSD_RUNS || kind == DNSSD_SPEC || kind == DNSSD_SCHEMA ||
	       kind == DNSSD_RULES || kind == DNSSD_EVENT;
}

/* Returns the zone's rule for leases, with the minimum of the names to which the update adds, and
 * without its default if one of them is lasting. */
static struct ledger_lease_rule rule_for(const struct update *u)
{
	struct ledger_lease_rule rule = *u->request->lease_rule;
	uint32_t minimum_s = 0;

	if (update_policy_fabric(u->request->policy) == NULL)
		return rule;
	for (unsigned i = 0; i < u->message.nupdates; i++) {
		const struct dns_update_record *r = &u->message.update[i];
		enum dnssd_kind kind;
		uint32_t least_s;

		if (!dns_update_is_added(r))
			continue;
		kind = dnssd_kind_of(r->owner, u->zone);
		least_s = minimum_of(kind, r->owner, rule.minimum_s);
		minimum_s = least_s > minimum_s ? least_s : minimum_s;
		if (is_lasting(kind))
			rule.default_s = 0;
	}
	/* An update that adds nothing gets no lease; it is answered by the zone's rule. */
	rule.minimum_s = minimum_s > 0 ? minimum_s : rule.minimum_s;
	return rule;
}

void update_terms_decide(struct update *u)
{
	struct ledger_lease_rule rule;

	u->terms = (struct ledger_lease_terms){0};
	u->least_lease_s = 0;
	if (u->request->lease_rule == NULL)
		return;
	rule = rule_for(u);
	u->terms = ledger_grant_terms(&rule, u->request->lease);
	u->least_lease_s = rule.minimum_s;
}
