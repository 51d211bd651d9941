/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The steps of RFC 2136 section 3, in its order but for one thing:
 *
 *  1. the message is read; what cannot be read is FORMERR
 *  2. the zone section names this zone                            section 3.1
 *  3. the prerequisites hold, values last                         section 3.2
 *  4. the update records make sense                               section 3.4.1
 *  5. the key may do each of them                                 section 3.3
 *  6. the records are applied, in order                           section 3.4.2
 *
 * 4 comes before 5 because what a delete of all records needs permission for is found by looking
 * its name up in the zone, so the name must be known to be in it. Nothing but a lack of memory
 * stops 6. */

#include "update/update.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/rdata.h"
#include "dns/type.h"
#include "dns/update.h"
#include "dnssd/kind.h"
#include "registry/ledger.h"
#include "update/fabric_policy.h"
#include "update/policy.h"
#include "update/report.h"
#include "view/instance.h"
#include "zone/draft.h"

/* How many records, and of a set, is_restored looks at: below the bits of a word. */
enum { RESTORE_LOOK = 63 };

struct update_context {
	const struct registry_ledger *ledger;
	const struct view_rule *services; /* of the zone; NULL: it has no view */
	struct update_hooks hooks;
	struct dns_update message;
	uint8_t key[DNS_NAME_MAX]; /* of the last request, for the audit */
	bool has_key;

	/* during one call */
	struct zone_draft *draft;
	const uint8_t *zone;
	struct update_result *result;
};

struct update_context *update_context_new(const struct registry_ledger *ledger,
					  const struct update_hooks *hooks)
{
	struct update_context *u = calloc(1, sizeof(*u));

	if (u != NULL && dns_update_init(&u->message) != 0) {
		free(u);
		return NULL;
	}
	if (u != NULL) {
		u->ledger = ledger;
		if (hooks != NULL)
			u->hooks = *hooks;
	}
	return u;
}

void update_context_free(struct update_context *u)
{
	if (u == NULL)
		return;
	dns_update_fini(&u->message);
	free(u);
}

/* ---- what is told about a failure ---- */

static int fail(struct update_context *u, uint16_t rcode, const char *what)
{
	u->result->rcode = rcode;
	u->result->ede = rcode == DNS_RCODE_REFUSED ? DNS_EDE_PROHIBITED : DNS_EDE_OTHER;
	snprintf(u->result->text, sizeof(u->result->text), "%s", what);
	return rcode;
}

/* Names the record by its section and number there, its owner and, if it has one, its type. */
static int fail_record(struct update_context *u, uint16_t rcode,
		       const struct dns_update_record *record, const char *what)
{
	const struct dns_update *r = &u->message;
	bool is_update = record >= r->update;
	size_t number = (size_t)(record - (is_update ? r->update : r->prerequisite)) + 1;
	char owner[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX], text[UPDATE_TEXT_MAX];

	dns_name_to_text(owner, record->owner);
	dns_type_to_text(type, record->type);
	snprintf(text, sizeof(text), "%s %zu: %.110s%s%s %.100s",
		 is_update ? "update" : "prerequisite", number, owner,
		 record->type == DNS_TYPE_ANY ? "" : " ", record->type == DNS_TYPE_ANY ? "" : type,
		 what);
	return fail(u, rcode, text);
}

static int fail_malformed(struct update_context *u)
{
	const struct dns_update *r = &u->message;

	if (r->prerequisite == NULL || r->prerequisite[r->nread].owner == NULL)
		return fail(u, DNS_RCODE_FORMERR, "the message is malformed or cut short");
	return fail_record(u, DNS_RCODE_FORMERR, &r->prerequisite[r->nread], "has malformed rdata");
}

/* ---- zone section ---- */

static int text_check(struct update_context *u)
{
	const struct dns_update *r = &u->message;

	if (r->nzones != 1)
		return fail(u, DNS_RCODE_FORMERR, "the zone section must have one entry");
	if (r->ztype != DNS_TYPE_SOA)
		return fail(u, DNS_RCODE_FORMERR, "the type in the zone section must be SOA");
	if (r->zclass != DNS_CLASS_IN || !dns_name_equal(r->zone, u->zone))
		return fail(u, DNS_RCODE_NOTAUTH, "not authoritative for the zone");
	return DNS_RCODE_NOERROR;
}

