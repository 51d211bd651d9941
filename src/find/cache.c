/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "find/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dns/name.h"

enum { SALT = 0x6361 };

struct find_cache_entry {
	struct find_cache_entry *next;		/* in its bucket */
	struct find_cache_entry *newer, *older; /* by use */
	struct find_rrset *rrset;
	uint16_t type;
	uint8_t nname;
	uint8_t name[]; /* in lower case */
};

static size_t entry_nbytes(const struct find_cache_entry *e)
{
	return sizeof(*e) + e->nname + sizeof(*e->rrset) + e->rrset->size;
}

/* Returns what points to the entry of the name, which is in lower case, or to NULL. */
static struct find_cache_entry **link_of(struct find_cache *c, const uint8_t *lower, size_t nbytes,
					 uint16_t type)
{
	struct find_cache_entry **at =
		&c->buckets[base_hash(lower, nbytes, SALT + type) % FIND_CACHE_BUCKETS];

	while (*at != NULL && ((*at)->type != type || (*at)->nname != nbytes ||
			       memcmp((*at)->name, lower, nbytes) != 0))
		at = &(*at)->next;
	return at;
}

static void list_remove(struct find_cache *c, struct find_cache_entry *e)
{
	*(e->newer != NULL ? &e->newer->older : &c->newest) = e->older;
	*(e->older != NULL ? &e->older->newer : &c->oldest) = e->newer;
}

static void list_add(struct find_cache *c, struct find_cache_entry *e)
{
	e->newer = NULL;
	e->older = c->newest;
	*(e->older != NULL ? &e->older->newer : &c->oldest) = e;
	c->newest = e;
}

static void entry_remove(struct find_cache *c, struct find_cache_entry **link)
{
	struct find_cache_entry *e = *link;

	*link = e->next;
	list_remove(c, e);
	c->nrrsets--;
	c->nbytes -= entry_nbytes(e);
	find_rrset_release(e->rrset);
	free(e);
}

static void oldest_remove(struct find_cache *c)
{
	const struct find_cache_entry *e = c->oldest;

	entry_remove(c, link_of(c, e->name, e->nname, e->type));
}

void find_cache_fini(struct find_cache *c)
{
	while (c->oldest != NULL)
		oldest_remove(c);
}

struct find_rrset *find_cache_find(struct find_cache *c, const uint8_t *name, uint16_t type)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t nbytes = dns_name_lower(lower, name);
	struct find_cache_entry *e = *link_of(c, lower, nbytes, type);

	if (e == NULL)
		return NULL;
	list_remove(c, e);
	list_add(c, e);
	return e->rrset;
}

void find_cache_add(struct find_cache *c, const uint8_t *name, uint16_t type,
		    struct find_rrset *rrset, uint64_t now_ms)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t nbytes = dns_name_lower(lower, name);
	struct find_cache_entry **link = link_of(c, lower, nbytes, type), *e = *link;

	if (e != NULL && rrset->is_additional && !e->rrset->is_additional &&
	    e->rrset->expires_ms > now_ms)
		return;
	if (e != NULL)
		entry_remove(c, link);
	if (rrset->expires_ms <= now_ms)
		return;
	e = malloc(sizeof(*e) + nbytes);
	if (e == NULL)
		return;
	*e = (struct find_cache_entry){.type = type, .nname = (uint8_t)nbytes};
	memcpy(e->name, lower, nbytes);
	e->rrset = find_rrset_acquire(rrset);
	link = &c->buckets[base_hash(lower, nbytes, SALT + type) % FIND_CACHE_BUCKETS];
	e->next = *link;
	*link = e;
	list_add(c, e);
	c->nrrsets++;
	c->nbytes += entry_nbytes(e);
	while (c->nrrsets > FIND_CACHE_RRSETS_MAX || c->nbytes > FIND_CACHE_NBYTES_MAX)
		oldest_remove(c);
}
