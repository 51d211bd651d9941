/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/cache.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/hash.h"
#include "fabric/derive.h"
#include "fabric/uses.h"

/* Space for 10,000 keys and some more; a key that is not in the table is derived for each message.
 */
enum { SETS = 2048, WAYS = 8 };

struct entry {
	struct dns_tsig_key key;
	uint64_t ring;
	uint32_t epoch;
	bool is_old;		/* its epoch is not the newest of its fabric, in this ring */
	bool is_unrecorded;	/* the table of uses has no room for it */
	struct fabric_use *use; /* NULL: not recorded yet, or not at all */
};

struct set {
	uint64_t tag[WAYS]; /* hash of name and algorithm; 0: free */
	uint8_t next;	    /* the way to be replaced next */
};

struct fabric_cache {
	struct fabric_uses *uses; /* NULL: uses are not recorded */
	uint64_t seed; /* random: nobody can choose names that meet in one set */
	/* the search in progress: from attempt 0 to the last one of a name */
	struct entry derived; /* the key derived last */
	uint64_t tag;
	unsigned next;	/* index of the epoch to try */
	uint32_t tried; /* number of the epoch whose key was in the table; 0: none was */
	struct set sets[SETS];
	struct entry entries[SETS * WAYS];
};

struct fabric_cache *fabric_cache_new(void)
{
	/* Large enough for calloc to map pages, which cost nothing until they are used. */
	struct fabric_cache *c = calloc(1, sizeof(*c));

	if (c != NULL)
		randombytes_buf(&c->seed, sizeof(c->seed));
	return c;
}

void fabric_cache_free(struct fabric_cache *c)
{
	if (c == NULL)
		return;
	for (unsigned i = 0; i < SETS * WAYS; i++)
		if (c->sets[i / WAYS].tag[i % WAYS] != 0)
			dns_tsig_key_fini(&c->entries[i].key);
	dns_tsig_key_fini(&c->derived.key);
	free(c);
}

static uint64_t tag_of(const struct fabric_cache *c, const struct dns_tsig_search *s)
{
	uint64_t tag = base_hash(s->name, s->nbytes, c->seed + s->hash);

	return tag == 0 ? 1 : tag;
}

static bool is_for(const struct entry *e, const struct fabric_ring *ring,
		   const struct dns_tsig_search *s)
{
	return e->ring == ring->id && e->key.algorithm.hash == s->hash &&
	       e->key.name_nbytes == s->nbytes && memcmp(e->key.name, s->name, s->nbytes) == 0;
}

static const struct entry *entry_find(const struct fabric_cache *c, const struct fabric_ring *ring,
				      const struct dns_tsig_search *s)
{
	size_t set = c->tag % SETS;

	for (unsigned i = 0; i < WAYS; i++) {
		const struct entry *e = &c->entries[set * WAYS + i];

		if (c->sets[set].tag[i] == c->tag && is_for(e, ring, s))
			return e;
	}
	return NULL;
}

/* Returns whether keys of the epoch with that number are valid now. */
static bool is_valid(const struct fabric_ring_entry *of, uint32_t epoch, uint64_t now_s)
{
	const struct fabric *f = of->fabric;

	for (unsigned i = 0; i < f->nepochs; i++)
		if (f->epoch[i].number == epoch)
			return fabric_epoch_is_valid(f, i, of->overlap_s, now_s);
	return false;
}

static const struct dns_tsig_key *key_derive(struct fabric_cache *c, const struct fabric_ring *ring,
					     const struct fabric_epoch *epoch, bool is_old,
					     const struct dns_tsig_search *s)
{
	struct dns_tsig_algorithm algorithm = {s->hash, (uint8_t)dns_hmac_nbytes(s->hash)};
	uint8_t secret[DNS_HMAC_MAX];
	size_t nbytes = fabric_derive(secret, epoch, s->name, s->hash);

	dns_tsig_key_init(&c->derived.key, s->name, algorithm, secret, nbytes);
	sodium_memzero(secret, sizeof(secret));
	c->derived.ring = ring->id;
	c->derived.epoch = epoch->number;
	c->derived.is_old = is_old;
	c->derived.is_unrecorded = false;
	c->derived.use = NULL;
	return &c->derived.key;
}

const struct dns_tsig_key *fabric_cache_find(struct fabric_cache *c, const struct fabric_ring *ring,
					     const struct fabric_revoked *revoked,
					     struct dns_tsig_search *s, uint64_t now_s)
{
	const struct fabric_ring_entry *of = fabric_ring_find(ring, s->name);
	const struct fabric_epoch *epoch;
	const struct entry *cached;

	if (of == NULL)
		return NULL;
	if (s->attempt == 0) {
		if (fabric_revoked_find(revoked, s->name, s->nbytes) != NULL) {
			s->refusal = DNS_TSIG_REVOKED;
			return NULL;
		}
		c->next = 0;
		c->tag = tag_of(c, s);
		cached = entry_find(c, ring, s);
		c->tried = cached != NULL && is_valid(of, cached->epoch, now_s) ? cached->epoch : 0;
		if (c->tried != 0)
			return &cached->key;
	}
	if (c->next < of->fabric->nepochs && of->fabric->epoch[c->next].number == c->tried)
		c->next++;
	if (c->next >= of->fabric->nepochs)
		return NULL;
	epoch = &of->fabric->epoch[c->next];
	if (!fabric_epoch_is_valid(of->fabric, c->next++, of->overlap_s, now_s)) {
		s->refusal = DNS_TSIG_PAST;
		s->epoch = epoch->number;
	}
	return key_derive(c, ring, epoch, epoch != &of->fabric->epoch[0], s);
}

/* Chooses the entry to replace: first one of the same name and algorithm, which is of an older
 * epoch or ring, then a free one, then the next in turn. */
static unsigned way_choose(const struct fabric_cache *c, struct set *set)
{
	for (unsigned i = 0; i < WAYS; i++)
		if (set->tag[i] == c->tag)
			return i;
	for (unsigned i = 0; i < WAYS; i++)
		if (set->tag[i] == 0)
			return i;
	return set->next++ % WAYS;
}

void fabric_cache_add(struct fabric_cache *c, const struct dns_tsig_key *key)
{
	size_t at;
	unsigned way;

	if (c == NULL || key != &c->derived.key)
		return;
	at = c->tag % SETS;
	way = way_choose(c, &c->sets[at]);
	c->sets[at].tag[way] = c->tag;
	c->entries[at * WAYS + way] = c->derived;
}

void fabric_cache_share(struct fabric_cache *c, struct fabric_uses *uses)
{
	c->uses = uses;
}

uint32_t fabric_cache_use(struct fabric_cache *c, const struct dns_tsig_key *key, uint64_t now_s)
{
	struct entry *e = (struct entry *)((char *)(uintptr_t)key - offsetof(struct entry, key));

	if (c == NULL || (e != &c->derived && (e < c->entries || e >= c->entries + SETS * WAYS)))
		return 0;
	/* A full table stays full: its lock is not taken for each request that it cannot record. */
	if (e->use == NULL && !e->is_unrecorded) {
		e->use = fabric_uses_get(c->uses, e->key.name, e->epoch, now_s);
		e->is_unrecorded = e->use == NULL;
	}
	if (e->use != NULL) {
		atomic_store_explicit(&e->use->last_s, now_s, memory_order_relaxed);
		atomic_fetch_add_explicit(&e->use->requests, 1, memory_order_relaxed);
	}
	return e->is_old ? e->epoch : 0;
}
