/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/apply.h"

#include <string.h>

#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "ledger/release.h"
#include "update/check.h"
#include "update/fail.h"
#include "update/size.h"
#include "update/update_priv.h"
#include "view/update.h"
#include "zone/draft.h"

/* Records after a delete, and records of an RRset, that is_restored compares at most: the bits of a
 * word. */
enum { RESTORE_MAX = 63 };

enum {
	BYTES_OF_LOOK = 1024,	   /* of a name, that are copied in the time of a look */
	STORED_BYTES_OF_LOOK = 64, /* of records, that are written to the store in it */
};

static bool is_rdata(const struct dns_update_record *record, const struct zone_rdata *rdata)
{
	return dns_rdata_compare(record->type, record->rdata, record->nbytes, rdata->bytes,
				 rdata->nbytes) == 0;
}

static uint16_t more(uint16_t count, int n)
{
	return n > UINT16_MAX - count ? UINT16_MAX : (uint16_t)(count + n);
}

/* Counts the records that a function of the draft has added; `n` is what it returned. */
static int count_added(struct update *u, struct dns_update_record *r, int n)
{
	if (n < 0)
		return n;
	r->nadded = more(r->nadded, n);
	u->result->nadded += (uint32_t)n;
	return 0;
}

/* Counts the records that a function of the draft has removed; `n` is what it returned. */
static int count_removed(struct update *u, struct dns_update_record *r, int n)
{
	if (n < 0)
		return n;
	r->nremoved = more(r->nremoved, n);
	u->result->nremoved += (uint32_t)n;
	return 0;
}

/* A record is about to be removed: no lease holds it any longer, and the view learns of it. Without
 * the memory for the former, leases hold a record that is gone, which is harmless. */
static void on_removed(struct update *u, const uint8_t *owner, uint16_t type, const uint8_t *rdata,
		       uint16_t nbytes)
{
	const struct dns_record record = {
		.owner = owner, .type = type, .rdata = rdata, .nbytes = nbytes};

	ledger_release_later(&u->ledger->leases, &record);
	view_update_removed(&u->pass, &record);
}

/* Reports the removal even if the record is absent; no lease holds it then. */
static int remove_one(struct update *u, struct dns_update_record *r, const uint8_t *rdata,
		      uint16_t nbytes)
{
	on_removed(u, r->owner, r->type, rdata, nbytes);
	return count_removed(u, r, zone_draft_remove(u->draft, r->owner, r->type, rdata, nbytes));
}

/* A TTL with the first bit set is 0 (RFC 2181 section 8). PTRs at types belong to everybody: their
 * TTL is that of the service view. */
static uint32_t ttl_of(const struct update *u, const struct dns_update_record *r)
{
	enum dnssd_kind kind;

	if (u->pass.rule != NULL && r->type == DNS_TYPE_PTR) {
		kind = dnssd_kind_of(r->owner, u->zone);
		if (kind == DNSSD_TYPE || kind == DNSSD_SUBTYPE)
			return u->pass.rule->ttl_s;
	}
	return r->ttl > INT32_MAX ? 0 : r->ttl;
}

/* Only a newer SOA replaces the zone's (RFC 2136 section 3.4.2.2); serial 0 must not be sent
 * (section 4.2). */
static int apply_soa(struct update *u, struct dns_update_record *r)
{
	uint32_t serial = dns_soa_read(r->rdata, r->nbytes).serial;
	int ret;

	if (!dns_name_equal(r->owner, u->zone) || serial == 0 ||
	    !dns_serial_is_newer(serial, zone_draft_serial(u->draft)))
		return 0;
	ret = zone_draft_set_soa(u->draft, ttl_of(u, r), r->rdata, r->nbytes);
	if (ret == 0)
		ret = count_removed(u, r, 1);
	return ret != 0 ? ret : count_added(u, r, 1);
}

