/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Applies an update to a draft of a small zone, and once more to a list of records by a plain
 * reading of the pseudocode in RFC 2136 section 3. Both must come to the same RCODE and the same
 * records. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/rcu.h"
#include "dns/msg.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "ledger/ledger.h"
#include "registry/audit.h"
#include "registry/request.h"
#include "update/policy.h"
#include "update/update.h"
#include "view/view.h"
#include "zone/draft.h"
#include "zone/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORDS_MAX = 400, RDATA_MAX = 600, MALFORMED = -1, TOO_MUCH = -2 };

static const uint8_t apex[] = "\003lab\005cloud";
static const uint8_t key[] = "\005bench";

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* ---- the list ---- */

struct item {
	uint8_t owner[DNS_NAME_MAX];
	uint16_t type, rrclass, rdlength, nbytes;
	uint32_t ttl;
	uint8_t rdata[RDATA_MAX];
};

struct list {
	unsigned count;
	struct item item[RECORDS_MAX];
};

static struct list start, model, prerequisites, updates;

static bool same_set(const struct item *a, const struct item *b)
{
	return a->type == b->type && dns_name_equal(a->owner, b->owner);
}

static bool same_rdata(const struct item *a, const struct item *b)
{
	return dns_rdata_compare(a->type, a->rdata, a->nbytes, b->rdata, b->nbytes) == 0;
}

static struct item *find_record(struct list *l, const struct item *like)
{
	for (unsigned i = 0; i < l->count; i++)
		if (same_set(&l->item[i], like) && same_rdata(&l->item[i], like))
			return &l->item[i];
	return NULL;
}

/* Counts the records at the owner: of its type, of another type, or of any (DNS_TYPE_ANY). */
static unsigned count_at(const struct list *l, const uint8_t *owner, uint16_t type)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l->count; i++)
		n += dns_name_equal(l->item[i].owner, owner) &&
		     (type == DNS_TYPE_ANY || l->item[i].type == type);
	return n;
}

static void remove_item(struct list *l, struct item *item)
{
	*item = l->item[--l->count];
}

/* ---- the pseudocode ---- */

static int section_read(struct base_buf *b, unsigned count, struct list *l, bool is_update)
{
	l->count = 0;
	for (; count > 0; count--) {
		struct item *item = &l->item[l->count];
		struct base_out out = base_out_over(item->rdata, RDATA_MAX);
		struct dns_rr rr;

		if (l->count == RECORDS_MAX)
			return TOO_MUCH;
		if (!dns_rr_parse(b, &rr))
			return MALFORMED;
		memcpy(item->owner, rr.owner, sizeof(rr.owner));
		item->type = rr.type;
		item->rrclass = rr.rrclass;
		item->ttl = rr.ttl;
		item->rdlength = rr.rdlength;
		item->nbytes = 0;
		l->count++;
		if (dns_type_is_meta(rr.type) ||
		    (rr.rrclass != DNS_CLASS_IN && !(is_update && rr.rrclass == DNS_CLASS_NONE)))
			continue;
		dns_rdata_parse(&rr.rdata, rr.type, rr.rdlength, &out);
		if (out.is_full)
			return TOO_MUCH;
		if (rr.rdata.has_failed)
			return MALFORMED;
		item->nbytes = (uint16_t)base_out_nbytes(&out);
	}
	return 0;
}

static int message_read(const uint8_t *data, size_t size, bool *is_zone)
{
	struct base_buf b = base_buf_over(data, size);
	struct dns_header h = dns_header_parse(&b);
	uint8_t zone[DNS_NAME_MAX];
	int ret;

	*is_zone = false;
	if (h.qdcount != 1)
		return TOO_MUCH; /* FORMERR either way, of no interest */
	if (dns_name_parse(&b, zone) == 0)
		return MALFORMED;
	*is_zone = dns_name_equal(zone, apex) && base_buf_u16(&b) == DNS_TYPE_SOA &&
		   base_buf_u16(&b) == DNS_CLASS_IN;
	if (!*is_zone)
		return TOO_MUCH;
	ret = section_read(&b, h.ancount, &prerequisites, false);
	if (ret == 0)
		ret = section_read(&b, h.nscount, &updates, true);
	return b.has_failed ? MALFORMED : ret;
}

