/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* discover/shared.h - records below `into` that several discovered instances share: the addresses
 * of their hosts, which the instances' own updates write, and which are removed with the last of
 * them; their types in the list of types (RFC 6763 section 9); and, while there is any type, `into`
 * in the zone's lists of browsing domains (section 11).
 *
 * The bridge's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "discover/upkeep.h"
#include "dns/name.h"
#include "mdns/table.h"

struct discover_share {
	struct mdns_entry entry; /* first */
	struct discover_upkeep upkeep;
	struct discover_shared *owner;
	uint8_t name[DNS_NAME_MAX]; /* of the host, or of the type; of a list of domains its own */
	uint8_t list[DNS_NAME_MAX]; /* at which the PTR is; of a host "" */
	const uint8_t *target;	    /* of the PTR */
	uint32_t ttl;
	unsigned nusers;
	bool is_there; /* it is, or may be, in the registry */
};

struct discover_shared {
	struct mdns_table items;
	struct discover_upkeeper *keeper;
	struct discover_share *domains[2]; /* b, lb; NULL: `into` is not in them for us */
	unsigned ntypes;
	bool has_lists; /* the service view does not make them */
};

/* Makes an empty set; `keeper` is borrowed. */
void discover_shared_init(struct discover_shared *s, struct discover_upkeeper *keeper,
			  uint64_t seed);

/* Frees the set. With `are_removed`, what is in the registry is removed. All uses have ended, or do
 * with this call. */
void discover_shared_fini(struct discover_shared *s, bool are_removed);

/* Begin to use a host or a type (wire names below `into`). Return NULL if memory is short. */
struct discover_share *discover_shared_take_host(struct discover_shared *s, const uint8_t *host);
struct discover_share *discover_shared_take_type(struct discover_shared *s, const uint8_t *type);

/* Ends a use; NULL is fine. */
void discover_shared_drop(struct discover_share *share);
