/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "reach/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/hash.h"

enum {
	BUCKETS = 1024,
	SALT_INSTANCE = 0x7265616d, /* of the hashes: of an instance, of one of its addresses */
	SALT_ADDRESS,
	FORGOTTEN_MS = 60000, /* after the end of a failure the next one is a first one again */
	TOOK_MOST_MS = 10000,
	TOOK_SHARE = 8, /* of a new value in the mean: one in eight */
};

/* What is known of an instance, or of an address. */
struct entry {
	struct base_hash_wide key;
	uint64_t until_ms;	    /* when the failure ends; 0: there was none */
	uint64_t lasting_ms;	    /* how long it counts */
	struct base_hash_wide used; /* of an instance: the key of the address in use */
	bool has_used;
	struct entry *next;	     /* in the bucket */
	struct entry *older, *newer; /* by the last change */
};

struct reach_memory {
	struct entry *buckets[BUCKETS];
	struct entry *oldest, *newest;
	unsigned n;
	uint64_t took_parts; /* mean of what connections took, in TOOK_SHAREs of a ms */
	bool has_took;
};

/* ---- keys ---- */

static struct base_hash_wide key_of_instance(const struct find_instance *i)
{
	uint8_t bytes[2 * DNS_NAME_MAX + sizeof(i->port) + sizeof(i->incarnation)];
	size_t n = dns_name_lower(bytes, i->name);

	n += dns_name_lower(bytes + n, i->target);
	memcpy(bytes + n, &i->port, sizeof(i->port));
	n += sizeof(i->port);
	memcpy(bytes + n, &i->incarnation, sizeof(i->incarnation));
	n += sizeof(i->incarnation);
	return base_hash_wide(bytes, n, SALT_INSTANCE);
}

static struct base_hash_wide key_of_address(const struct find_instance *i,
					    const struct sockaddr *address)
{
	struct base_hash_wide of = key_of_instance(i);
	char bytes[sizeof(of) + BASE_ADDRESS_TEXT_MAX] = {0};

	memcpy(bytes, &of, sizeof(of));
	base_address_to_text(bytes + sizeof(of), address);
	return base_hash_wide(bytes, sizeof(bytes), SALT_ADDRESS);
}

static bool key_equal(const struct base_hash_wide *a, const struct base_hash_wide *b)
{
	return a->high == b->high && a->low == b->low;
}

/* ---- entries ---- */

static struct entry *entry_find(const struct reach_memory *m, const struct base_hash_wide *key)
{
	struct entry *e = m->buckets[key->low % BUCKETS];

	while (e != NULL && !key_equal(&e->key, key))
		e = e->next;
	return e;
}

static void list_remove(struct reach_memory *m, struct entry *e)
{
	*(e->older != NULL ? &e->older->newer : &m->oldest) = e->newer;
	*(e->newer != NULL ? &e->newer->older : &m->newest) = e->older;
}

static void list_add(struct reach_memory *m, struct entry *e)
{
	e->older = m->newest;
	e->newer = NULL;
	*(m->newest != NULL ? &m->newest->newer : &m->oldest) = e;
	m->newest = e;
}

static void entry_remove(struct reach_memory *m, struct entry *e)
{
	struct entry **link = &m->buckets[e->key.low % BUCKETS];

	while (*link != e)
		link = &(*link)->next;
	*link = e->next;
	list_remove(m, e);
	m->n--;
	free(e);
}

/* Returns the entry with the key, made if there was none, as the newest; NULL if memory is short.
 */
static struct entry *entry_get(struct reach_memory *m, const struct base_hash_wide *key)
{
	struct entry *e = entry_find(m, key);

	if (e != NULL) {
		list_remove(m, e);
		list_add(m, e);
		return e;
	}
	e = calloc(1, sizeof(*e));
	if (e == NULL)
		return NULL;
	if (m->n == REACH_MEMORY_MAX)
		entry_remove(m, m->oldest);
	e->key = *key;
	e->next = m->buckets[key->low % BUCKETS];
	m->buckets[key->low % BUCKETS] = e;
	list_add(m, e);
	m->n++;
	return e;
}

/* Has the entry count as failed from now on. Connections that were begun together fail together:
 * that does not make the time longer. Returns whether it has failed before. */