/* ---- prerequisites ---- */

static bool in_zone(const struct update_context *u, const struct dns_update_record *record)
{
	return dns_name_is_under(record->owner, u->zone);
}

static bool rrset_exists(struct update_context *u, const struct dns_update_record *record)
{
	struct zone_rrset rrset;

	return zone_draft_find(u->draft, record->owner, record->type, &rrset);
}

/* RFC 2136 sections 3.2.1 and 3.2.2: class ANY asks for something to be there, NONE for nothing. Of
 * a type that no zone holds there is nothing. */
static int existence_check(struct update_context *u, const struct dns_update_record *p)
{
	bool wanted = p->rrclass == DNS_CLASS_ANY;

	if (p->rdlength != 0)
		return fail_record(u, DNS_RCODE_FORMERR, p, "must have no rdata");
	if (p->type == DNS_TYPE_ANY) {
		if ((zone_draft_count(u->draft, p->owner) > 0) == wanted)
			return DNS_RCODE_NOERROR;
		return wanted ? fail_record(u, DNS_RCODE_NXDOMAIN, p, "is not in use")
			      : fail_record(u, DNS_RCODE_YXDOMAIN, p, "is in use");
	}
	if (rrset_exists(u, p) == wanted)
		return DNS_RCODE_NOERROR;
	return wanted ? fail_record(u, DNS_RCODE_NXRRSET, p, "does not exist")
		      : fail_record(u, DNS_RCODE_YXRRSET, p, "exists");
}

static int prerequisite_check(struct update_context *u, const struct dns_update_record *p)
{
	if (p->ttl != 0)
		return fail_record(u, DNS_RCODE_FORMERR, p, "must have TTL 0");
	if (!in_zone(u, p))
		return fail_record(u, DNS_RCODE_NOTZONE, p, "is not in the zone");
	if (p->rrclass == DNS_CLASS_ANY || p->rrclass == DNS_CLASS_NONE)
		return existence_check(u, p);
	if (p->rrclass != DNS_CLASS_IN)
		return fail_record(u, DNS_RCODE_FORMERR, p, "has an unknown class");
	if (dns_type_is_meta(p->type))
		return fail_record(u, DNS_RCODE_FORMERR, p, "is no type of records");
	return DNS_RCODE_NOERROR;
}

/* Order of records by RRset, and in it as zone_rrset has them. */
static int compare_rrsets(const struct dns_update_record *a, const struct dns_update_record *b)
{
	int d = dns_name_compare(a->owner, b->owner);

	return d != 0 ? d : (int)a->type - (int)b->type;
}

static int compare_records(const void *left, const void *right)
{
	const struct dns_update_record *a = *(const struct dns_update_record *const *)left;
	const struct dns_update_record *b = *(const struct dns_update_record *const *)right;
	int d = compare_rrsets(a, b);

	return d != 0 ? d : dns_rdata_compare(a->type, a->rdata, a->nbytes, b->rdata, b->nbytes);
}

static bool is_rdata(const struct dns_update_record *record, const struct zone_rdata *rdata)
{
	return dns_rdata_compare(record->type, record->rdata, record->nbytes, rdata->bytes,
				 rdata->nbytes) == 0;
}

/* Whether the `count` sorted records of one RRset are the zone's, no more, no less. A record that
 * was sent twice counts once. */
static bool rrset_is(struct update_context *u, const struct dns_update_record *const *p,
		     size_t count)
{
	struct zone_rrset rrset;
	struct zone_rdata rdata;
	const uint8_t *at;
	size_t i = 0;

	if (!zone_draft_find(u->draft, p[0]->owner, p[0]->type, &rrset))
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

/* RFC 2136 section 3.2.3: RRsets that must exist with just these values. Sorted, so that a message
 * full of them costs little. */
static int values_check(struct update_context *u)
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
	if (n > 1)
		qsort(sorted, n, sizeof(*sorted), compare_records);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && compare_rrsets(sorted[i], sorted[end]) == 0;)
			end++;
		if (!rrset_is(u, sorted + i, end - i))
			return fail_record(u, DNS_RCODE_NXRRSET, sorted[i],
					   "is not with just these values in the zone");
	}
	return DNS_RCODE_NOERROR;
}

