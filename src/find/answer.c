/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "find/answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/seen.h"
#include "dns/rdata.h"
#include "dns/type.h"

/* 1. All records that can be of use are copied, grouped by owner, type and section.
 * 2. Beginning with the question, groups are accepted, and then those that their records point at.
 * 3. If the chain of aliases ends without records, it is looked for what denies them.
 * 4. Of a host of which one family of addresses is there, it is concluded that the other one is
 *    not, where nothing can have been left out. */

enum {
	BUCKETS = 512,
	BLOCK_SIZE = 16384,
	SALT = 0x616e,
	SALT_HOST = 0x686f,
	/* Servers leave out additional records that do not fit, without setting TC (RFC 2181
	 * section 9). One more set of addresses would have fitted into what is left. A resolver
	 * leaves out what it does not happen to know. */
	ROOM_LEAST = 512,
};

struct record {
	struct record *next;
	const uint8_t *rdata;
	uint16_t nbytes;
};

struct group {
	struct group *next; /* in its bucket */
	struct record *first, **last;
	const uint8_t *name;
	uint16_t type;
	bool is_answer; /* in the answer section */
	bool is_accepted;
	uint32_t ttl; /* the least (RFC 2181 section 5.2) */
	unsigned nrecords;
	size_t nbytes;
};

/* One that denies: the SOA of the authority section. */
struct denial {
	const uint8_t *zone; /* NULL: there is none */
	uint32_t ttl;
	bool is_referral;
};

struct reading {
	struct find_answer *out;
	struct group *buckets[BUCKETS];
	struct base_seen seen; /* records, and hosts whose addresses were looked at */
	struct denial denial;
	uint64_t now_ms;
	bool is_complete; /* nothing was left out */
	struct resolve_answer_record record;
};

/* ---- 1: the records ---- */

static uint64_t group_hash(const uint8_t *name, uint16_t type, bool is_answer)
{
	uint8_t lower[DNS_NAME_MAX];

	return base_hash(lower, dns_name_lower(lower, name), SALT + (uint64_t)type * 2 + is_answer);
}

static struct group *group_find(const struct reading *r, const uint8_t *name, uint16_t type,
				bool is_answer)
{
	struct group *g = r->buckets[group_hash(name, type, is_answer) % BUCKETS];

	while (g != NULL &&
	       (g->type != type || g->is_answer != is_answer || !dns_name_equal(g->name, name)))
		g = g->next;
	return g;
}

static struct group *group_get(struct reading *r, bool is_answer)
{
	const struct resolve_answer_record *record = &r->record;
	struct group *g = group_find(r, record->owner, record->type, is_answer), **bucket;

	if (g != NULL)
		return g;
	g = base_arena_alloc(&r->out->arena, sizeof(*g));
	if (g == NULL)
		return NULL;
	*g = (struct group){.type = record->type, .is_answer = is_answer, .ttl = record->ttl};
	g->name = base_arena_copy(&r->out->arena, record->owner, dns_name_nbytes(record->owner));
	if (g->name == NULL)
		return NULL;
	g->last = &g->first;
	bucket = &r->buckets[group_hash(g->name, g->type, is_answer) % BUCKETS];
	g->next = *bucket;
	*bucket = g;
	return g;
}

/* Adds the record that was read to its group, unless it is there. Returns 0 or -ENOMEM. */
static int record_add(struct reading *r)
{
	const struct resolve_answer_record *record = &r->record;
	struct group *g = group_get(r, record->section == RESOLVE_ANSWER);
	struct record *copy;
	int is_new;

	if (g == NULL)
		return -ENOMEM;
	is_new = base_seen_add(&r->seen, dns_rdata_hash(record->type, record->rdata, record->nbytes,
							(uint64_t)(uintptr_t)g));
	if (is_new <= 0)
		return is_new;
	copy = base_arena_alloc(&r->out->arena, sizeof(*copy));
	if (copy == NULL)
		return -ENOMEM;
	*copy = (struct record){.nbytes = record->nbytes};
	copy->rdata = base_arena_copy(&r->out->arena, record->rdata, record->nbytes);
	if (copy->rdata == NULL)
		return -ENOMEM;
	*g->last = copy;
	g->last = &copy->next;
	g->nrecords++;
	g->nbytes += record->nbytes;
	if (record->ttl < g->ttl)
		g->ttl = record->ttl;
	return 0;
}

