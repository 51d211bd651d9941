/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/check.h"

#include <errno.h>
#include <stdlib.h>

#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "dnssd/txt.h"
#include "update/fail.h"
#include "update/report.h"
#include "update/sort.h"
#include "update/update_priv.h"
#include "view/drain.h"
#include "view/instance.h"
#include "view/live.h"
#include "view/pass.h"
#include "zone/draft.h"

/* ---- zone section ---- */

int update_check_zone(struct update *u)
{
	const struct dns_update *r = &u->message;

	if (r->nzones != 1)
		return update_fail(u, DNS_RCODE_FORMERR, "the zone section must have one entry");
	if (r->ztype != DNS_TYPE_SOA)
		return update_fail(u, DNS_RCODE_FORMERR,
				   "the type in the zone section must be SOA");
	if (r->zclass != DNS_CLASS_IN || !dns_name_equal(r->zone, u->zone))
		return update_fail(u, DNS_RCODE_NOTAUTH, "not authoritative for the zone");
	return DNS_RCODE_NOERROR;
}

/* ---- prerequisites ---- */

static bool in_zone(const struct update *u, const struct dns_update_record *record)
{
	return dns_name_is_under(record->owner, u->zone);
}

static bool rrset_exists(struct update *u, const struct dns_update_record *record)
{
	struct zone_rrset rrset;

	return view_drain_find(&u->pass, record->owner, record->type, &rrset);
}

/* RFC 2136 sections 3.2.1 and 3.2.2: class ANY demands that the RRset or name exists, NONE that it
 * does not. */
static int existence_check(struct update *u, const struct dns_update_record *p)
{
	bool wanted = p->rrclass == DNS_CLASS_ANY;

	if (p->rdlength != 0)
		return update_fail_record(u, DNS_RCODE_FORMERR, p, "must have no rdata");
	if (p->type == DNS_TYPE_ANY) {
		if ((zone_draft_count(u->draft, p->owner) > 0) == wanted)
			return DNS_RCODE_NOERROR;
		return wanted ? update_fail_record(u, DNS_RCODE_NXDOMAIN, p, "is not in use")
			      : update_fail_record(u, DNS_RCODE_YXDOMAIN, p, "is in use");
	}
	if (rrset_exists(u, p) == wanted)
		return DNS_RCODE_NOERROR;
	return wanted ? update_fail_record(u, DNS_RCODE_NXRRSET, p, "does not exist")
		      : update_fail_record(u, DNS_RCODE_YXRRSET, p, "exists");
}

static int prerequisite_check(struct update *u, const struct dns_update_record *p)
{
	if (p->ttl != 0)
		return update_fail_record(u, DNS_RCODE_FORMERR, p, "must have TTL 0");
	if (!in_zone(u, p))
		return update_fail_record(u, DNS_RCODE_NOTZONE, p, "is not in the zone");
	if (p->rrclass == DNS_CLASS_ANY || p->rrclass == DNS_CLASS_NONE)
		return existence_check(u, p);
	if (p->rrclass != DNS_CLASS_IN)
		return update_fail_record(u, DNS_RCODE_FORMERR, p, "has an unknown class");
	if (dns_type_is_meta(p->type))
		return update_fail_record(u, DNS_RCODE_FORMERR, p, "is not a type of records");
	return DNS_RCODE_NOERROR;
}

static bool is_same_rrset(const struct dns_update_record *a, const struct dns_update_record *b)
{
	return a->type == b->type && dns_name_equal(a->owner, b->owner);
}

static bool is_rdata(const struct dns_update_record *record, const struct zone_rdata *rdata)
{
	return dns_rdata_compare(record->type, record->rdata, record->nbytes, rdata->bytes,
				 rdata->nbytes) == 0;
}

/* Returns whether the `count` sorted records of one RRset are exactly the zone's. A record that was
 * sent twice counts once. */
static bool rrset_is(struct update *u, const struct dns_update_record *const *p, size_t count)
{
	struct zone_rrset rrset;
	struct zone_rdata rdata;
	const uint8_t *at;
	size_t i = 0;

	if (!view_drain_find(&u->pass, p[0]->owner, p[0]->type, &rrset))
		return false;
	/* The serial is raised at the end of a batch, but no update after the first change may find
	 * the zone as it was: a client requires the SOA to require that nothing has changed. */
	if (p[0]->type == DNS_TYPE_SOA && zone_draft_has_changes(u->draft))
		return false;
	at = rrset.data;
	while (zone_rrset_next(&rrset, &at, &rdata)) {
		if (i == count || !is_rdata(p[i], &rdata))
			return false;
		while (i < count && is_rdata(p[i], &rdata))
			i++;
	}
	return i == count;
}