static int prerequisites_check(struct update_context *u)
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
static bool is_made_by_server(uint16_t type)
{
	return type == DNS_TYPE_RRSIG || type == DNS_TYPE_NSEC || type == DNS_TYPE_NSEC3 ||
	       type == DNS_TYPE_NSEC3PARAM || type == DNS_TYPE_SIG;
}

static int update_check(struct update_context *u, const struct dns_update_record *r)
{
	bool is_any = r->rrclass == DNS_CLASS_ANY;

	if (!in_zone(u, r))
		return fail_record(u, DNS_RCODE_NOTZONE, r, "is not in the zone");
	if (!is_any && r->rrclass != DNS_CLASS_NONE && r->rrclass != DNS_CLASS_IN)
		return fail_record(u, DNS_RCODE_FORMERR, r, "has an unknown class");
	if (r->rrclass != DNS_CLASS_IN && r->ttl != 0)
		return fail_record(u, DNS_RCODE_FORMERR, r, "is a delete and must have TTL 0");
	if (is_any && r->rdlength != 0)
		return fail_record(u, DNS_RCODE_FORMERR, r, "must have no rdata");
	if (dns_type_is_meta(r->type) && !(is_any && r->type == DNS_TYPE_ANY))
		return fail_record(u, DNS_RCODE_FORMERR, r, "is no type of records");
	if (is_made_by_server(r->type))
		return fail_record(u, DNS_RCODE_REFUSED, r, "is made by the server only");
	return DNS_RCODE_NOERROR;
}

/* ---- permission ---- */

/* Tells the type too, which for a delete of all records is one of those that are there. */
static int fail_permission(struct update_context *u, const struct update_policy *policy,
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
	return fail(u, DNS_RCODE_REFUSED, text);
}

static int type_permit(struct update_context *u, const struct update_policy *policy,
		       const struct dns_update_record *record, uint16_t type)
{
	struct update_verdict v =
		update_policy_check(policy, u->has_key ? u->key : NULL, record->owner, type);

	u->result->rule = v.rule;
	return v.allowed ? DNS_RCODE_NOERROR : fail_permission(u, policy, record, type, v.rule);
}

/* What a delete of all records leaves at the apex (RFC 2136 section 3.4.2.3). */
static bool is_kept(const struct update_context *u, const uint8_t *owner, uint16_t type)
{
	return (type == DNS_TYPE_SOA || type == DNS_TYPE_NS) && dns_name_equal(owner, u->zone);
}

/* A delete of all records needs the right to each type that it removes; signatures and NSEC go
 * with what they belong to. */
static int record_permit(struct update_context *u, const struct update_policy *policy,
			 const struct dns_update_record *r)
{
	unsigned count;

	if (r->type != DNS_TYPE_ANY)
		return type_permit(u, policy, r, r->type);
	count = zone_draft_count(u->draft, r->owner);
	for (unsigned i = 0; i < count; i++) {
		uint16_t type = zone_draft_at(u->draft, r->owner, i).type;
		int rcode;

		if (is_kept(u, r->owner, type) || is_made_by_server(type))
			continue;
		rcode = type_permit(u, policy, r, type);
		if (rcode != 0)
			return rcode;
	}
	return DNS_RCODE_NOERROR;
}

/* The ready policy looks at the whole update, and at who owns what. */
static int ready_permit(struct update_context *u, const struct update_policy *policy)
{
	const struct dns_update *m = &u->message;
	const struct update_fabric_policy asked = {
		.fabric = update_policy_fabric(policy),
		.key = u->key,
		.zone = u->zone,
		.ledger = u->ledger,
		.draft = u->draft,
		.records = m->update,
		.nrecords = m->nupdates,
	};
	char text[UPDATE_FABRIC_POLICY_TEXT_MAX];

	for (unsigned i = 0; i < m->nupdates; i++) {
		uint16_t rcode = update_fabric_policy_check(&asked, &m->update[i], text);

		if (rcode != DNS_RCODE_NOERROR)
			return fail_record(u, rcode, &m->update[i], text);
	}
	return DNS_RCODE_NOERROR;
}

