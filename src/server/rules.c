/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "server/rules.h"

#include <string.h>

#include "zone/catalog.h"
#include "zone/zone.h"

const struct dns_tsig_key *server_rules_key(const struct server_rules *rules, const uint8_t *name,
					    size_t nbytes)
{
	for (size_t i = 0; i < rules->nkeys; i++)
		if (rules->keys[i].name_nbytes == nbytes &&
		    memcmp(rules->keys[i].name, name, nbytes) == 0)
			return &rules->keys[i];
	return NULL;
}

bool server_rules_are_used(const struct server_rules *rules)
{
	return atomic_load_explicit(&rules->nusers, memory_order_acquire) > 0;
}

const struct server_zone *server_rules_zone(const struct server_rules *rules,
					    const struct zone *zone)
{
	return &rules->zones[zone_catalog_index(rules->catalog, zone_name(zone))];
}

static bool has_key(const uint8_t *const *keys, size_t nkeys, const struct dns_tsig_key *key)
{
	for (size_t i = 0; i < nkeys && key != NULL; i++)
		if (dns_name_equal(keys[i], key->name))
			return true;
	return nkeys == 0;
}

static bool has_prefix(const struct base_prefix *prefixes, size_t nprefixes,
		       const struct sockaddr *client)
{
	for (size_t i = 0; i < nprefixes; i++)
		if (base_prefix_has(&prefixes[i], client))
			return true;
	return nprefixes == 0;
}

bool server_rules_may_transfer(const struct server_zone *z, const struct dns_tsig_key *key,
			       const struct sockaddr *client)
{
	bool is_key = has_key(z->transfer_keys, z->ntransfer_keys, key);
	bool is_client = has_prefix(z->transfer_prefixes, z->ntransfer_prefixes, client);

	if (z->ntransfer_keys > 0 && z->ntransfer_prefixes > 0 && z->is_transfer_either)
		return is_key || is_client;
	return z->ntransfer_keys + z->ntransfer_prefixes > 0 && is_key && is_client;
}

bool server_rules_may_subscribe(const struct server_zone *z, const struct dns_tsig_key *key,
				const struct sockaddr *client)
{
	return has_key(z->subscribe_keys, z->nsubscribe_keys, key) &&
	       has_prefix(z->subscribe_prefixes, z->nsubscribe_prefixes, client);
}
