/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/reverse.h"

#include <errno.h>

#include "dns/type.h"
#include "dnssd/kind.h"
#include "zone/cursor.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum {
	A_NBYTES = 4,
	AAAA_NBYTES = 16,
	POINTERS_MAX = 200, /* PTRs at one address: fit any answer with the longest names */
};

static bool is_on(const struct view_pass *p)
{
	return p->rule != NULL && p->rule->has_reverse && p->view->nreverse > 0;
}

static uint64_t node_hash(const struct view_pass *p, const uint8_t *name)
{
	return view_hash(p->view, VIEW_RUNS_ON, name);
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

/* Writes the name of an address in the reverse tree. Returns false if the rdata is not an address.
 */
static bool reverse_name(uint8_t out[static DNS_NAME_MAX], uint16_t type, const uint8_t *rdata,
			 size_t nbytes)
{
	static const uint8_t in_addr[] = "\7in-addr\4arpa", ip6[] = "\3ip6\4arpa";
	uint8_t labels[4 * A_NBYTES + 4 * AAAA_NBYTES + 1];
	size_t n = 0;

	if (type == DNS_TYPE_A && nbytes == A_NBYTES) {
		for (size_t i = nbytes; i > 0; i--)
			n += put_decimal(labels + n, rdata[i - 1]);
		return dns_name_join(out, labels, n, in_addr) > 0;
	}
	if (type != DNS_TYPE_AAAA || nbytes != AAAA_NBYTES)
		return false;
	for (size_t i = nbytes; i > 0; i--) {
		n += put_nibble(labels + n, rdata[i - 1] & 15);
		n += put_nibble(labels + n, rdata[i - 1] >> 4);
	}
	return dns_name_join(out, labels, n, ip6) > 0;
}

/* Returns the deepest reverse zone that contains a name, or NULL. */
static struct zone *zone_of(const struct view_pass *p, const uint8_t *name)
{
	struct zone *found = NULL;

	for (size_t i = 0; i < p->view->nreverse; i++) {
		const uint8_t *apex = zone_name(p->view->reverse[i]);

		if (dns_name_is_under(name, apex) &&
		    (found == NULL || dns_name_labels(apex) > dns_name_labels(zone_name(found))))
			found = p->view->reverse[i];
	}
	return found;
}

/* Returns whether another zone has the name: it is below a delegation (RFC 2317) or a DNAME. */
static bool is_delegated(struct zone_draft *draft, const uint8_t *name)
{
	const uint8_t *apex = zone_name(zone_draft_zone(draft));
	struct zone_rrset set;

	for (; dns_name_labels(name) > dns_name_labels(apex); name = dns_name_strip(name, 1))
		if (zone_draft_find(draft, name, DNS_TYPE_NS, &set) ||
		    zone_draft_find(draft, name, DNS_TYPE_DNAME, &set))
			return true;
	return false;
}

/* Derived PTRs have the TTL of the rule; others are the administrator's. */
static bool is_derived(const struct view_pass *p, uint32_t ttl)
{
	return ttl == p->rule->ttl_s || (p->is_reconciling && ttl == p->ttl_before_s);
}

/* Sets the PTR of one address of a node. One of the administrator is left alone. */
static int set_pointer(struct view_pass *p, const uint8_t *node, uint16_t type,
		       const uint8_t *rdata, size_t nbytes, bool is_wanted)
{
	uint8_t name[DNS_NAME_MAX];
	struct zone *zone = reverse_name(name, type, rdata, nbytes) ? zone_of(p, name) : NULL;
	struct zone_rrset pointers;
	struct zone_draft *draft;
	int n = 0;

	/* A reverse zone that is not loaded gets its PTRs when it is. */
	if (zone == NULL || zone_current(zone) == NULL)
		return 0;
	draft = p->view->draft_of(p->view->draft_arg, zone);
	if (draft == NULL)
		return -ENOMEM;
	if (is_wanted && zone_draft_measure(draft, name, DNS_TYPE_PTR, &pointers) &&
	    pointers.count >= POINTERS_MAX &&
	    !zone_draft_has(draft, name, DNS_TYPE_PTR, node, dns_name_nbytes(node)))
		return 0;
	if (is_derived(p, zone_draft_ttl(draft, name, DNS_TYPE_PTR, p->rule->ttl_s)) &&
	    !is_delegated(draft, name))
		n = view_pass_set(p, draft, name, DNS_TYPE_PTR, node, dns_name_nbytes(node),
				  is_wanted);
	return n < 0 ? n : 0;
}

static bool is_node(const struct view_pass *p, const uint8_t *name)
{
	return undo_pairs_count(&p->view->listed, node_hash(p, name)) > 0;
}

static void touch(struct view_pass *p, const uint8_t *name)
{
	view_pass_note(p, &p->nodes, name);
}

void view_reverse_touch(struct view_pass *p, const uint8_t *name)
{
	if (is_on(p) && is_node(p, name))
		touch(p, name);
}

static int count_instance(struct view_pass *p, const uint8_t *name, uint64_t instance,
			  bool is_running)
{
	uint64_t hash;
	bool was_node;
	int ret;

	if (!dns_name_is_under(name, p->zone))
		return 0;
	hash = node_hash(p, name);
	was_node = undo_pairs_count(&p->view->listed, hash) > 0;
	ret = is_running ? undo_pairs_add(&p->view->listed, hash, instance)
			 : undo_pairs_remove(&p->view->listed, hash, instance);
	if (is_on(p) &&
	    (p->is_reconciling || was_node != (undo_pairs_count(&p->view->listed, hash) > 0)))
		touch(p, name);
	return ret;
}

int view_reverse_ref(struct view_pass *p, const uint8_t *name, uint64_t instance)
{
	return count_instance(p, name, instance, true);
}

int view_reverse_unref(struct view_pass *p, const uint8_t *name, uint64_t instance)
{
	return count_instance(p, name, instance, false);
}

int view_reverse_removed(struct view_pass *p, const struct dns_record *address)
{
	if (!is_on(p) || !dns_name_is_under(address->owner, p->zone) || !is_node(p, address->owner))
		return 0;
	/* The same update may add the address again. */
	touch(p, address->owner);
	return set_pointer(p, address->owner, address->type, address->rdata, address->nbytes,
			   false);
}

int view_reverse_update(struct view_pass *p, const uint8_t *node)
{
	static const uint16_t types[] = {DNS_TYPE_A, DNS_TYPE_AAAA};
	uint8_t spelled[DNS_NAME_MAX];
	struct zone_rrset addresses;
	struct zone_rdata one;
	const uint8_t *at;
	int ret = 0;

	zone_draft_spelling(p->draft, node, spelled);
	for (unsigned i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (!zone_draft_find(p->draft, node, types[i], &addresses))
			continue;
		at = addresses.data;
		while (ret == 0 && zone_rrset_next(&addresses, &at, &one))
			ret = set_pointer(p, spelled, types[i], one.bytes, one.nbytes,
					  is_node(p, node));
	}
	return ret;
}

/* Returns whether a name of the zone has the address that `owner` in the reverse tree stands for.
 */
static bool has_address(const struct view_pass *p, const uint8_t *name, const uint8_t *owner)
{
	static const uint16_t types[] = {DNS_TYPE_A, DNS_TYPE_AAAA};
	uint8_t reverse[DNS_NAME_MAX];
	struct zone_rrset addresses;
	struct zone_rdata one;
	const uint8_t *at;

	for (unsigned i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (!zone_draft_find(p->draft, name, types[i], &addresses))
			continue;
		at = addresses.data;
		while (zone_rrset_next(&addresses, &at, &one))
			if (reverse_name(reverse, types[i], one.bytes, one.nbytes) &&
			    dns_name_equal(reverse, owner))
				return true;
	}
	return false;
}

static int prune_zone(struct view_pass *p, struct zone *reverse)
{
	const struct zone_snapshot *snapshot = zone_current(reverse);
	struct zone_cursor *c = snapshot == NULL ? NULL : zone_cursor_new(snapshot);
	struct zone_draft *draft;
	struct dns_record r;
	int n = c == NULL && snapshot != NULL ? -ENOMEM : 0;

	while (c != NULL && n >= 0 && zone_cursor_next(c, &r)) {
		if (r.type != DNS_TYPE_PTR || !is_derived(p, r.ttl) ||
		    !dns_name_is_under(r.rdata, p->zone) ||
		    dnssd_kind_of(r.rdata, p->zone) != DNSSD_NODE ||
		    (p->rule->has_reverse && is_node(p, r.rdata) &&
		     has_address(p, r.rdata, r.owner)))
			continue;
		draft = p->view->draft_of(p->view->draft_arg, reverse);
		n = draft == NULL ? -ENOMEM
				  : zone_draft_remove(draft, r.owner, r.type, r.rdata, r.nbytes);
	}
	zone_cursor_free(c);
	return n < 0 ? n : 0;
}

int view_reverse_prune(struct view_pass *p)
{
	int ret = 0;

	for (size_t i = 0; i < p->view->nreverse && ret == 0; i++)
		ret = prune_zone(p, p->view->reverse[i]);
	return ret;
}