/* RFC 2136 section 3.2.3: RRsets that must exist with exactly these values. The records are sorted,
 * so that a message full of them is compared in one walk. */
static int values_check(struct update *u)
{
	const struct dns_update *r = &u->message;
	const struct dns_update_record **sorted;
	size_t n = 0, end;

	sorted = base_arena_alloc(&u->message.arena, r->nprerequisites * sizeof(*sorted));
	if (sorted == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < r->nprerequisites; i++)
		if (r->prerequisite[i].rrclass == DNS_CLASS_IN)
			sorted[n++] = &r->prerequisite[i];
	update_sort(sorted, n);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && is_same_rrset(sorted[i], sorted[end]);)
			end++;
		if (!rrset_is(u, sorted + i, end - i))
			return update_fail_record(u, DNS_RCODE_NXRRSET, sorted[i],
						  "is not with just these values in the zone");
	}
	return DNS_RCODE_NOERROR;
}

int update_check_prerequisites(struct update *u)
{
	int rcode = DNS_RCODE_NOERROR;

	for (unsigned i = 0; i < u->message.nprerequisites && rcode == 0; i++)
		rcode = prerequisite_check(u, &u->message.prerequisite[i]);
	if (rcode == 0 && u->message.nprerequisites > 0)
		rcode = values_check(u);
	return rcode;
}

/* ---- prescan ---- */

/* Types that only the server itself makes (RFC 3007 section 3.1.1, RFC 4035 section 2). */
bool update_check_is_server_type(uint16_t type)
{
	return type == DNS_TYPE_RRSIG || type == DNS_TYPE_NSEC || type == DNS_TYPE_NSEC3 ||
	       type == DNS_TYPE_NSEC3PARAM || type == DNS_TYPE_SIG;
}

/* A delete of all records leaves SOA and NS at the apex (RFC 2136 section 3.4.2.3). */
bool update_check_is_protected(const struct update *u, const uint8_t *owner, uint16_t type)
{
	return (type == DNS_TYPE_SOA || type == DNS_TYPE_NS) && dns_name_equal(owner, u->zone);
}

static int record_check(struct update *u, const struct dns_update_record *r)
{
	bool is_any = r->rrclass == DNS_CLASS_ANY;

	if (!in_zone(u, r))
		return update_fail_record(u, DNS_RCODE_NOTZONE, r, "is not in the zone");
	if (!is_any && r->rrclass != DNS_CLASS_NONE && r->rrclass != DNS_CLASS_IN)
		return update_fail_record(u, DNS_RCODE_FORMERR, r, "has an unknown class");
	if (r->rrclass != DNS_CLASS_IN && r->ttl != 0)
		return update_fail_record(u, DNS_RCODE_FORMERR, r,
					  "is a delete and must have TTL 0");
	if (is_any && r->rdlength != 0)
		return update_fail_record(u, DNS_RCODE_FORMERR, r, "must have no rdata");
	if (dns_type_is_meta(r->type) && !(is_any && r->type == DNS_TYPE_ANY))
		return update_fail_record(u, DNS_RCODE_FORMERR, r, "is not a type of records");
	/* NSEC3PARAM, which a zone file brings along, is only information without signatures: it
	 * may be deleted. */
	if (update_check_is_server_type(r->type) &&
	    !(r->type == DNS_TYPE_NSEC3PARAM && r->rrclass != DNS_CLASS_IN))
		return update_fail_record(u, DNS_RCODE_REFUSED, r, "is made by the server only");
	return DNS_RCODE_NOERROR;
}

int update_check_records(struct update *u)
{
	int rcode = DNS_RCODE_NOERROR;

	for (unsigned i = 0; i < u->message.nupdates && rcode == 0; i++)
		rcode = record_check(u, &u->message.update[i]);
	return rcode;
}

/* ---- what a service view demands ---- */

static bool is_subtype(const struct update *u, const struct dns_update_record *r)
{
	return r->rrclass == DNS_CLASS_IN && r->type == DNS_TYPE_PTR &&
	       dnssd_kind_of(r->owner, u->zone) == DNSSD_SUBTYPE;
}

