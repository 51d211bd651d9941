/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Reverse PTRs (RFC 1035 section 3.5, RFC 3596 section 2.5): from the addresses of the nodes that
 * live instances stand on, in the reverse zones that are hosted here. They are changed in drafts of
 * those zones, in the same batch. */

#include <errno.h>

#include "dns/type.h"
#include "dnssd/kind.h"
#include "view/view_priv.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { A_OCTETS = 4, AAAA_OCTETS = 16 };

static bool is_on(const struct view *s)
{
	return s->rule != NULL && s->rule->has_reverse && s->nreverse > 0;
}

static uint64_t node_hash(const struct view *s, const uint8_t *name)
{
	return view_hash(s, 'n', name);
}

static size_t put_decimal(uint8_t *out, uint8_t value)
{
	size_t n = value >= 100 ? 3 : value >= 10 ? 2 : 1;

	out[0] = (uint8_t)n;
	for (size_t i = n; i > 0; i--, value /= 10)
		out[i] = (uint8_t)('0' + value % 10);
	return n + 1;
}

static size_t put_nibble(uint8_t *out, unsigned value)
{
	out[0] = 1;
	out[1] = (uint8_t) "0123456789abcdef"[value];
	return 2;
}

/* The name of an address in the reverse tree. False if it is no address. */
static bool reverse_name(uint8_t out[static DNS_NAME_MAX], uint16_t type, const uint8_t *rdata,
			 size_t nbytes)
{
	static const uint8_t in_addr[] = "\7in-addr\4arpa", ip6[] = "\3ip6\4arpa";
	uint8_t labels[4 * A_OCTETS + 4 * AAAA_OCTETS + 1];
	size_t n = 0;

	if (type == DNS_TYPE_A && nbytes == A_OCTETS) {
		for (size_t i = nbytes; i > 0; i--)
			n += put_decimal(labels + n, rdata[i - 1]);
		return dns_name_join(out, labels, n, in_addr) > 0;
	}
	if (type != DNS_TYPE_AAAA || nbytes != AAAA_OCTETS)
		return false;
	for (size_t i = nbytes; i > 0; i--) {
		n += put_nibble(labels + n, rdata[i - 1] & 15);
		n += put_nibble(labels + n, rdata[i - 1] >> 4);
	}
	return dns_name_join(out, labels, n, ip6) > 0;
}

/* The deepest of the reverse zones that a name is in, NULL if there is none. */
static struct zone *zone_of(const struct view *s, const uint8_t *name)
{
	struct zone *found = NULL;

	for (size_t i = 0; i < s->nreverse; i++) {
		const uint8_t *apex = zone_name(s->reverse[i]);

		if (dns_name_is_under(name, apex) &&
		    (found == NULL || dns_name_labels(apex) > dns_name_labels(zone_name(found))))
			found = s->reverse[i];
	}
	return found;
}

/* Whether a name of the reverse zone is not its own: below a delegation (RFC 2317 has such) or a
 * DNAME. */
static bool is_elsewhere(struct zone_draft *draft, const uint8_t *name)
{
	const uint8_t *apex = zone_name(zone_draft_zone(draft));
	struct zone_rrset set;

	for (; dns_name_labels(name) > dns_name_labels(apex); name = dns_name_strip(name, 1))
		if (zone_draft_find(draft, name, DNS_TYPE_NS, &set) ||
		    zone_draft_find(draft, name, DNS_TYPE_DNAME, &set))
			return true;
	return false;
}

/* PTRs that are made have the TTL of the rule; others are the administrator's. */
static bool is_made(const struct view *s, uint32_t ttl)
{
	return ttl == s->rule->ttl_s || (s->is_following && ttl == s->ttl_before_s);
}

/* The PTR of one address of a node. Where the administrator has one it stands. */
static int set(struct view *s, const uint8_t *node, uint16_t type, const uint8_t *rdata,
	       size_t nbytes, bool is_wanted)
{
	uint8_t name[DNS_NAME_MAX];
	struct zone *zone = reverse_name(name, type, rdata, nbytes) ? zone_of(s, name) : NULL;
	struct zone_draft *draft;
	int n = 0;

	/* A reverse zone that is not loaded has nothing to follow. */
	if (zone == NULL || zone_current(zone) == NULL)
		return 0;
	draft = s->draft_of(s->arg, zone);
	if (draft == NULL)
		return -ENOMEM;
	if (is_made(s, zone_draft_ttl(draft, name, DNS_TYPE_PTR, s->rule->ttl_s)) &&
	    !is_elsewhere(draft, name))
		n = view_set(s, draft, name, DNS_TYPE_PTR, node, dns_name_nbytes(node), is_wanted);
	return n < 0 ? n : 0;
}

