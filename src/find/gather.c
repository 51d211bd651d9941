/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "find/gather.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dns/rdata.h"
#include "dns/type.h"

enum {
	SALT = 0x6761,
	TRIES_MAX = 3,
	MARGIN_MS = 1, /* a question ends before its look-up, which can then report why */
};

/* ---- slots ---- */

static struct find_gather_slot **bucket_of(const struct find_gather *g, const uint8_t *name,
					   uint16_t type)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t nbytes = dns_name_lower(lower, name);

	return (struct find_gather_slot **)&g
		->buckets[base_hash(lower, nbytes, SALT + type) % FIND_GATHER_BUCKETS];
}

static struct find_gather_slot *slot_find(const struct find_gather *g, const uint8_t *name,
					  uint16_t type)
{
	struct find_gather_slot *s = *bucket_of(g, name, type);

	while (s != NULL && (s->type != type || !dns_name_equal(s->name, name)))
		s = s->next;
	return s;
}

static void queue_add(struct find_gather *g, struct find_gather_slot *s)
{
	s->next_queued = NULL;
	if (g->first_queued == NULL)
		g->last_queued = &g->first_queued;
	*g->last_queued = s;
	g->last_queued = &s->next_queued;
}

/* Returns the slot, new if need be; NULL if there are too many, or memory is short. */
static struct find_gather_slot *slot_get(struct find_gather *g, const uint8_t *name, uint16_t type)
{
	struct find_gather_slot *s = slot_find(g, name, type), **bucket;

	if (s != NULL || g->nslots == FIND_GATHER_MAX)
		return s;
	s = calloc(1, sizeof(*s));
	if (s == NULL) {
		g->is_short = true;
		return NULL;
	}
	s->gather = g;
	s->type = type;
	memcpy(s->name, name, dns_name_nbytes(name));
	bucket = bucket_of(g, name, type);
	s->next = *bucket;
	*bucket = s;
	g->nslots++;
	return s;
}

static void error_set(struct find_gather *g, int error, const char *why)
{
	if (g->error != 0)
		return;
	g->error = error == -ENOENT ? -EADDRNOTAVAIL : error;
	snprintf(g->why, sizeof(g->why), "%s", why);
}

/* Keeps the RRset, unless all of them would be too large, and forgets what was stale. */
static void slot_set(struct find_gather_slot *s, struct find_rrset *rrset)
{
	struct find_gather *g = s->gather;

	if (rrset->size > FIND_GATHER_NBYTES_MAX - g->nbytes) {
		error_set(g, -EBADMSG, "the answers are too large");
	} else {
		find_rrset_release(s->rrset);
		s->rrset = find_rrset_acquire(rrset);
		g->nbytes += rrset->size;
	}
	find_rrset_release(s->stale);
	s->stale = NULL;
}

/* Has the cache forget what an additional RRset does not replace there: it has proved to be
 * wrong. */
static void cache_renew(struct find_gather *g, const struct find_answer_set *set, uint64_t now_ms)
{
	struct find_cache *cache = &g->find->questions.cache;
	struct find_rrset *cached = find_cache_find(cache, set->name, set->type);

	if (cached == NULL || cached == set->rrset)
		return;
	cached->expires_ms = now_ms;
	find_cache_add(cache, set->name, set->type, set->rrset, now_ms);
}

/* Keeps an RRset that came with an answer, for when it is needed: it may be too short-lived for the
 * cache. */
static void slot_offer(struct find_gather *g, const struct find_answer_set *set)
{
	struct find_gather_slot *s = slot_get(g, set->name, set->type);

	if (s != NULL && s->rrset == NULL && !s->is_needed)
		slot_set(s, set->rrset);
}

/* ---- what is needed ---- */

static void need(struct find_gather *g, const uint8_t *name, uint16_t type, unsigned naliases)
{
	struct find_gather_slot *s = slot_get(g, name, type);

	if (s == NULL || s->is_needed)
		return;
	s->is_needed = true;
	s->naliases = (uint8_t)naliases;
	queue_add(g, s);
}

/* Needs what the records of a slot lead to. All of it is queued, so that this is not recursive. */
static void slot_expand(struct find_gather *g, const struct find_gather_slot *s)
{
	struct find_rdata r;
	size_t at = 0;

	if (s->rrset == NULL)
		return;
	if (s->rrset->kind == FIND_RRSET_ALIAS && s->naliases < FIND_ALIASES_MAX &&
	    find_rrset_next(s->rrset, &at, &r))
		need(g, r.bytes, s->type, s->naliases + 1u);
	if (s->rrset->kind != FIND_RRSET_DATA)
		return;
	for (unsigned n = 0; n < FIND_GATHER_INSTANCES_MAX; n++) {
		if ((s->type != DNS_TYPE_PTR && s->type != DNS_TYPE_SRV) ||
		    !find_rrset_next(s->rrset, &at, &r))
			break;
		if (s->type == DNS_TYPE_PTR && !g->has_no_targets) {
			need(g, r.bytes, DNS_TYPE_SRV, 0);
			need(g, r.bytes, DNS_TYPE_TXT, 0);
		} else if (s->type == DNS_TYPE_SRV && r.bytes[DNS_SRV_TARGET] != 0) {
			need(g, r.bytes + DNS_SRV_TARGET, DNS_TYPE_A, 0);
			need(g, r.bytes + DNS_SRV_TARGET, DNS_TYPE_AAAA, 0);
		}
	}
}