static bool is_subtype(const struct update_context *u, const struct dns_update_record *r)
{
	return r->rrclass == DNS_CLASS_IN && r->type == DNS_TYPE_PTR &&
	       dnssd_kind_of(r->owner, u->zone) == DNSSD_SUBTYPE;
}

/* Whether PTR number `i` brings its instance under more subtypes than it may have. Only when there
 * are that many in all is it looked at whose they are. */
static bool is_one_too_many(const struct update_context *u, unsigned i, unsigned nbefore)
{
	const struct dns_update_record *r = &u->message.update[i];
	unsigned n = view_subtypes(&u->ledger->services, u->zone, r->rdata, r->owner);

	if (n == 0 || n + nbefore <= VIEW_SUBTYPES_MAX)
		return false;
	for (unsigned k = 0; k < i && n <= VIEW_SUBTYPES_MAX; k++)
		n += is_subtype(u, &u->message.update[k]) &&
		     dns_name_equal(u->message.update[k].rdata, r->rdata);
	return n > VIEW_SUBTYPES_MAX;
}

/* What a service view asks of an update: nobody comes back from the dead, reports come by
 * themselves, and no instance has subtypes without end. */
static int services_check(struct update_context *u)
{
	const struct dns_update *m = &u->message;
	struct update_report_kinds kinds = update_report_look(u->zone, m->update, m->nupdates);
	unsigned nsubtypes = 0;

	for (unsigned i = 0; i < m->nupdates; i++) {
		const struct dns_update_record *r = &m->update[i];

		if (view_instance_is_fenced(u->draft, u->zone, r))
			return fail_record(
				u, DNS_RCODE_YXRRSET, r,
				"is of an incarnation before the one that is registered");
		if (kinds.has_reports && kinds.has_others &&
		    dnssd_kind_of(r->owner, u->zone) == DNSSD_REPORT)
			return fail_record(u, DNS_RCODE_REFUSED, r,
					   "is a report, which comes in an update of its own");
		if (is_subtype(u, r) && is_one_too_many(u, i, nsubtypes++))
			return fail_record(u, DNS_RCODE_REFUSED, r, "is one subtype too many");
	}
	return DNS_RCODE_NOERROR;
}

static int updates_check(struct update_context *u, const struct update_policy *policy)
{
	int rcode = DNS_RCODE_NOERROR;

	for (unsigned i = 0; i < u->message.nupdates && rcode == 0; i++)
		rcode = update_check(u, &u->message.update[i]);
	if (rcode == 0 && u->has_key && update_policy_fabric(policy) != NULL)
		rcode = ready_permit(u, policy);
	else
		for (unsigned i = 0; i < u->message.nupdates && rcode == 0; i++)
			rcode = record_permit(u, policy, &u->message.update[i]);
	return rcode == 0 && u->services != NULL ? services_check(u) : rcode;
}

/* ---- applying ---- */

static uint16_t more(uint16_t count, int n)
{
	return n > UINT16_MAX - count ? UINT16_MAX : (uint16_t)(count + n);
}

/* Both take what a function of the draft returned and hand a failure on. */
static int note_added(struct update_context *u, struct dns_update_record *r, int n)
{
	if (n < 0)
		return n;
	r->nadded = more(r->nadded, n);
	u->result->nadded += (uint32_t)n;
	return 0;
}

static int note_removed(struct update_context *u, struct dns_update_record *r, int n)
{
	if (n < 0)
		return n;
	r->nremoved = more(r->nremoved, n);
	u->result->nremoved += (uint32_t)n;
	return 0;
}

static void tell_removed(struct update_context *u, const uint8_t *owner, uint16_t type,
			 const uint8_t *rdata, uint16_t nbytes)
{
	const struct dns_record record = {
		.owner = owner, .type = type, .rdata = rdata, .nbytes = nbytes};

	if (u->hooks.on_removed != NULL)
		u->hooks.on_removed(u->hooks.arg, u->draft, &record);
}

