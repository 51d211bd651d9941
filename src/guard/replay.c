/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Keys are spread over parts, each with a lock and a table of its keys. A key has a table of
 * entries with open addressing, at most three quarters full, which doubles until it has its most
 * or all keys together have theirs. Entries are never removed one by one: a full table is made
 * anew without those that the fudge refuses by now, and, if that is not enough, without the older
 * half of the rest. */
#include "guard/replay.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dns/tsig.h"
#include "dns/type.h"

enum {
	PARTS = 64,
	SLOTS = 256,	 /* of a part's table of keys */
	ENTRIES_MIN = 8, /* of a key's table */
	SWEEP_S = 60,	 /* between two searches for keys that are not used any more */
	ENTRIES_MAX = GUARD_REPLAY_PER_KEY / 3 * 4,
};

enum state { FREE, IN_HAND, DONE, NOT_DONE };

struct entry {
	uint64_t print; /* of MAC and time */
	uint64_t time_s : 48, rcode : 8, state : 2, has_lease : 1, has_key_lease : 1;
	uint32_t lease_s, key_lease_s;
};

struct key_memory {
	struct key_memory *next;
	struct entry *entries;
	uint32_t capacity, count; /* `capacity` is a power of two */
	uint64_t floor_s;	  /* what was signed earlier may have been forgotten */
	uint64_t newest_s;
	uint8_t name_nbytes;
	uint8_t name[];
};

struct part {
	pthread_mutex_t lock;
	uint64_t swept_s;
	struct key_memory *slots[SLOTS];
};

struct guard_replay {
	_Atomic uint64_t floor_s; /* what was signed earlier is not taken */
	_Atomic uint64_t nbytes;  /* of all entries */
	struct part parts[PARTS];
};

struct guard_replay *guard_replay_new(void)
{
	struct guard_replay *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	for (unsigned i = 0; i < PARTS; i++)
		pthread_mutex_init(&r->parts[i].lock, NULL);
	return r;
}

static void key_free(struct guard_replay *r, struct key_memory *k)
{
	atomic_fetch_sub_explicit(&r->nbytes, k->capacity * sizeof(*k->entries),
				  memory_order_relaxed);
	free(k->entries);
	free(k);
}

void guard_replay_free(struct guard_replay *r)
{
	if (r == NULL)
		return;
	for (unsigned i = 0; i < PARTS; i++) {
		for (unsigned slot = 0; slot < SLOTS; slot++)
			while (r->parts[i].slots[slot] != NULL) {
				struct key_memory *k = r->parts[i].slots[slot];

				r->parts[i].slots[slot] = k->next;
				key_free(r, k);
			}
		pthread_mutex_destroy(&r->parts[i].lock);
	}
	free(r);
}

/* ---- keys ---- */

/* No signature of that time is within the fudge any more. */
static bool is_past(uint64_t time_s, uint64_t now_s)
{
	return time_s + DNS_TSIG_FUDGE_S < now_s;
}

/* Frees the keys whose entries are all past. */
static void sweep(struct guard_replay *r, struct part *p, uint64_t now_s)
{
	p->swept_s = now_s;
	for (unsigned slot = 0; slot < SLOTS; slot++)
		for (struct key_memory **at = &p->slots[slot]; *at != NULL;) {
			struct key_memory *k = *at;

			if (is_past(k->newest_s, now_s)) {
				*at = k->next;
				key_free(r, k);
			} else {
				at = &k->next;
			}
		}
}

static struct key_memory *key_find(const struct part *p, uint64_t hash, const uint8_t *name,
				   size_t nbytes)
{
	struct key_memory *k = p->slots[hash / PARTS % SLOTS];

	while (k != NULL && (k->name_nbytes != nbytes || memcmp(k->name, name, nbytes) != 0))
		k = k->next;
	return k;
}

/* Returns the key's memory, made if there is none. Returns NULL if memory is short. */
static struct key_memory *key_take(struct guard_replay *r, struct part *p, uint64_t hash,
				   const uint8_t *name, size_t nbytes)
{
	struct key_memory *k = key_find(p, hash, name, nbytes);

	if (k != NULL)
		return k;
	k = calloc(1, sizeof(*k) + nbytes);
	if (k == NULL || (k->entries = calloc(ENTRIES_MIN, sizeof(*k->entries))) == NULL) {
		free(k);
		return NULL;
	}
	k->capacity = ENTRIES_MIN;
	k->name_nbytes = (uint8_t)nbytes;
	memcpy(k->name, name, nbytes);
	k->next = p->slots[hash / PARTS % SLOTS];
	p->slots[hash / PARTS % SLOTS] = k;
	atomic_fetch_add_explicit(&r->nbytes, ENTRIES_MIN * sizeof(*k->entries),
				  memory_order_relaxed);
	return k;
}