static int prerequisite_model(const struct item *p)
{
	bool exists = count_at(&model, p->owner, p->type) > 0;

	if (p->ttl != 0)
		return DNS_RCODE_FORMERR;
	if (!dns_name_is_under(p->owner, apex))
		return DNS_RCODE_NOTZONE;
	if (p->rrclass == DNS_CLASS_IN)
		return dns_type_is_meta(p->type) ? DNS_RCODE_FORMERR : 0;
	if ((p->rrclass != DNS_CLASS_ANY && p->rrclass != DNS_CLASS_NONE) || p->rdlength != 0)
		return DNS_RCODE_FORMERR;
	if (p->rrclass == DNS_CLASS_ANY && !exists)
		return p->type == DNS_TYPE_ANY ? DNS_RCODE_NXDOMAIN : DNS_RCODE_NXRRSET;
	if (p->rrclass == DNS_CLASS_NONE && exists)
		return p->type == DNS_TYPE_ANY ? DNS_RCODE_YXDOMAIN : DNS_RCODE_YXRRSET;
	return 0;
}

/* Returns whether each record that is asked for is in the zone, and each set that is asked for
 * has no other records. */
static bool values_model(void)
{
	for (unsigned i = 0; i < prerequisites.count; i++) {
		const struct item *p = &prerequisites.item[i];

		if (p->rrclass != DNS_CLASS_IN)
			continue;
		if (find_record(&model, p) == NULL)
			return false;
		for (unsigned k = 0; k < model.count; k++) {
			bool asked = false;

			if (!same_set(&model.item[k], p))
				continue;
			for (unsigned j = 0; j < prerequisites.count; j++)
				asked |= prerequisites.item[j].rrclass == DNS_CLASS_IN &&
					 same_set(&prerequisites.item[j], p) &&
					 same_rdata(&prerequisites.item[j], &model.item[k]);
			if (!asked)
				return false;
		}
	}
	return true;
}

static int prescan_model(const struct item *u)
{
	bool is_meta = dns_type_is_meta(u->type);

	if (!dns_name_is_under(u->owner, apex))
		return DNS_RCODE_NOTZONE;
	if (u->rrclass == DNS_CLASS_IN) {
		if (is_meta)
			return DNS_RCODE_FORMERR;
	} else if (u->rrclass == DNS_CLASS_ANY) {
		if (u->ttl != 0 || u->rdlength != 0 || (is_meta && u->type != DNS_TYPE_ANY))
			return DNS_RCODE_FORMERR;
	} else if (u->rrclass == DNS_CLASS_NONE) {
		if (u->ttl != 0 || is_meta)
			return DNS_RCODE_FORMERR;
	} else {
		return DNS_RCODE_FORMERR;
	}
	switch (u->type) {
	case DNS_TYPE_SIG:
	case DNS_TYPE_RRSIG:
	case DNS_TYPE_NSEC:
	case DNS_TYPE_NSEC3:
	case DNS_TYPE_NSEC3PARAM:
		return DNS_RCODE_REFUSED;
	default:
		return 0;
	}
}