static bool entry_fail(struct entry *e, uint64_t now_ms)
{
	bool has_failed = e->until_ms != 0 && now_ms < e->until_ms + FORGOTTEN_MS;

	if (!has_failed)
		e->lasting_ms = REACH_MEMORY_LEAST_MS;
	else if (now_ms >= e->until_ms)
		e->lasting_ms *= 2;
	if (e->lasting_ms > REACH_MEMORY_MOST_MS)
		e->lasting_ms = REACH_MEMORY_MOST_MS;
	e->until_ms = now_ms + e->lasting_ms;
	return has_failed;
}

static void key_fail(struct reach_memory *m, const struct base_hash_wide *key, uint64_t now_ms)
{
	struct entry *e = entry_get(m, key);

	if (e != NULL)
		entry_fail(e, now_ms);
}

static void key_forget(struct reach_memory *m, const struct base_hash_wide *key)
{
	struct entry *e = entry_find(m, key);

	if (e != NULL)
		entry_remove(m, e);
}

/* ---- the memory ---- */

struct reach_memory *reach_memory_new(void)
{
	return calloc(1, sizeof(struct reach_memory));
}

void reach_memory_free(struct reach_memory *m)
{
	while (m != NULL && m->oldest != NULL)
		entry_remove(m, m->oldest);
	free(m);
}

bool reach_memory_failed(struct reach_memory *m, const struct find_instance *i, uint64_t now_ms)
{
	struct base_hash_wide key = key_of_instance(i), used;
	struct entry *e = entry_get(m, &key);
	bool has_failed;

	if (e == NULL)
		return false;
	has_failed = entry_fail(e, now_ms);
	if (e->has_used) {
		used = e->used; /* making an entry may remove this one */
		key_fail(m, &used, now_ms);
	}
	return has_failed;
}

static void took_add(struct reach_memory *m, uint64_t took_ms)
{
	uint64_t took = took_ms < TOOK_MOST_MS ? took_ms : TOOK_MOST_MS;

	if (m->has_took)
		m->took_parts += took - m->took_parts / TOOK_SHARE;
	else
		m->took_parts = took * TOOK_SHARE;
	m->has_took = true;
}

void reach_memory_succeeded(struct reach_memory *m, const struct find_instance *i,
			    const struct sockaddr *address, uint64_t took_ms)
{
	struct base_hash_wide key = key_of_instance(i), of_address = key_of_address(i, address);

	took_add(m, took_ms);
	key_forget(m, &key);
	key_forget(m, &of_address);
	reach_memory_used(m, i, address);
}

uint64_t reach_memory_bad_until(const struct reach_memory *m, const struct find_instance *i)
{
	struct base_hash_wide key = key_of_instance(i);
	const struct entry *e = entry_find(m, &key);

	return e != NULL ? e->until_ms : 0;
}

bool reach_memory_is_bad(const struct reach_memory *m, const struct find_instance *i,
			 uint64_t now_ms)
{
	return now_ms < reach_memory_bad_until(m, i);
}

void reach_memory_address_failed(struct reach_memory *m, const struct find_instance *i,
				 const struct sockaddr *address, uint64_t now_ms)
{
	struct base_hash_wide key = key_of_address(i, address);

	key_fail(m, &key, now_ms);
}

void reach_memory_used(struct reach_memory *m, const struct find_instance *i,
		       const struct sockaddr *address)
{
	struct base_hash_wide key = key_of_instance(i);
	struct entry *e = entry_get(m, &key);

	if (e == NULL)
		return;
	e->used = key_of_address(i, address);
	e->has_used = true;
}

uint64_t reach_memory_address_bad_until(const struct reach_memory *m, const struct find_instance *i,
					const struct sockaddr *address, uint64_t now_ms)
{
	struct base_hash_wide key = key_of_address(i, address);
	const struct entry *e = entry_find(m, &key);

	return e != NULL && now_ms < e->until_ms ? e->until_ms : 0;
}

unsigned reach_memory_patience_ms(const struct reach_memory *m)
{
	uint64_t ms = 4 * m->took_parts / TOOK_SHARE;

	if (!m->has_took)
		return REACH_PATIENCE_MS;
	if (ms < REACH_PATIENCE_LEAST_MS)
		return REACH_PATIENCE_LEAST_MS;
	return ms < REACH_PATIENCE_MOST_MS ? (unsigned)ms : REACH_PATIENCE_MOST_MS;
}