/* Returns whether `r` replaces a record of the zone: there is one CNAME or DNAME, and one WKS for
 * each address and protocol, the first five octets (RFC 2136 section 3.4.2.2). */
static bool is_replaced(const struct dns_update_record *r, const struct zone_rdata *old)
{
	if (is_rdata(r, old))
		return false;
	return r->type != DNS_TYPE_WKS || memcmp(r->rdata, old->bytes, 5) == 0;
}

static int remove_replaced(struct update *u, struct dns_update_record *r)
{
	struct zone_rrset rrset;
	struct zone_rdata old;
	const uint8_t *at;
	int ret;

	if (!zone_draft_find(u->draft, r->owner, r->type, &rrset))
		return 0;
	at = rrset.data;
	ret = update_look_late(u, rrset.count);
	while (ret == 0 && zone_rrset_next(&rrset, &at, &old))
		if (is_replaced(r, &old))
			/* At most one is replaced; `old` is valid only until then. */
			return remove_one(u, r, old.bytes, old.nbytes);
	return ret;
}

/* An RRset has one TTL (RFC 2181 section 5.2): a record with another one changes that of the whole
 * set, which is written to the store as it was and as it is. Takes the looks for it. */
static int look_at_ttl(struct update *u, const struct dns_update_record *r, uint32_t ttl)
{
	struct zone_rrset set;

	if (!zone_draft_measure(u->draft, r->owner, r->type, &set) || set.ttl == ttl)
		return 0;
	return update_look_late(u, 2 * (uint64_t)set.nbytes / STORED_BYTES_OF_LOOK);
}

static int apply_add(struct update *u, struct dns_update_record *r)
{
	uint32_t ttl;
	int ret = 0;

	if (r->type == DNS_TYPE_SOA)
		return apply_soa(u, r);
	if (zone_draft_bars(u->draft, r->owner, r->type))
		return 0;
	if (u->pass.rule != NULL && r->type == DNS_TYPE_PTR &&
	    view_update_is_waiting(u->pass.view, u->zone, r->owner, r->rdata))
		return 0;
	if (r->type == DNS_TYPE_CNAME || r->type == DNS_TYPE_DNAME || r->type == DNS_TYPE_WKS)
		ret = remove_replaced(u, r);
	if (ret != 0)
		return ret;
	ttl = ttl_of(u, r);
	ret = look_at_ttl(u, r, ttl);
	return ret != 0 ? ret : count_added(u, r, update_size_add(u, r, ttl));
}

static bool is_same(const struct dns_update_record *record, const struct zone_rdata *rdata)
{
	return record->nbytes == rdata->nbytes &&
	       memcmp(record->rdata, rdata->bytes, rdata->nbytes) == 0;
}

/* Returns the index of a record in its RRset, or the count if it is absent or spelled otherwise. */
static unsigned index_in(const struct zone_rrset *rrset, const struct dns_update_record *r)
{
	const uint8_t *at = rrset->data;
	struct zone_rdata rdata;
	unsigned i = 0;

	while (zone_rrset_next(rrset, &at, &rdata) && !is_same(r, &rdata))
		i++;
	return i;
}

/* Returns whether the name of `s`, whose records the delete `r` removes, gets another spelling. The
 * first record of a name sets it, so the delete must leave none. */
static bool is_respelled(const struct update *u, const struct dns_update_record *r,
			 const struct dns_update_record *s)
{
	return (r->type == DNS_TYPE_ANY || zone_draft_count(u->draft, s->owner) == 1) &&
	       !zone_draft_is_spelled(u->draft, s->owner);
}

/* Returns whether the records after the delete `r` add exactly what it would remove from `rrset`.
 * Clients register again by deleting and adding the same records: the set is then left alone, so
 * that nothing changes. No other record for the name may depend on the set being gone meanwhile. */