static void add_model(const struct item *u)
{
	uint32_t ttl = u->ttl > INT32_MAX ? 0 : u->ttl;
	bool is_cname = u->type == DNS_TYPE_CNAME;
	unsigned ncname = count_at(&model, u->owner, DNS_TYPE_CNAME);
	unsigned nkey = count_at(&model, u->owner, DNS_TYPE_KEY);
	bool is_single = is_cname || u->type == DNS_TYPE_DNAME || u->type == DNS_TYPE_SOA;

	if (is_cname && count_at(&model, u->owner, DNS_TYPE_ANY) > ncname + nkey)
		return;
	if (!is_cname && u->type != DNS_TYPE_KEY && ncname > 0)
		return;
	if (u->type == DNS_TYPE_SOA) {
		uint32_t serial = dns_soa_read(u->rdata, u->nbytes).serial;
		struct item like = {.type = DNS_TYPE_SOA}, *old = NULL;

		memcpy(like.owner, apex, sizeof(apex));
		for (unsigned i = 0; i < model.count; i++)
			if (same_set(&model.item[i], &like))
				old = &model.item[i];
		if (!dns_name_equal(u->owner, apex) || serial == 0 ||
		    !dns_serial_is_newer(serial, dns_soa_read(old->rdata, old->nbytes).serial))
			return;
	}
	for (unsigned i = 0; i < model.count;) {
		struct item *z = &model.item[i];
		bool goes = same_set(z, u) &&
			    (is_single || same_rdata(z, u) ||
			     (u->type == DNS_TYPE_WKS && memcmp(z->rdata, u->rdata, 5) == 0));

		if (goes)
			remove_item(&model, z);
		else
			i++;
	}
	model.item[model.count++] = *u;
	for (unsigned i = 0; i < model.count; i++)
		if (same_set(&model.item[i], u))
			model.item[i].ttl = ttl;
}

static void remove_model(const struct item *u)
{
	bool is_apex = dns_name_equal(u->owner, apex);

	if (u->rrclass == DNS_CLASS_NONE &&
	    (u->type == DNS_TYPE_SOA ||
	     (u->type == DNS_TYPE_NS && is_apex && count_at(&model, apex, DNS_TYPE_NS) == 1)))
		return;
	for (unsigned i = 0; i < model.count;) {
		struct item *z = &model.item[i];
		bool is_kept = is_apex && (z->type == DNS_TYPE_SOA || z->type == DNS_TYPE_NS);
		bool goes = dns_name_equal(z->owner, u->owner);

		if (u->rrclass == DNS_CLASS_NONE)
			goes = goes && z->type == u->type && same_rdata(z, u);
		else
			goes = goes && !is_kept && (u->type == DNS_TYPE_ANY || z->type == u->type);
		if (goes)
			remove_item(&model, z);
		else
			i++;
	}
}

static int update_model(void)
{
	for (unsigned i = 0; i < prerequisites.count; i++) {
		int rcode = prerequisite_model(&prerequisites.item[i]);

		if (rcode != 0)
			return rcode;
	}
	if (!values_model())
		return DNS_RCODE_NXRRSET;
	for (unsigned i = 0; i < updates.count; i++) {
		int rcode = prescan_model(&updates.item[i]);

		if (rcode != 0)
			return rcode;
	}
	for (unsigned i = 0; i < updates.count; i++) {
		if (updates.item[i].rrclass != DNS_CLASS_IN)
			remove_model(&updates.item[i]);
		else if (model.count == RECORDS_MAX)
			return TOO_MUCH;
		else
			add_model(&updates.item[i]);
	}
	return 0;
}

/* ---- both together ---- */

static struct zone *zone;
static struct ledger ledger;
static struct view view;
static struct update *update;
static struct update_policy *policy;

static void start_add(const char *owner, uint16_t type, const char *rdata, size_t nbytes)
{
	struct item *item = &start.item[start.count++];

	dns_name_from_text(item->owner, owner, strlen(owner), NULL);
	item->type = type;
	item->ttl = 60;
	item->nbytes = (uint16_t)nbytes;
	memcpy(item->rdata, rdata, nbytes);
}

#define START(owner, type, rdata) start_add(owner, type, rdata, sizeof(rdata) - 1)

