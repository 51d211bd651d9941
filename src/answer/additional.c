/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <string.h>

#include "answer/answer_priv.h"
#include "dns/type.h"
#include "zone/catalog.h"
#include "zone/read.h"

/* A name that records point at, looked up in the zone. */
struct target {
	const uint8_t *name;
	uint8_t lower[DNS_NAME_MAX];
	size_t nbytes; /* relative to the zone */
	uint64_t hash;
	const struct zone_node *node;
};

/* Names whose records are written already: no set may be in a message twice. */
enum { SEEN_SLOTS = 1024, SEEN_MAX = 768 };
enum role { HOST, INSTANCE }; /* a name's addresses are wanted; or its SRV and TXT */
enum glue { NO_GLUE, GLUE };  /* whether names below a delegation count */

struct seen {
	uintptr_t slot[SEEN_SLOTS]; /* a node, its role in the lowest bit; 0 is empty */
	unsigned count;
};

/* Returns true the first time for a node in this role; false later, and for new ones when the table
 * is full: then records are left out, not repeated. */
static bool seen_add(struct seen *seen, const struct zone_node *n, enum role role)
{
	uintptr_t key = (uintptr_t)n | role;
	unsigned i = (unsigned)(key >> 3) * 2654435761u % SEEN_SLOTS;

	if (seen->count == SEEN_MAX)
		return false;
	while (seen->slot[i] != 0) {
		if (seen->slot[i] == key)
			return false;
		i = (i + 1) % SEEN_SLOTS;
	}
	seen->slot[i] = key;
	seen->count++;
	return true;
}

static void depend(struct answer_compose *c, uint64_t hash)
{
	if (c->ndepends == ZONE_PREPARED_DEPENDS)
		c->is_cacheable = false;
	else
		c->depends[c->ndepends++] = (uint32_t)hash;
}

/* Returns whether the zone may give the records of a name: below a delegation it has only glue,
 * which is for name servers; below a DNAME it has nothing (RFC 6672 section 2.4). */
static bool is_served(const struct zone_trie_found *found, enum glue glue)
{
	if (found->cut == NULL)
		return true;
	return zone_is_delegation(found->cut) ? glue == GLUE : found->cut == found->node;
}

/* Looks `name` up in the zone of `s`, and notes that the answer depends on it. Returns false if it
 * is not in the zone or has no records to give. */
static bool target_find(struct answer_compose *c, const struct zone_snapshot *s,
			const uint8_t *name, enum glue glue, struct target *t)
{
	const struct zone *z = zone_read_zone(s);
	size_t n;

	if (!dns_name_is_under(name, zone_read_name(z)))
		return false;
	n = dns_name_lower(t->lower, name);
	t->name = name;
	t->nbytes = n - zone_read_name_nbytes(z);
	t->hash = zone_hash(z, t->lower, t->nbytes);
	depend(c, t->hash);
	if (!zone_read_has_cuts(s)) {
		t->node = zone_find_node(s, t->lower, t->nbytes, t->hash);
	} else {
		struct zone_trie_found found = zone_find_all(s, t->lower, t->nbytes);

		t->node = is_served(&found, glue) ? found.node : NULL;
	}
	return t->node != NULL;
}

/* Writes the set of `type` of a target, if there is one. Returns false if it does not fit. */
static bool put_type(struct answer_compose *c, const struct target *t, uint16_t type)
{
	struct zone_rrset rrset;

	if (!zone_node_find(t->node, type, &rrset))
		return true;
	if (!answer_rrset_put(c, t->name, &rrset, &c->a->arcount)) {
		c->is_all = false;
		return false;
	}
	answer_rrset_end_part(c);
	return true;
}

static bool put_addresses(struct answer_compose *c, const struct target *t)
{
	return put_type(c, t, DNS_TYPE_A) && put_type(c, t, DNS_TYPE_AAAA);
}

/* Writes SRV and TXT of a service instance, and the addresses of the SRV's targets (RFC 6763
 * section 12.1). */
