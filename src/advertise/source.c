/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "advertise/source.h"

#include <errno.h>
#include <string.h>

#include "base/rcu.h"
#include "dns/type.h"
#include "mdns/rules.h"
#include "zone/cursor.h"
#include "zone/look.h"
#include "zone/zone.h"

/* ---- instances ---- */

/* Whether clients try SRV `a` before `b`: lower priority, then higher weight. */
static bool is_better(const struct zone_rdata *a, const struct zone_rdata *b)
{
	uint16_t pa = base_load16(a->bytes), pb = base_load16(b->bytes);

	return pa != pb ? pa < pb
			: base_load16(a->bytes + DNS_SRV_WEIGHT) >
				  base_load16(b->bytes + DNS_SRV_WEIGHT);
}

static bool copy_srv(const struct zone_rrset *rrset, struct advertise_source_service *out)
{
	const uint8_t *at = rrset->data;
	struct zone_rdata rdata, best = {0};

	while (zone_rrset_next(rrset, &at, &rdata))
		if (rdata.bytes[DNS_SRV_TARGET] != 0 &&
		    (best.bytes == NULL || is_better(&rdata, &best)))
			best = rdata;
	if (best.bytes == NULL)
		return false;
	out->priority = base_load16(best.bytes);
	out->weight = base_load16(best.bytes + DNS_SRV_WEIGHT);
	out->port = base_load16(best.bytes + DNS_SRV_PORT);
	memcpy(out->target, best.bytes + DNS_SRV_TARGET,
	       dns_name_nbytes(best.bytes + DNS_SRV_TARGET));
	return true;
}

/* Copies the first TXT record; one empty string if there is none (RFC 6763 section 6.1). */
static void copy_txt(const struct zone_look *l, struct advertise_source_service *out)
{
	struct zone_rrset rrset;
	struct zone_rdata rdata;
	const uint8_t *at;

	out->ntxt = 1;
	out->txt[0] = 0;
	if (!zone_look_rrset(l, DNS_TYPE_TXT, &rrset))
		return;
	at = rrset.data;
	if (zone_rrset_next(&rrset, &at, &rdata)) {
		out->ntxt = rdata.nbytes;
		memcpy(out->txt, rdata.bytes, rdata.nbytes);
	}
}

/* Looks a name up in the current version; online. */
static bool look(struct zone_look *l, const struct zone *z, const uint8_t *name)
{
	const struct zone_snapshot *s = zone_current(z);

	return s != NULL && dns_name_is_under(name, zone_name(z)) && zone_look_find(l, s, name);
}

bool advertise_source_service(const struct zone *z, const uint8_t *name,
			      struct advertise_source_service *out)
{
	struct zone_rrset rrset;
	struct zone_look l;
	bool has_service;

	base_rcu_online();
	has_service = look(&l, z, name) && zone_look_rrset(&l, DNS_TYPE_SRV, &rrset) &&
		      copy_srv(&rrset, out);
	if (has_service) {
		zone_look_spelling(&l, out->name);
		copy_txt(&l, out);
	}
	base_rcu_offline();
	return has_service;
}

/* ---- hosts ---- */

static const struct zone *longer(const struct zone *a, const struct zone *b, const uint8_t *host)
{
	if (b == NULL || !dns_name_is_under(host, zone_name(b)))
		return a;
	return a == NULL || dns_name_labels(zone_name(b)) > dns_name_labels(zone_name(a)) ? b : a;
}

const struct zone *advertise_source_zone(const struct mdns_rules *rules, const uint8_t *host)
{
	const struct zone *z = NULL;

	for (size_t i = 0; i < rules->count; i++) {
		z = longer(z, rules->items[i].zone, host);
		z = longer(z, rules->items[i].into.zone, host);
	}
	for (size_t i = 0; i < rules->count; i++)
		if (rules->items[i].zone == z)
			return z;
	return NULL;
}

/* "This network", loopback, link-local, multicast and what is reserved (RFC 6890). */
static bool is_useful_a(const uint8_t *a)
{
	return a[0] != 0 && a[0] != 127 && a[0] < 224 && !(a[0] == 169 && a[1] == 254);
}

/* Unspecified, loopback and IPv4-mapped addresses begin with 64 zero bits; the others are
 * multicast and link-local (RFC 4291 section 2.4). */
static bool is_useful_aaaa(const uint8_t *a)
{
	static const uint8_t zero[8];

	return memcmp(a, zero, sizeof(zero)) != 0 && a[0] != 0xff &&
	       !(a[0] == 0xfe && (a[1] & 0xc0) == 0x80);
}