void find_gather_need(struct find_gather *g, const uint8_t *name, uint16_t type)
{
	need(g, name, type, 0);
}

/* ---- asking ---- */

static void use_stale(struct find_gather *g, struct find_gather_slot *s)
{
	slot_set(s, s->stale);
	s->is_stale = true;
	slot_expand(g, s);
}

/* Returns whether an RRset may be used past its TTL. That there is nothing to be found is not
 * believed then; that a host has no addresses of one family is. */
static bool is_usable_stale(const struct find_gather_slot *s, const struct find_rrset *rrset)
{
	return rrset->kind == FIND_RRSET_DATA || rrset->kind == FIND_RRSET_ALIAS ||
	       (rrset->kind == FIND_RRSET_NODATA && s->type != DNS_TYPE_SRV);
}

/* Takes what the cache has, fresh or stale. Returns whether the slot needs nothing more. */
static bool cache_take(struct find_gather *g, struct find_gather_slot *s, uint64_t now_ms)
{
	struct find *f = g->find;
	struct find_rrset *rrset = find_cache_find(&f->questions.cache, s->name, s->type);

	if (rrset == NULL)
		return false;
	if (g->is_anew && rrset->expires_ms > now_ms)
		rrset->expires_ms = now_ms;
	if (rrset->expires_ms > now_ms) {
		slot_set(s, rrset);
		return true;
	}
	if (s->stale == NULL && is_usable_stale(s, rrset) &&
	    now_ms - rrset->expires_ms < f->stale_ms)
		s->stale = find_rrset_acquire(rrset);
	return false;
}

static void on_answer(void *arg, const struct find_answer *answer, int error, const char *why,
		      uint64_t now_ms)
{
	struct find_gather_slot *s = arg;
	struct find_gather *g = s->gather;

	g->nasked--;
	if (answer != NULL) {
		slot_set(s, answer->first->rrset);
		for (const struct find_answer_set *set = answer->first->next; set != NULL;
		     set = set->next) {
			slot_offer(g, set);
			if (g->is_anew)
				cache_renew(g, set, now_ms);
		}
		slot_expand(g, s);
	} else if (error == -ETIMEDOUT && s->ntries < TRIES_MAX &&
		   now_ms + MARGIN_MS < g->deadline_ms) {
		queue_add(g, s); /* the question's time was that of another look-up */
	} else if (s->stale != NULL) {
		use_stale(g, s);
	} else {
		error_set(g, error, why);
	}
	find_gather_continue(g, now_ms);
}

/* Does what a queued slot needs. */
static void slot_begin(struct find_gather *g, struct find_gather_slot *s, uint64_t now_ms)
{
	struct find_questions *q = &g->find->questions;

	if (s->rrset != NULL || cache_take(g, s, now_ms)) {
		slot_expand(g, s);
		return;
	}
	s->ntries++;
	s->waiter.on_answer = on_answer;
	s->waiter.arg = s;
	if (find_question_wait(q, &s->waiter, s->name, s->type, g->deadline_ms - MARGIN_MS,
			       s->stale != NULL, now_ms) < 0) {
		g->is_short = true;
		return;
	}
	g->nasked++;
	if (s->stale == NULL || q->silent_until_ms <= now_ms)
		return;
	/* The question goes on for the cache; nobody waits for registries that are silent. */
	find_question_wait_end(&s->waiter);
	g->nasked--;
	use_stale(g, s);
}

void find_gather_continue(struct find_gather *g, uint64_t now_ms)
{
	while (g->first_queued != NULL && g->nasked < FIND_GATHER_PARALLEL) {
		struct find_gather_slot *s = g->first_queued;

		g->first_queued = s->next_queued;
		slot_begin(g, s, now_ms);
	}
	if (g->nasked == 0 && g->first_queued == NULL)
		g->on_complete(g->arg, now_ms);
}

bool find_gather_use_stale(struct find_gather *g)
{
	bool has_any = false;

	for (unsigned b = 0; b < FIND_GATHER_BUCKETS; b++)
		for (struct find_gather_slot *s = g->buckets[b]; s != NULL; s = s->next) {
			if (s->waiter.question == NULL || s->stale == NULL)
				continue;
			find_question_wait_end(&s->waiter);
			g->nasked--;
			use_stale(g, s);
			has_any = true;
		}
	return has_any;
}

/* ---- what was gathered ---- */

const struct find_rrset *find_gather_find(const struct find_gather *g, const uint8_t *name,
					  uint16_t type, bool *is_stale)
{
	for (unsigned aliases = 0; aliases <= FIND_ALIASES_MAX; aliases++) {
		const struct find_gather_slot *s = slot_find(g, name, type);
		struct find_rdata r;
		size_t at = 0;

		if (s == NULL || s->rrset == NULL)
			return NULL;
		*is_stale |= s->is_stale;
		if (s->rrset->kind != FIND_RRSET_ALIAS)
			return s->rrset;
		if (!find_rrset_next(s->rrset, &at, &r))
			return NULL;
		name = r.bytes;
	}
	return NULL;
}

void find_gather_fini(struct find_gather *g)
{
	for (unsigned b = 0; b < FIND_GATHER_BUCKETS; b++)
		while (g->buckets[b] != NULL) {
			struct find_gather_slot *s = g->buckets[b];

			g->buckets[b] = s->next;
			find_question_wait_end(&s->waiter);
			find_rrset_release(s->rrset);
			find_rrset_release(s->stale);
			free(s);
		}
}