/* Takes the SOA of the zone (RFC 2308 section 5). */
static int denial_take(struct reading *r)
{
	const struct resolve_answer_record *record = &r->record;
	uint32_t minimum;

	if (record->type == DNS_TYPE_NS)
		r->denial.is_referral = true;
	if (record->type != DNS_TYPE_SOA || r->denial.zone != NULL)
		return 0;
	minimum = dns_soa_read(record->rdata, record->nbytes).minimum;
	r->denial.ttl = minimum < record->ttl ? minimum : record->ttl;
	r->denial.zone =
		base_arena_copy(&r->out->arena, record->owner, dns_name_nbytes(record->owner));
	return r->denial.zone == NULL ? -ENOMEM : 0;
}

static int records_read(struct reading *r, struct resolve_answer *message)
{
	int status = 0;

	while (status == 0 && resolve_message_next(message, &r->record)) {
		if (r->record.section == RESOLVE_AUTHORITY)
			status = denial_take(r);
		else if (r->record.type == DNS_TYPE_PTR || r->record.type == DNS_TYPE_SRV ||
			 r->record.type == DNS_TYPE_TXT || r->record.type == DNS_TYPE_A ||
			 r->record.type == DNS_TYPE_AAAA || r->record.type == DNS_TYPE_CNAME)
			status = record_add(r);
	}
	return status;
}

/* ---- 2: what is accepted ---- */

/* Takes the reference of `rrset`, which may be NULL: memory is short. */
static int set_add(struct reading *r, const uint8_t *name, uint16_t type, struct find_rrset *rrset)
{
	struct find_answer_set *set;

	if (rrset == NULL)
		return -ENOMEM;
	set = base_arena_alloc(&r->out->arena, sizeof(*set));
	if (set == NULL) {
		find_rrset_release(rrset);
		return -ENOMEM;
	}
	*set = (struct find_answer_set){.name = name, .type = type, .rrset = rrset};
	*r->out->last = set;
	r->out->last = &set->next;
	return 0;
}

static uint64_t expiry(const struct reading *r, uint32_t ttl, uint32_t most)
{
	return r->now_ms + (uint64_t)(ttl < most ? ttl : most) * 1000;
}

/* Accepts a group as the RRset of `type` at its name. */
static int group_accept(struct reading *r, struct group *g, uint16_t type, bool is_additional)
{
	bool is_alias = g->type == DNS_TYPE_CNAME;
	unsigned nrecords = is_alias ? 1 : g->nrecords;
	struct find_rrset *rrset =
		find_rrset_new(is_alias ? FIND_RRSET_ALIAS : FIND_RRSET_DATA,
			       expiry(r, g->ttl, FIND_TTL_MAX_S), nrecords, g->nbytes);

	if (rrset != NULL) {
		rrset->is_additional = is_additional;
		for (const struct record *k = g->first; rrset->nrecords < nrecords; k = k->next)
			find_rrset_add(rrset, k->rdata, k->nbytes);
	}
	g->is_accepted = true;
	return set_add(r, g->name, type, rrset);
}

static int negative_accept(struct reading *r, const uint8_t *name, uint16_t type,
			   enum find_rrset_kind kind, uint32_t ttl, bool is_additional)
{
	struct find_rrset *rrset =
		find_rrset_new(kind, expiry(r, ttl, FIND_NEGATIVE_TTL_MAX_S), 0, 0);

	if (rrset != NULL)
		rrset->is_additional = is_additional;
	return set_add(r, name, type, rrset);
}

/* Accepts the group of an additional name, if it is in the message and not accepted yet. Returns
 * the group, or NULL with `status` 0 or -ENOMEM. */
static struct group *additional_accept(struct reading *r, const uint8_t *name, uint16_t type,
				       int *status)
{
	struct group *g = group_find(r, name, type, false);

	if (g == NULL)
		g = group_find(r, name, type, true);
	if (g == NULL || g->is_accepted || *status < 0)
		return g;
	*status = group_accept(r, g, type, true);
	return *status < 0 ? NULL : g;
}

/* ---- 4: hosts ---- */

static int host_accept(struct reading *r, const uint8_t *name)
{
	uint8_t lower[DNS_NAME_MAX];
	struct group *a, *aaaa;
	int status;

	status = base_seen_add(&r->seen, base_hash(lower, dns_name_lower(lower, name), SALT_HOST));
	if (status <= 0)
		return status;
	status = 0;
	a = additional_accept(r, name, DNS_TYPE_A, &status);
	aaaa = additional_accept(r, name, DNS_TYPE_AAAA, &status);
	if (status < 0 || !r->is_complete || (a == NULL) == (aaaa == NULL))
		return status;
	name = a != NULL ? a->name : aaaa->name;
	return negative_accept(r, name, a == NULL ? DNS_TYPE_A : DNS_TYPE_AAAA, FIND_RRSET_NODATA,
			       a != NULL ? a->ttl : aaaa->ttl, true);
}