/* A record that is not there is told of all the same: nobody holds it. */
static int remove_one(struct update_context *u, struct dns_update_record *r, const uint8_t *rdata,
		      uint16_t nbytes)
{
	tell_removed(u, r->owner, r->type, rdata, nbytes);
	return note_removed(u, r, zone_draft_remove(u->draft, r->owner, r->type, rdata, nbytes));
}

/* A TTL with the first bit set is 0 (RFC 2181 section 8). What is browsed is everybody's: its TTL
 * is that of the service view. */
static uint32_t ttl_of(const struct update_context *u, const struct dns_update_record *r)
{
	enum dnssd_kind place;

	if (u->services != NULL && r->type == DNS_TYPE_PTR) {
		place = dnssd_kind_of(r->owner, u->zone);
		if (place == DNSSD_TYPE || place == DNSSD_SUBTYPE)
			return u->services->ttl_s;
	}
	return r->ttl > INT32_MAX ? 0 : r->ttl;
}

/* The zone's SOA is replaced by a newer one, and only by such (RFC 2136 section 3.4.2.2); serial 0
 * must not be sent (section 4.2). */
static int apply_soa(struct update_context *u, struct dns_update_record *r)
{
	uint32_t serial = dns_soa_read(r->rdata, r->nbytes).serial;
	int ret;

	if (!dns_name_equal(r->owner, u->zone) || serial == 0 ||
	    !dns_serial_is_newer(serial, zone_draft_serial(u->draft)))
		return 0;
	ret = zone_draft_set_soa(u->draft, ttl_of(u, r), r->rdata, r->nbytes);
	if (ret == 0)
		ret = note_removed(u, r, 1);
	return ret != 0 ? ret : note_added(u, r, 1);
}

/* Whether a record of the zone makes way for `r`: of CNAME and DNAME there is one, of WKS one for
 * an address and protocol, the first five octets (RFC 2136 section 3.4.2.2). */
static bool is_replaced(const struct dns_update_record *r, const struct zone_rdata *old)
{
	if (is_rdata(r, old))
		return false;
	return r->type != DNS_TYPE_WKS || memcmp(r->rdata, old->bytes, 5) == 0;
}

static int remove_replaced(struct update_context *u, struct dns_update_record *r)
{
	struct zone_rrset rrset;
	struct zone_rdata old;
	const uint8_t *at;

	if (!zone_draft_find(u->draft, r->owner, r->type, &rrset))
		return 0;
	at = rrset.data;
	while (zone_rrset_next(&rrset, &at, &old))
		if (is_replaced(r, &old))
			/* At most one is, so that the view need not outlive this. */
			return remove_one(u, r, old.bytes, old.nbytes);
	return 0;
}

static int apply_add(struct update_context *u, struct dns_update_record *r)
{
	int ret = 0;

	if (r->type == DNS_TYPE_SOA)
		return apply_soa(u, r);
	if (zone_draft_bars(u->draft, r->owner, r->type))
		return 0;
	if (u->services != NULL && r->type == DNS_TYPE_PTR &&
	    view_is_waiting(&u->ledger->services, u->zone, r->owner, r->rdata))
		return 0;
	if (r->type == DNS_TYPE_CNAME || r->type == DNS_TYPE_DNAME || r->type == DNS_TYPE_WKS)
		ret = remove_replaced(u, r);
	if (ret != 0)
		return ret;
	return note_added(
		u, r,
		zone_draft_add(u->draft, r->owner, r->type, ttl_of(u, r), r->rdata, r->nbytes));
}

/* Where in the set the record is; its count if it is not there. */
static unsigned place_in(const struct zone_rrset *rrset, const struct dns_update_record *r)
{
	const uint8_t *at = rrset->data;
	struct zone_rdata rdata;
	unsigned i = 0;

	while (zone_rrset_next(rrset, &at, &rdata) && !is_rdata(r, &rdata))
		i++;
	return i;
}

/* Whether the records behind the delete `r` put back just what it would take from `rrset`. Clients
 * register again by deleting and adding the same records: that is no change, and the set is not
 * touched. What else comes for the name must not depend on the set being gone for a while. */