static int compare_targets(const void *left, const void *right)
{
	const struct dns_update_record *a = *(const struct dns_update_record *const *)left;
	const struct dns_update_record *b = *(const struct dns_update_record *const *)right;
	int d = dns_name_compare(a->rdata, b->rdata);

	return d != 0 ? d : (a > b) - (a < b);
}

/* Checks that no instance gets more subtypes than it may have. The PTRs are sorted by instance, so
 * that those of each are counted in one walk. */
static int subtypes_check(struct update *u, size_t count)
{
	const struct dns_update *m = &u->message;
	const struct dns_update_record **sorted;
	size_t n = 0;
	unsigned nnew = 0;

	sorted = base_arena_alloc(&u->message.arena, count * sizeof(*sorted));
	if (sorted == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < m->nupdates; i++)
		if (is_subtype(u, &m->update[i]))
			sorted[n++] = &m->update[i];
	if (n > 1)
		qsort(sorted, n, sizeof(*sorted), compare_targets);
	for (size_t i = 0; i < n; i++) {
		const struct dns_update_record *r = sorted[i];
		unsigned total = view_subtypes(u->pass.view, u->zone, r->rdata, r->owner);

		if (i > 0 && !dns_name_equal(sorted[i - 1]->rdata, r->rdata))
			nnew = 0;
		if (total > 0 && total + nnew++ > VIEW_SUBTYPES_MAX)
			return update_fail_record(u, DNS_RCODE_REFUSED, r,
						  "is one subtype too many");
	}
	return DNS_RCODE_NOERROR;
}

/* Takes the looks for the TXTs with which a new one is compared (view_instance_is_fenced). */
static int look_at_texts(struct update *u, const struct dns_update_record *r)
{
	struct zone_rrset texts;
	size_t n;

	if (r->type != DNS_TYPE_TXT || r->rrclass != DNS_CLASS_IN ||
	    !zone_draft_measure(u->draft, r->owner, DNS_TYPE_TXT, &texts) || texts.count < 2 ||
	    dnssd_txt_find(r->rdata, r->nbytes, "inc", &n) == NULL)
		return DNS_RCODE_NOERROR;
	return update_look(u, texts.count);
}

/* Takes the looks for the derived records that a record may change: all of its instance; all PTRs
 * of a subtype that it removes. For what becomes suspect the view takes them itself. Records at one
 * name usually follow each other. */
static int look_at_derived(struct update *u, unsigned i)
{
	const struct dns_update_record *r = &u->message.update[i];
	bool is_first = i == 0 || !dns_name_equal(r[-1].owner, r->owner);
	struct zone_rrset pointers;
	uint64_t n = 0;

	switch (dnssd_kind_of(r->owner, u->zone)) {
	case DNSSD_INSTANCE:
		n = is_first ? view_live_derived(&u->pass, r->owner) : 0;
		break;
	case DNSSD_SUBTYPE:
		if (r->rrclass == DNS_CLASS_ANY &&
		    zone_draft_measure(u->draft, r->owner, DNS_TYPE_PTR, &pointers))
			n = pointers.count;
		break;
	default:
		break;
	}
	return update_look(u, n * VIEW_LOOKS_OF_DERIVED);
}

int update_check_services(struct update *u)
{
	const struct dns_update *m = &u->message;
	struct update_report_kinds kinds;
	size_t nsubtypes = 0;

	if (u->pass.rule == NULL)
		return DNS_RCODE_NOERROR;
	kinds = update_report_look(u->zone, m->update, m->nupdates);
	for (unsigned i = 0; i < m->nupdates; i++) {
		const struct dns_update_record *r = &m->update[i];

		if (look_at_texts(u, r) != DNS_RCODE_NOERROR ||
		    look_at_derived(u, i) != DNS_RCODE_NOERROR)
			return DNS_RCODE_REFUSED;
		if (view_instance_is_fenced(u->draft, u->zone, r))
			return update_fail_record(
				u, DNS_RCODE_YXRRSET, r,
				"is of an earlier incarnation than the registered one");
		if (kinds.has_reports && kinds.has_others &&
		    dnssd_kind_of(r->owner, u->zone) == DNSSD_REPORT)
			return update_fail_record(
				u, DNS_RCODE_REFUSED, r,
				"is a report, which must be in an update of its own");
		nsubtypes += is_subtype(u, r);
	}
	return nsubtypes > 0 ? subtypes_check(u, nsubtypes) : DNS_RCODE_NOERROR;
}