/* ---- entries ---- */

/* Returns the entry of `print`, or the free one where it belongs. */
static struct entry *entry_at(struct entry *entries, uint32_t capacity, uint64_t print)
{
	uint32_t i = (uint32_t)print & (capacity - 1);

	while (entries[i].state != FREE && entries[i].print != print)
		i = (i + 1) & (capacity - 1);
	return &entries[i];
}

/* Returns the time such that at most half of the entries were signed then or later. The fudge holds
 * all times near `now_s`. */
static uint64_t newer_half(const struct key_memory *k, uint64_t now_s)
{
	uint32_t count[2 * DNS_TSIG_FUDGE_S + 1] = {0}, n = 0;
	uint64_t time_s = now_s + DNS_TSIG_FUDGE_S;

	for (uint32_t i = 0; i < k->capacity; i++) {
		uint64_t ahead_s = time_s - k->entries[i].time_s;

		if (k->entries[i].state != FREE && ahead_s <= 2 * DNS_TSIG_FUDGE_S)
			count[ahead_s]++;
	}
	for (unsigned i = 0; n + count[i] <= k->count / 2 && i < 2 * DNS_TSIG_FUDGE_S; i++) {
		n += count[i];
		time_s--;
	}
	return time_s + 1;
}

/* Makes the table anew, of `capacity`, with the entries that were not signed before `floor_s`.
 * Returns false if memory is short. */
static bool rebuild(struct guard_replay *r, struct key_memory *k, uint32_t capacity,
		    uint64_t floor_s)
{
	struct entry *entries = calloc(capacity, sizeof(*entries));

	if (entries == NULL)
		return false;
	k->count = 0;
	for (uint32_t i = 0; i < k->capacity; i++)
		if (k->entries[i].state != FREE && k->entries[i].time_s >= floor_s) {
			*entry_at(entries, capacity, k->entries[i].print) = k->entries[i];
			k->count++;
		}
	free(k->entries);
	atomic_fetch_add_explicit(&r->nbytes, (capacity - k->capacity) * sizeof(*entries),
				  memory_order_relaxed);
	k->entries = entries;
	k->capacity = capacity;
	return true;
}

static uint32_t count_current(const struct key_memory *k, uint64_t now_s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < k->capacity; i++)
		n += k->entries[i].state != FREE && !is_past(k->entries[i].time_s, now_s);
	return n;
}

/* Makes room for one more entry: first without those that are past, then by a larger table, then
 * without the older half. Returns false if memory is short. */
static bool make_room(struct guard_replay *r, struct key_memory *k, uint64_t now_s)
{
	uint64_t oldest_s = now_s > DNS_TSIG_FUDGE_S ? now_s - DNS_TSIG_FUDGE_S : 0, floor_s;

	if (k->count < k->capacity / 4 * 3)
		return true;
	if (count_current(k, now_s) < k->capacity / 8 * 3)
		return rebuild(r, k, k->capacity, oldest_s);
	if (k->capacity < ENTRIES_MAX &&
	    atomic_load_explicit(&r->nbytes, memory_order_relaxed) < GUARD_REPLAY_NBYTES)
		return rebuild(r, k, k->capacity * 2, oldest_s);
	floor_s = newer_half(k, now_s);
	if (!rebuild(r, k, k->capacity, floor_s))
		return false;
	k->floor_s = floor_s;
	return true;
}

/* ---- updates ---- */

/* A captured MAC can be shortened to what the key accepts, so the rest does not count. */
static uint64_t print_of(const struct dns_tsig *t)
{
	return base_hash(t->mac, t->key->algorithm.mac_min, t->time_signed_s);
}

static struct part *part_lock(struct guard_replay *r, const uint8_t *name, size_t nbytes,
			      uint64_t *hash)
{
	struct part *p;

	*hash = base_hash(name, nbytes, 0);
	p = &r->parts[*hash % PARTS];
	pthread_mutex_lock(&p->lock);
	return p;
}