static bool is_restored(const struct update_context *u, const struct dns_update_record *r,
			const struct zone_rrset *rrset)
{
	const struct dns_update_record *end = u->message.update + u->message.nupdates;
	uint64_t seen = 0;

	if (rrset->type == DNS_TYPE_CNAME || rrset->count > RESTORE_LOOK || end - r > RESTORE_LOOK)
		return false;
	for (const struct dns_update_record *s = r + 1; s < end; s++) {
		unsigned i;

		if (!dns_name_equal(s->owner, r->owner))
			continue;
		if (s->type == DNS_TYPE_CNAME || s->type == DNS_TYPE_ANY)
			return false;
		if (s->type != rrset->type)
			continue;
		if (s->rrclass != DNS_CLASS_IN || ttl_of(u, s) != rrset->ttl)
			return false;
		i = place_in(rrset, s);
		if (i == rrset->count)
			return false;
		seen |= 1ull << i;
	}
	return seen == (1ull << rrset->count) - 1;
}

static int apply_remove_rrset(struct update_context *u, struct dns_update_record *r, uint16_t type)
{
	struct zone_rrset rrset;
	struct zone_rdata rdata;
	const uint8_t *at;

	if (!zone_draft_find(u->draft, r->owner, type, &rrset) || is_restored(u, r, &rrset))
		return 0;
	at = rrset.data;
	while (zone_rrset_next(&rrset, &at, &rdata))
		tell_removed(u, r->owner, type, rdata.bytes, rdata.nbytes);
	return note_removed(u, r, zone_draft_remove_rrset(u->draft, r->owner, type));
}

/* Each removal changes the order, so the walk starts again; it passes by what is kept. */
static int apply_remove_all(struct update_context *u, struct dns_update_record *r)
{
	unsigned i = 0;

	while (i < zone_draft_count(u->draft, r->owner)) {
		uint16_t type = zone_draft_at(u->draft, r->owner, i).type;
		uint32_t before = u->result->nremoved;
		int ret = is_kept(u, r->owner, type) ? 0 : apply_remove_rrset(u, r, type);

		if (ret != 0)
			return ret;
		i = u->result->nremoved > before ? 0 : i + 1;
	}
	return 0;
}

/* RFC 2136 section 3.4.2.4: the SOA stays, and the last NS at the apex. */
static int apply_remove(struct update_context *u, struct dns_update_record *r)
{
	struct zone_rrset ns;

	if (r->type == DNS_TYPE_SOA)
		return 0;
	if (is_kept(u, r->owner, r->type) &&
	    zone_draft_find(u->draft, r->owner, DNS_TYPE_NS, &ns) && ns.count == 1)
		return 0;
	return remove_one(u, r, r->rdata, r->nbytes);
}

static int apply(struct update_context *u, struct dns_update_record *r)
{
	if (r->rrclass == DNS_CLASS_IN)
		return apply_add(u, r);
	if (r->rrclass == DNS_CLASS_NONE)
		return apply_remove(u, r);
	if (r->type == DNS_TYPE_ANY)
		return apply_remove_all(u, r);
	return is_kept(u, r->owner, r->type) ? 0 : apply_remove_rrset(u, r, r->type);
}

static void tell_names(const struct update_context *u)
{
	const struct dns_update *m = &u->message;

	for (unsigned i = 0; i < m->nprerequisites && u->hooks.on_name != NULL; i++)
		u->hooks.on_name(u->hooks.arg, m->prerequisite[i].owner);
	for (unsigned i = 0; i < m->nupdates && u->hooks.on_name != NULL; i++)
		u->hooks.on_name(u->hooks.arg, m->update[i].owner);
}

static void result_init(struct update_context *u, struct update_result *result, const uint8_t *key)
{
	result->rcode = DNS_RCODE_NOERROR;
	result->ede = DNS_EDE_NONE;
	result->rule = 0;
	result->nadded = result->nremoved = 0;
	result->text[0] = '\0';
	u->result = result;
	u->has_key = key != NULL;
	if (key != NULL)
		dns_name_lower(u->key, key);
}