static int targets_accept(struct reading *r, const struct group *srv)
{
	int status = 0;

	for (const struct record *k = srv->first; k != NULL && status == 0; k = k->next)
		status = host_accept(r, k->rdata + DNS_SRV_TARGET);
	return status;
}

static int instances_accept(struct reading *r, const struct group *ptr)
{
	int status = 0;

	for (const struct record *k = ptr->first; k != NULL && status == 0; k = k->next) {
		struct group *srv = additional_accept(r, k->rdata, DNS_TYPE_SRV, &status);

		additional_accept(r, k->rdata, DNS_TYPE_TXT, &status);
		if (srv != NULL && status == 0)
			status = targets_accept(r, srv);
	}
	return status;
}

/* ---- 3: what is denied ---- */

/* Accepts that there are no records at the end of the chain, `aliases` after the question. */
static int denial_accept(struct reading *r, const struct resolve_answer *message,
			 const uint8_t *name, uint16_t type, unsigned aliases,
			 char why[static FIND_ANSWER_WHY_MAX])
{
	bool has_soa = r->denial.zone != NULL && dns_name_is_under(name, r->denial.zone);
	bool is_nxdomain = message->rcode == DNS_RCODE_NXDOMAIN;
	const uint8_t *copy;

	if (!has_soa && !is_nxdomain && aliases > 0)
		return 0; /* the alias leads to where this server has nothing */
	if (!has_soa && !is_nxdomain && r->denial.is_referral && !message->is_authoritative) {
		snprintf(why, FIND_ANSWER_WHY_MAX, "the server refers to others");
		return -EHOSTUNREACH;
	}
	copy = base_arena_copy(&r->out->arena, name, dns_name_nbytes(name));
	if (copy == NULL)
		return -ENOMEM;
	return negative_accept(r, copy, type, is_nxdomain ? FIND_RRSET_NXDOMAIN : FIND_RRSET_NODATA,
			       has_soa ? r->denial.ttl : 0, false);
}

/* Follows the chain of aliases from the question to its records. */
static int chain_accept(struct reading *r, const struct resolve_answer *message,
			const uint8_t *name, uint16_t type, char why[static FIND_ANSWER_WHY_MAX])
{
	for (unsigned aliases = 0; aliases <= FIND_ALIASES_MAX; aliases++) {
		struct group *g = group_find(r, name, type, true);
		struct group *alias = group_find(r, name, DNS_TYPE_CNAME, true);
		int status;

		if (g == NULL && alias == NULL)
			return denial_accept(r, message, name, type, aliases, why);
		if (g == NULL && alias->is_accepted)
			break;
		status = group_accept(r, g != NULL ? g : alias, type, false);
		if (status < 0)
			return status;
		if (g != NULL && type == DNS_TYPE_PTR)
			return instances_accept(r, g);
		if (g != NULL)
			return type == DNS_TYPE_SRV ? targets_accept(r, g) : 0;
		name = alias->first->rdata;
	}
	snprintf(why, FIND_ANSWER_WHY_MAX, "its CNAME records are a loop, or more than %d",
		 FIND_ALIASES_MAX);
	return -EBADMSG;
}

int find_answer_read(struct find_answer *out, struct resolve_answer *message, const uint8_t *name,
		     uint16_t type, uint64_t now_ms, char why[static FIND_ANSWER_WHY_MAX])
{
	size_t nbytes = (size_t)(message->at.end - message->at.start);
	struct reading *r = calloc(1, sizeof(*r));
	int status = -ENOMEM;

	out->first = NULL;
	out->last = &out->first;
	base_arena_init(&out->arena, BLOCK_SIZE);
	why[0] = '\0';
	if (r != NULL) {
		r->out = out;
		r->now_ms = now_ms;
		r->is_complete =
			message->is_authoritative &&
			(nbytes + ROOM_LEAST <= RESOLVE_MESSAGE_UDP_MAX ||
			 (nbytes > RESOLVE_MESSAGE_UDP_MAX && nbytes + ROOM_LEAST <= DNS_MSG_MAX));
		status = records_read(r, message);
	}
	if (status == 0 && message->at.has_failed) {
		snprintf(why, FIND_ANSWER_WHY_MAX, "the answer is malformed");
		status = -EBADMSG;
	}
	if (status == 0)
		status = chain_accept(r, message, name, type, why);
	if (r != NULL)
		free(r->seen.slot);
	free(r);
	if (status < 0)
		find_answer_fini(out);
	return status;
}

void find_answer_fini(struct find_answer *a)
{
	for (struct find_answer_set *set = a->first; set != NULL; set = set->next)
		find_rrset_release(set->rrset);
	a->first = NULL;
	base_arena_fini(&a->arena);
}
