/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/revoked.h"

#include <stdlib.h>
#include <string.h>

static int key_order(const struct fabric_revoked_key *k, const uint8_t *name, size_t nbytes)
{
	return k->nbytes != nbytes ? (int)k->nbytes - (int)nbytes : memcmp(k->name, name, nbytes);
}

/* Returns the index at which the name is, or would be inserted. */
static size_t index_find(const struct fabric_revoked *set, const uint8_t *name, size_t nbytes)
{
	size_t low = 0, high = set == NULL ? 0 : set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (key_order(&set->keys[middle], name, nbytes) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct fabric_revoked_key *fabric_revoked_find(const struct fabric_revoked *set,
						     const uint8_t *name, size_t nbytes)
{
	size_t index = index_find(set, name, nbytes);

	if (set == NULL || index == set->count || key_order(&set->keys[index], name, nbytes) != 0)
		return NULL;
	return &set->keys[index];
}

/* Copies a set with `more` free entries before `index`, or without the `less` entries there. */
static struct fabric_revoked *set_copy(const struct fabric_revoked *old, size_t index, size_t more,
				       size_t less)
{
	size_t count = old == NULL ? 0 : old->count;
	struct fabric_revoked *set;

	set = calloc(1, sizeof(*set) + (count + more - less) * sizeof(*set->keys));
	if (set == NULL)
		return NULL;
	set->count = count + more - less;
	if (index > 0)
		memcpy(set->keys, old->keys, index * sizeof(*set->keys));
	if (count > index + less)
		memcpy(&set->keys[index + more], &old->keys[index + less],
		       (count - index - less) * sizeof(*set->keys));
	return set;
}

struct fabric_revoked *fabric_revoked_with(const struct fabric_revoked *old, const uint8_t *name,
					   uint64_t since_s)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t nbytes = dns_name_lower(lower, name), index = index_find(old, lower, nbytes);
	bool is_there = fabric_revoked_find(old, lower, nbytes) != NULL;
	struct fabric_revoked *set = set_copy(old, index, is_there ? 0 : 1, 0);

	if (set == NULL)
		return NULL;
	set->keys[index].since_s = since_s;
	set->keys[index].nbytes = (uint8_t)nbytes;
	memcpy(set->keys[index].name, lower, nbytes);
	return set;
}

struct fabric_revoked *fabric_revoked_without(const struct fabric_revoked *old, const uint8_t *name)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t nbytes = dns_name_lower(lower, name), index = index_find(old, lower, nbytes);

	return set_copy(old, index, 0, fabric_revoked_find(old, lower, nbytes) != NULL ? 1 : 0);
}

void fabric_revoked_free(struct fabric_revoked *set)
{
	free(set);
}