int update_apply(struct update_context *u, struct zone_draft *draft, const uint8_t *zone,
		 const uint8_t *msg, size_t nbytes, const struct update_policy *policy,
		 const uint8_t *key, struct update_result *result)
{
	int ret;

	result_init(u, result, key);
	u->draft = draft;
	u->zone = zone;
	ret = dns_update_parse(&u->message, msg, nbytes);
	if (ret == -EBADMSG)
		return fail_malformed(u);
	if (ret == 0)
		ret = text_check(u);
	if (ret == 0) {
		tell_names(u);
		ret = prerequisites_check(u);
	}
	if (ret == 0)
		ret = updates_check(u, policy);
	for (unsigned i = 0; i < u->message.nupdates && ret == 0; i++)
		ret = apply(u, &u->message.update[i]);
	/* A look-up that lacks memory finds nothing: whatever was made of that does not count. */
	return zone_draft_is_short(draft) ? -ENOMEM : ret;
}

/* ---- audit ---- */

/* Appends to a line that is cut at its end. */
struct line {
	char *text;
	size_t size, n;
	bool is_cut;
};

static void line_add(struct line *l, const char *text)
{
	size_t n = strlen(text);

	if (l->is_cut || n >= l->size - l->n) {
		l->is_cut = true;
		return;
	}
	memcpy(l->text + l->n, text, n + 1);
	l->n += n;
}

/* What a record did: "-SRV" or "+SRV", behind its owner where that is another than before. */
static void line_add_change(struct line *l, const struct dns_update_record *r,
			    const uint8_t **owner)
{
	char name[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX];

	if (*owner == NULL || !dns_name_equal(*owner, r->owner)) {
		dns_name_to_text(name, r->owner);
		line_add(l, *owner == NULL ? "" : ", ");
		line_add(l, name);
		*owner = r->owner;
	}
	dns_type_to_text(type, r->type);
	if (r->nremoved > 0) {
		line_add(l, " -");
		line_add(l, type);
	}
	if (r->nadded > 0) {
		line_add(l, " +");
		line_add(l, type);
	}
}

/* Leaves room for "..." and the closing quote. */
static void line_add_changes(struct line *l, const struct dns_update *r)
{
	const uint8_t *owner = NULL;
	size_t before = l->n;

	l->size -= 5;
	line_add(l, " changed=\"");
	for (unsigned i = 0; i < r->nupdates && !l->is_cut; i++) {
		before = l->n;
		if (r->update[i].nremoved > 0 || r->update[i].nadded > 0)
			line_add_change(l, &r->update[i], &owner);
	}
	l->size += 5;
	if (l->is_cut) {
		l->n = before;
		l->is_cut = false;
		line_add(l, " ...");
	}
	line_add(l, "\"");
}

/* The text in quotes, with what would end or confuse them taken out. */
static void line_add_why(struct line *l, const char *text)
{
	char safe[UPDATE_TEXT_MAX];

	snprintf(safe, sizeof(safe), "%s", text);
	for (char *p = safe; *p != '\0'; p++)
		if (*p == '"')
			*p = '\'';
	line_add(l, " why=\"");
	line_add(l, safe);
	line_add(l, "\"");
}

void update_context_set_view(struct update_context *u, const struct view_rule *rule)
{
	u->services = rule;
}

const struct dns_update_record *update_context_records(const struct update_context *u,
						       size_t *count)
{
	*count = u->message.nupdates;
	return u->message.update;
}

const char *registry_audit_line(const struct update_context *u, char *out, size_t size,
				const char *client, const struct update_result *result)
{
	char key[DNS_NAME_TEXT_MAX] = "-", counts[96];
	struct line l = {.text = out, .size = size};

	if (u->has_key)
		dns_name_to_text(key, u->key);
	snprintf(counts, sizeof(counts), " rule=%u added=%u removed=%u result=%s", result->rule,
		 result->nadded, result->nremoved, dns_rcode_text(result->rcode));
	out[0] = '\0';
	line_add(&l, "client=");
	line_add(&l, client);
	line_add(&l, " key=");
	line_add(&l, key);
	line_add(&l, counts);
	if (result->text[0] != '\0')
		line_add_why(&l, result->text);
	else if (result->nadded + result->nremoved > 0 && l.size - l.n > 32)
		line_add_changes(&l, &u->message);
	return out;
}
