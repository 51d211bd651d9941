/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/size.h"

#include <errno.h>
#include <stdio.h>

#include "update/fail.h"
#include "update/sort.h"
#include "update/update_priv.h"
#include "view/view.h"
#include "zone/draft.h"
#include "zone/zone.h"

/* Returns whether the limits count a record: not a delete, and not a PTR that the view bounds. */
static bool is_counted(const struct update *u, const struct dns_update_record *r)
{
	return dns_update_is_added(r) &&
	       (u->pass.rule == NULL || view_target(u->zone, r->owner, r->type, r->rdata) == NULL);
}

static int refuse(struct update *u, const struct dns_update_record *r, enum zone_limit over,
		  int (*with)(struct update *u, enum update_bound bound,
			      const struct dns_update_record *record, const char *what))
{
	char limit[ZONE_LIMIT_TEXT_MAX], text[ZONE_LIMIT_TEXT_MAX + 8];

	snprintf(text, sizeof(text), "makes %s", zone_limit_text(limit, over, &u->limits));
	return with(u, UPDATE_BOUND_SIZE, r, text);
}

/* ---- before anything is changed ---- */

/* Returns whether all records fit whichever are there already: a test in one walk, which nearly
 * every update passes. */
static bool has_room(struct update *u)
{
	const struct dns_update *m = &u->message;
	uint64_t nbytes = 0;

	for (unsigned i = 0; i < m->nupdates; i++)
		if (is_counted(u, &m->update[i]))
			nbytes += ZONE_LIMIT_RECORD_HEAD + (uint64_t)m->update[i].nbytes;
	for (unsigned i = 0; i < m->nupdates; i++) {
		const struct dns_update_record *r = &m->update[i];

		if (is_counted(u, r) && !zone_draft_has_room(u->draft, &u->limits, r->owner,
							     r->type, m->nupdates, nbytes))
			return false;
	}
	return true;
}

static bool has_deletes(const struct dns_update *m)
{
	for (unsigned i = 0; i < m->nupdates; i++)
		if (m->update[i].rrclass != DNS_CLASS_IN)
			return true;
	return false;
}

/* What a name, and one of its RRsets, will hold. */
struct sum {
	uint64_t nrrsets, nrecords, rrset_nbytes, name_nbytes;
};

static enum zone_limit over(const struct sum *s, const struct zone_limits *limits)
{
	if (s->nrrsets > limits->rrsets)
		return ZONE_LIMIT_OF_RRSETS;
	if (s->nrecords > limits->records)
		return ZONE_LIMIT_OF_RECORDS;
	if (s->rrset_nbytes > limits->rrset_nbytes)
		return ZONE_LIMIT_OF_RRSET_NBYTES;
	return s->name_nbytes > limits->name_nbytes ? ZONE_LIMIT_OF_NAME_NBYTES : ZONE_LIMIT_NONE;
}

static void sum_name(struct update *u, struct sum *s, const uint8_t *owner)
{
	s->nrrsets = zone_draft_count(u->draft, owner);
	s->name_nbytes = zone_draft_nbytes(u->draft, owner);
}

static void sum_rrset(struct update *u, struct sum *s, const struct dns_update_record *r)
{
	struct zone_rrset set;
	bool is_there = zone_draft_measure(u->draft, r->owner, r->type, &set);

	s->nrrsets += !is_there;
	s->nrecords = is_there ? set.count : 0;
	s->rrset_nbytes = is_there ? zone_limit_nbytes(set.count, set.nbytes) : 0;
}

/* Adds up the sorted records, each once, to what the zone has. Returns the record that goes over a
 * limit, which is written to `limit`, or NULL. */
static const struct dns_update_record *find_over(struct update *u,
						 const struct dns_update_record *const *sorted,
						 size_t n, enum zone_limit *limit)
{
	const struct dns_update_record *last = NULL;
	struct sum s = {0};

	for (size_t i = 0; i < n; i++) {
		const struct dns_update_record *r = sorted[i];
		bool is_name = last != NULL && dns_name_equal(last->owner, r->owner);
		uint64_t nbytes = ZONE_LIMIT_RECORD_HEAD + (uint64_t)r->nbytes;

		if (i > 0 && update_sort_compare(sorted[i - 1], r) == 0)
			continue;
		if (zone_draft_has(u->draft, r->owner, r->type, r->rdata, r->nbytes))
			continue;
		if (!is_name)
			sum_name(u, &s, r->owner);
		if (!is_name || last->type != r->type)
			sum_rrset(u, &s, r);
		last = r;
		s.nrecords++;
		s.rrset_nbytes += nbytes;
		s.name_nbytes += nbytes;
		if ((*limit = over(&s, &u->limits)) != ZONE_LIMIT_NONE)
			return r;
	}
	return NULL;
}

int update_size_check(struct update *u)
{
	const struct dns_update *m = &u->message;
	const struct dns_update_record **sorted, *r;
	enum zone_limit limit;
	size_t n = 0;

	if (has_deletes(m) || has_room(u))
		return 0;
	sorted = base_arena_alloc(&u->message.arena, m->nupdates * sizeof(*sorted));
	if (sorted == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < m->nupdates; i++)
		if (is_counted(u, &m->update[i]))
			sorted[n++] = &m->update[i];
	update_sort(sorted, n);
	r = find_over(u, sorted, n, &limit);
	return r == NULL ? 0 : refuse(u, r, limit, update_refuse_record);
}

/* ---- while records are added ---- */

int update_size_add(struct update *u, const struct dns_update_record *r, uint32_t ttl)
{
	enum zone_limit limit = ZONE_LIMIT_NONE;
	int ret = zone_draft_add_within(u->draft, is_counted(u, r) ? &u->limits : NULL, r->owner,
					r->type, ttl, r->rdata, r->nbytes, &limit);

	return ret == -E2BIG ? refuse(u, r, limit, update_refuse_record_late) : ret;
}