static bool is_node(const struct view *s, const uint8_t *name)
{
	return undo_pairs_count(&s->holds, node_hash(s, name)) > 0;
}

static void touch(struct view *s, const uint8_t *name)
{
	int ret = undo_names_note_many(&s->nodes, name);

	if (ret < 0)
		s->failed = ret;
}

void view_reverse_touch(struct view *s, const uint8_t *name)
{
	if (is_on(s) && is_node(s, name))
		touch(s, name);
}

int view_reverse_ref(struct view *s, const uint8_t *name, uint64_t instance, bool stands)
{
	uint64_t hash;
	bool was_node;
	int ret;

	if (!is_on(s) || !dns_name_is_under(name, s->zone))
		return 0;
	hash = node_hash(s, name);
	was_node = is_node(s, name);
	ret = stands ? undo_pairs_add(&s->holds, hash, instance)
		     : undo_pairs_drop(&s->holds, hash, instance);
	if (s->is_following || was_node != is_node(s, name))
		touch(s, name);
	return ret;
}

int view_reverse_removed(struct view *s, const struct dns_record *address)
{
	if (!is_on(s) || !dns_name_is_under(address->owner, s->zone) || !is_node(s, address->owner))
		return 0;
	/* It may be said again in the same update. */
	touch(s, address->owner);
	return set(s, address->owner, address->type, address->rdata, address->nbytes, false);
}

int view_reverse_update(struct view *s, const uint8_t *node)
{
	static const uint16_t types[] = {DNS_TYPE_A, DNS_TYPE_AAAA};
	struct zone_rrset addresses;
	struct zone_rdata one;
	const uint8_t *at;
	int ret = 0;

	for (unsigned i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (!zone_draft_find(s->draft, node, types[i], &addresses))
			continue;
		at = addresses.data;
		while (ret == 0 && zone_rrset_next(&addresses, &at, &one))
			ret = set(s, node, types[i], one.bytes, one.nbytes, is_node(s, node));
	}
	return ret;
}

/* Whether a name of the zone has the address that `owner` is for. */
static bool has_address(const struct view *s, const uint8_t *name, const uint8_t *owner)
{
	static const uint16_t types[] = {DNS_TYPE_A, DNS_TYPE_AAAA};
	uint8_t reverse[DNS_NAME_MAX];
	struct zone_rrset addresses;
	struct zone_rdata one;
	const uint8_t *at;

	for (unsigned i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (!zone_draft_find(s->draft, name, types[i], &addresses))
			continue;
		at = addresses.data;
		while (zone_rrset_next(&addresses, &at, &one))
			if (reverse_name(reverse, types[i], one.bytes, one.nbytes) &&
			    dns_name_equal(reverse, owner))
				return true;
	}
	return false;
}

static int sweep(struct view *s, struct zone *reverse)
{
	const struct zone_snapshot *snapshot = zone_current(reverse);
	struct zone_cursor *c = snapshot == NULL ? NULL : zone_cursor_new(snapshot);
	struct zone_draft *draft;
	struct dns_record r;
	int n = c == NULL && snapshot != NULL ? -ENOMEM : 0;

	while (c != NULL && n >= 0 && zone_cursor_next(c, &r)) {
		if (r.type != DNS_TYPE_PTR || !is_made(s, r.ttl) ||
		    !dns_name_is_under(r.rdata, s->zone) ||
		    dnssd_kind_of(r.rdata, s->zone) != DNSSD_NODE ||
		    (s->rule->has_reverse && is_node(s, r.rdata) &&
		     has_address(s, r.rdata, r.owner)))
			continue;
		draft = s->draft_of(s->arg, reverse);
		n = draft == NULL ? -ENOMEM
				  : zone_draft_remove(draft, r.owner, r.type, r.rdata, r.nbytes);
	}
	zone_cursor_free(c);
	return n < 0 ? n : 0;
}

int view_reverse_prune(struct view *s)
{
	int ret = 0;

	for (size_t i = 0; i < s->nreverse && ret == 0; i++)
		ret = sweep(s, s->reverse[i]);
	return ret;
}