static size_t copy_addresses(const struct zone_look *l, uint16_t type, struct mdns_address *out)
{
	bool (*is_useful)(const uint8_t *) = type == DNS_TYPE_A ? is_useful_a : is_useful_aaaa;
	struct zone_rrset rrset;
	struct zone_rdata rdata;
	const uint8_t *at;
	size_t n = 0;

	if (!zone_look_rrset(l, type, &rrset))
		return 0;
	at = rrset.data;
	while (n < MDNS_SEEN_ADDRESSES_MAX && zone_rrset_next(&rrset, &at, &rdata))
		if (is_useful(rdata.bytes)) {
			out[n] = (struct mdns_address){.type = type};
			memcpy(out[n].bytes, rdata.bytes, rdata.nbytes);
			n++;
		}
	return n;
}

size_t advertise_source_addresses(const struct zone *z, const uint8_t *host,
				  struct mdns_address out[static ADVERTISE_SOURCE_ADDRESSES_MAX])
{
	struct zone_look l;
	size_t n = 0;

	base_rcu_online();
	if (look(&l, z, host)) {
		n = copy_addresses(&l, DNS_TYPE_A, out);
		n += copy_addresses(&l, DNS_TYPE_AAAA, out + n);
	}
	base_rcu_offline();
	return n;
}

/* ---- pointers ---- */

/* The canonical order of PTR rdata: octets in lower case (RFC 4034 section 6.3). Of two different
 * names neither is the beginning of the other, as names contain their end. */
static int octet_order(const uint8_t *a, const uint8_t *b)
{
	for (;; a += a[0] + 1, b += b[0] + 1) {
		if (a[0] != b[0] || a[0] == 0)
			return (int)a[0] - (int)b[0];
		for (unsigned i = 1; i <= a[0]; i++)
			if (dns_lower[a[i]] != dns_lower[b[i]])
				return (int)dns_lower[a[i]] - (int)dns_lower[b[i]];
	}
}

int advertise_source_pointer_order(const void *a, const void *b)
{
	const struct advertise_source_pointer *pa = a, *pb = b;
	int order = octet_order(pa->owner, pb->owner);

	return order != 0 ? order : octet_order(pa->target, pb->target);
}

/* Sets `is_there` of `n` pointers of one owner: both they and the PTR set are in order. */
static void find_targets(const struct zone_rrset *rrset, struct advertise_source_pointer *p,
			 size_t n)
{
	const uint8_t *at = rrset->data;
	struct zone_rdata rdata;
	size_t i = 0;

	while (i < n && zone_rrset_next(rrset, &at, &rdata)) {
		while (i < n && octet_order(p[i].target, rdata.bytes) < 0)
			i++;
		for (; i < n && octet_order(p[i].target, rdata.bytes) == 0; i++)
			p[i].is_there = true;
	}
}

void advertise_source_find(const struct zone *z, struct advertise_source_pointer *pointers,
			   size_t n)
{
	base_rcu_online();
	for (size_t i = 0, end; i < n; i = end) {
		struct zone_rrset rrset;
		struct zone_look l;

		for (end = i; end < n && dns_name_equal(pointers[i].owner, pointers[end].owner);
		     end++)
			pointers[end].is_there = false;
		if (look(&l, z, pointers[i].owner) && zone_look_rrset(&l, DNS_TYPE_PTR, &rrset))
			find_targets(&rrset, &pointers[i], end - i);
	}
	base_rcu_offline();
}

int advertise_source_walk(struct zone *z,
			  int (*each)(void *arg, const uint8_t *owner, const uint8_t *target),
			  void *arg)
{
	const struct zone_snapshot *s;
	struct zone_cursor *c;
	struct dns_record r;
	int ret = 0;

	base_rcu_online();
	s = zone_acquire(z);
	base_rcu_offline();
	if (s == NULL)
		return 0;
	c = zone_cursor_new(s);
	if (c == NULL)
		ret = -ENOMEM;
	while (ret >= 0 && c != NULL && zone_cursor_next(c, &r))
		if (r.type == DNS_TYPE_PTR || r.type == DNS_TYPE_SRV)
			ret = each(arg, r.owner, r.type == DNS_TYPE_PTR ? r.rdata : NULL);
	zone_cursor_free(c);
	zone_release(z, s);
	return ret < 0 ? ret : 0;
}