/* A floor beyond what the fudge admits is of a clock that was set back since. */
static bool is_below(uint64_t time_s, uint64_t floor_s, uint64_t now_s)
{
	return time_s < floor_s && floor_s <= now_s + DNS_TSIG_FUDGE_S + 1;
}

static enum guard_replay_verdict seen(struct entry *e, struct guard_replay_answer *answer)
{
	if (e->state == NOT_DONE) {
		e->state = IN_HAND;
		return GUARD_REPLAY_NEW;
	}
	if (e->state == IN_HAND)
		return GUARD_REPLAY_IN_HAND;
	*answer = (struct guard_replay_answer){.rcode = e->rcode,
					       .lease = {.is_present = e->has_lease,
							 .has_key = e->has_key_lease,
							 .lease_s = e->lease_s,
							 .key_lease_s = e->key_lease_s}};
	return GUARD_REPLAY_DONE;
}

static enum guard_replay_verdict take(struct guard_replay *r, struct key_memory *k,
				      const struct dns_tsig *t, uint64_t now_s,
				      struct guard_replay_answer *answer)
{
	uint64_t print = print_of(t);
	struct entry *e = entry_at(k->entries, k->capacity, print);

	if (e->state != FREE)
		return seen(e, answer);
	if (is_below(t->time_signed_s, atomic_load_explicit(&r->floor_s, memory_order_relaxed),
		     now_s) ||
	    is_below(t->time_signed_s, k->floor_s, now_s))
		return GUARD_REPLAY_OLD;
	if (!make_room(r, k, now_s) || is_below(t->time_signed_s, k->floor_s, now_s))
		return GUARD_REPLAY_OLD;
	*entry_at(k->entries, k->capacity, print) = (struct entry){
		.print = print, .time_s = t->time_signed_s & 0xffffffffffff, .state = IN_HAND};
	k->count++;
	if (k->newest_s < t->time_signed_s)
		k->newest_s = t->time_signed_s;
	return GUARD_REPLAY_NEW;
}

enum guard_replay_verdict guard_replay_begin(struct guard_replay *r, const struct dns_tsig *tsig,
					     uint64_t now_s, struct guard_replay_answer *answer)
{
	uint64_t hash;
	struct part *p = part_lock(r, tsig->key->name, tsig->key->name_nbytes, &hash);
	struct key_memory *k;
	enum guard_replay_verdict verdict = GUARD_REPLAY_OLD;

	if (now_s >= p->swept_s + SWEEP_S || now_s < p->swept_s)
		sweep(r, p, now_s);
	k = key_take(r, p, hash, tsig->key->name, tsig->key->name_nbytes);
	if (k != NULL)
		verdict = take(r, k, tsig, now_s, answer);
	pthread_mutex_unlock(&p->lock);
	return verdict;
}

int guard_replay_forget(struct guard_replay *r, const uint8_t *key, uint64_t time_s)
{
	struct key_memory *k;
	struct part *p;
	uint64_t hash;
	size_t n;

	if (key == NULL) {
		atomic_store_explicit(&r->floor_s, time_s, memory_order_relaxed);
		return 0;
	}
	n = dns_name_nbytes(key);
	p = part_lock(r, key, n, &hash);
	k = key_take(r, p, hash, key, n);
	if (k != NULL) {
		k->floor_s = time_s;
		k->newest_s = time_s;
	}
	pthread_mutex_unlock(&p->lock);
	return k == NULL ? -ENOMEM : 0;
}

void guard_replay_end(struct guard_replay *r, const struct dns_tsig *tsig,
		      const struct guard_replay_answer *answer)
{
	uint64_t hash;
	struct part *p = part_lock(r, tsig->key->name, tsig->key->name_nbytes, &hash);
	struct key_memory *k = key_find(p, hash, tsig->key->name, tsig->key->name_nbytes);
	struct entry *e = NULL;

	/* It may have been forgotten meanwhile; then nothing signed so early is taken. */
	if (k != NULL)
		e = entry_at(k->entries, k->capacity, print_of(tsig));
	if (e != NULL && e->state != FREE) {
		e->state = answer == NULL || answer->rcode == DNS_RCODE_SERVFAIL ? NOT_DONE : DONE;
		if (answer != NULL) {
			e->rcode = answer->rcode;
			e->has_lease = answer->lease.is_present;
			e->has_key_lease = answer->lease.has_key;
			e->lease_s = answer->lease.lease_s;
			e->key_lease_s = answer->lease.key_lease_s;
		}
	}
	pthread_mutex_unlock(&p->lock);
}