static bool put_instance(struct answer_compose *c, const struct zone_snapshot *s,
			 const struct target *t, struct seen *seen)
{
	struct zone_rrset srv;
	const uint8_t *at;
	struct zone_rdata rdata;
	struct target host;

	if (!zone_node_find(t->node, DNS_TYPE_SRV, &srv))
		return true;
	if (!put_type(c, t, DNS_TYPE_SRV) || !put_type(c, t, DNS_TYPE_TXT))
		return false;
	at = srv.data;
	while (zone_rrset_next(&srv, &at, &rdata))
		if (target_find(c, s, dns_rdata_target(DNS_TYPE_SRV, rdata.bytes, rdata.nbytes),
				NO_GLUE, &host) &&
		    seen_add(seen, host.node, HOST) && !put_addresses(c, &host))
			return false;
	return true;
}

/* Returns whether the answer section has the set of `type` of a target, as an alias in a loop
 * does. */
static bool is_answered(const struct answer_compose *c, const struct target *t, uint16_t type)
{
	for (unsigned i = 0; i < c->nsets; i++)
		if (c->set[i].rrset.type == type && dns_name_equal(c->set[i].owner, t->name))
			return true;
	return false;
}

/* Writes the addresses of a target of SVCB or HTTPS, and in alias mode its records of that type too
 * (RFC 9460 section 4.1). */
static bool put_service(struct answer_compose *c, const struct target *t, uint16_t type,
			bool is_alias)
{
	return (!is_alias || is_answered(c, t, type) || put_type(c, t, type)) &&
	       put_addresses(c, t);
}

static bool put_target(struct answer_compose *c, unsigned set, const struct zone_rdata *rdata,
		       struct seen *seen)
{
	const struct zone_snapshot *s = c->set[set].snapshot;
	uint16_t type = c->set[set].rrset.type;
	bool is_service = type == DNS_TYPE_SVCB || type == DNS_TYPE_HTTPS;
	bool is_alias = is_service && base_load16(rdata->bytes) == 0;
	const uint8_t *name = dns_rdata_target(type, rdata->bytes, rdata->nbytes);
	struct target t;

	if (is_service && !is_alias && *name == 0)
		name = c->set[set].owner;
	if (!target_find(c, s, name, type == DNS_TYPE_NS ? GLUE : NO_GLUE, &t) ||
	    (seen != NULL && !seen_add(seen, t.node, type == DNS_TYPE_PTR ? INSTANCE : HOST)))
		return true;
	if (type == DNS_TYPE_PTR)
		return put_instance(c, s, &t, seen);
	if (is_service)
		return put_service(c, &t, type, is_alias);
	return put_addresses(c, &t);
}

void answer_additional_put(struct answer_compose *c)
{
	struct seen seen;
	bool has_many = c->nsets > 1 || (c->nsets == 1 && (c->set[0].rrset.count > 1 ||
							   c->set[0].rrset.type == DNS_TYPE_PTR));

	if (has_many)
		memset(&seen, 0, sizeof(seen));
	for (unsigned i = 0; i < c->nsets; i++) {
		const uint8_t *at = c->set[i].rrset.data;
		struct zone_rdata rdata;

		while (zone_rrset_next(&c->set[i].rrset, &at, &rdata))
			if (!put_target(c, i, &rdata, has_many ? &seen : NULL))
				return;
	}
}

/* Glue of name servers at or below the cut is required; sibling glue, of names elsewhere in the
 * zone, is added if it fits (RFC 9471 section 2). */
bool answer_additional_put_glue(struct answer_compose *c, const struct zone_snapshot *s,
				const uint8_t *cut, const struct zone_rrset *ns)
{
	for (int required = 1; required >= 0; required--) {
		const uint8_t *at = ns->data;
		struct zone_rdata rdata;
		struct target t;

		while (zone_rrset_next(ns, &at, &rdata)) {
			if (dns_name_is_under(rdata.bytes, cut) != (required == 1) ||
			    !target_find(c, s, rdata.bytes, GLUE, &t))
				continue;
			if (!put_addresses(c, &t) && required)
				return false;
		}
	}
	return true;
}