static void zone_make(void)
{
	struct zone_draft *d;

	START("lab.cloud.", DNS_TYPE_SOA, "\1n\0\1r\0\0\0\0\144\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4");
	START("lab.cloud.", DNS_TYPE_NS, "\1n\0");
	START("lab.cloud.", DNS_TYPE_NS, "\1m\0");
	START("a.lab.cloud.", DNS_TYPE_A, "\12\0\0\1");
	START("a.lab.cloud.", DNS_TYPE_A, "\12\0\0\2");
	START("a.lab.cloud.", DNS_TYPE_TXT, "\1x");
	START("c.lab.cloud.", DNS_TYPE_CNAME, "\1a\3lab\5cloud\0");
	START("d.lab.cloud.", DNS_TYPE_DNAME, "\1d\0");
	START("k.lab.cloud.", DNS_TYPE_KEY, "\2\1\3\15k");
	START("w.lab.cloud.", DNS_TYPE_WKS, "\12\0\0\1\6\1");
	START("*.lab.cloud.", DNS_TYPE_SRV, "\0\0\0\0\0\120\1a\0");
	base_rcu_register();
	zone = zone_new(apex, 1);
	d = zone_draft_new(zone);
	for (unsigned i = 0; i < start.count; i++)
		require(zone_draft_add(d, start.item[i].owner, start.item[i].type, 60,
				       start.item[i].rdata, start.item[i].nbytes) == 1);
	require(zone_draft_seal(d, NULL) == 1);
	zone_draft_publish(d);
	require(ledger_init(&ledger, 1) == 0 && view_init(&view, 1) == 0);
	update = update_new(&ledger, &view);
	policy = update_policy_new_key(key);
}

/* The draft has all of the list's records, with their TTLs, and no other records at the list's
 * owners. */
static void draft_check(struct zone_draft *d)
{
	for (unsigned i = 0; i < model.count; i++) {
		const struct item *item = &model.item[i];
		struct zone_rrset rrset;
		struct zone_rdata rdata;
		const uint8_t *at;
		bool is_there = false;

		require(zone_draft_find(d, item->owner, item->type, &rrset));
		require(rrset.ttl == item->ttl);
		require(rrset.count == count_at(&model, item->owner, item->type));
		at = rrset.data;
		while (zone_rrset_next(&rrset, &at, &rdata))
			is_there |= dns_rdata_compare(item->type, item->rdata, item->nbytes,
						      rdata.bytes, rdata.nbytes) == 0;
		require(is_there);
	}
	for (unsigned i = 0; i < updates.count + start.count; i++) {
		const uint8_t *owner = i < updates.count ? updates.item[i].owner
							 : start.item[i - updates.count].owner;
		unsigned count = zone_draft_count(d, owner);

		for (unsigned k = 0; k < count; k++)
			require(count_at(&model, owner, zone_draft_at(d, owner, k).type) > 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct update_result result;
	struct ledger_lease_terms lease = {0};
	struct update_request request = {
		.msg = data, .nbytes = size, .key = key, .lease = &lease, .result = &result};
	struct registry_request audited = {.client = "127.0.0.1@53", .key = key};
	const struct dns_update_record *records;
	struct zone_changeset changes;
	char line[REGISTRY_AUDIT_LINE_MAX];
	size_t nrecords;
	struct zone_draft *d;
	bool is_zone;
	int rcode, expected;

	if (zone == NULL)
		zone_make();
	model.count = start.count;
	memcpy(model.item, start.item, start.count * sizeof(*start.item));
	d = zone_draft_new(zone);
	request.draft = d;
	request.policy = policy;
	rcode = update_run(update, &request);
	require(rcode == result.rcode);
	audited.result = result;
	records = update_records(update, &nrecords);
	registry_audit_line(line, sizeof(line), &audited, records, nrecords);

	expected = message_read(data, size, &is_zone);
	if (expected == 0)
		expected = update_model();
	if (expected == MALFORMED)
		expected = DNS_RCODE_FORMERR;
	require(expected == TOO_MUCH || rcode == expected);
	if (rcode == 0 && expected == 0)
		draft_check(d);
	require(zone_draft_seal(d, &changes) == 0 || rcode == 0);
	zone_draft_abort(d);
	ledger_undo(&ledger);
	view_undo(&view);
	return 0;
}