static bool is_restored(const struct update *u, const struct dns_update_record *r,
			const struct zone_rrset *rrset)
{
	const struct dns_update_record *end = u->message.update + u->message.nupdates;
	uint64_t seen = 0;

	if (rrset->type == DNS_TYPE_CNAME || rrset->count > RESTORE_MAX || end - r > RESTORE_MAX)
		return false;
	for (const struct dns_update_record *s = r + 1; s < end; s++) {
		unsigned i;

		if (!dns_name_equal(s->owner, r->owner))
			continue;
		if (s->type == DNS_TYPE_CNAME || s->type == DNS_TYPE_ANY)
			return false;
		if (s->type != rrset->type)
			continue;
		if (s->rrclass != DNS_CLASS_IN || ttl_of(u, s) != rrset->ttl ||
		    is_respelled(u, r, s))
			return false;
		i = index_in(rrset, s);
		if (i == rrset->count)
			return false;
		seen |= 1ull << i;
	}
	return seen == (1ull << rrset->count) - 1;
}

static int apply_remove_rrset(struct update *u, struct dns_update_record *r, uint16_t type)
{
	struct zone_rrset rrset;
	struct zone_rdata rdata;
	const uint8_t *at;

	if (!zone_draft_find(u->draft, r->owner, type, &rrset) || is_restored(u, r, &rrset))
		return 0;
	at = rrset.data;
	while (zone_rrset_next(&rrset, &at, &rdata))
		on_removed(u, r->owner, type, rdata.bytes, rdata.nbytes);
	return count_removed(u, r, zone_draft_remove_rrset(u->draft, r->owner, type));
}

/* Protected RRsets stay. A removal moves the last RRset to the index of the removed one: the walk,
 * from the last to the first, has seen it. */
static int apply_remove_all(struct update *u, struct dns_update_record *r)
{
	unsigned i = zone_draft_count(u->draft, r->owner);
	int ret = 0;

	while (ret == 0 && i-- > 0) {
		uint16_t type = zone_draft_at(u->draft, r->owner, i).type;

		if (!update_check_is_protected(u, r->owner, type))
			ret = apply_remove_rrset(u, r, type);
	}
	return ret;
}

/* RFC 2136 section 3.4.2.4: the SOA and the last NS at the apex are not removed. */
static int apply_remove(struct update *u, struct dns_update_record *r)
{
	struct zone_rrset ns;

	if (r->type == DNS_TYPE_SOA)
		return 0;
	if (update_check_is_protected(u, r->owner, r->type) &&
	    zone_draft_find(u->draft, r->owner, DNS_TYPE_NS, &ns) && ns.count == 1)
		return 0;
	return remove_one(u, r, r->rdata, r->nbytes);
}

static int apply_record(struct update *u, struct dns_update_record *r)
{
	if (r->rrclass == DNS_CLASS_IN)
		return apply_add(u, r);
	if (r->rrclass == DNS_CLASS_NONE)
		return apply_remove(u, r);
	if (r->type == DNS_TYPE_ANY)
		return apply_remove_all(u, r);
	return update_check_is_protected(u, r->owner, r->type) ? 0
							       : apply_remove_rrset(u, r, r->type);
}

/* A name that changes is written anew as a whole: takes the looks for it. */
static int look_at_name(struct update *u, unsigned i)
{
	const struct dns_update_record *r = &u->message.update[i];
	uint64_t nbytes;

	if (i > 0 && dns_name_equal(r->owner, r[-1].owner))
		return 0;
	nbytes = zone_draft_nbytes(u->draft, r->owner);
	return nbytes < BYTES_OF_LOOK ? 0 : update_look_late(u, nbytes / BYTES_OF_LOOK);
}

int update_apply(struct update *u)
{
	int ret = 0;

	for (unsigned i = 0; i < u->message.nupdates && ret == 0; i++) {
		ret = look_at_name(u, i);
		if (ret == 0)
			ret = apply_record(u, &u->message.update[i]);
	}
	return ret == 0 ? ledger_release_settle(&u->ledger->leases) : ret;
}
