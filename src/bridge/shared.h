/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/shared.h - records below `into` that several discovered instances share: the addresses of
 * their hosts, which the instances' own updates write, and which are removed with the last of them;
 * their types in the list of types (RFC 6763 section 9); and, while there is any type, `into` in
 * the zone's lists of browsing domains (section 11).
 *
 * The bridge's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/table.h"
#include "bridge/upkeep.h"
#include "dns/name.h"

struct bridge_share {
	struct bridge_entry entry; /* first */
	struct bridge_upkeep upkeep;
	struct bridge_shared *owner;
	uint8_t name[DNS_NAME_MAX]; /* of the host, or of the type; of a list of domains its own */
	uint8_t list[DNS_NAME_MAX]; /* at which the PTR is; of a host "" */
	const uint8_t *target;	    /* of the PTR */
	uint32_t ttl;
	unsigned nusers;
	bool is_there; /* it is, or may be, in the registry */
};

struct bridge_shared {
	struct bridge_table items;
	struct bridge_upkeeper *keeper;
	struct bridge_share *domains[2]; /* b, lb; NULL: `into` is not in them for us */
	unsigned ntypes;
	bool has_lists; /* the service view does not make them */
};

/* Makes an empty set; `keeper` is borrowed. */
void bridge_shared_init(struct bridge_shared *s, struct bridge_upkeeper *keeper, uint64_t seed);

/* Frees the set. With `are_removed`, what is in the registry is removed. All uses have ended, or do
 * with this call. */
void bridge_shared_fini(struct bridge_shared *s, bool are_removed);

/* Begin to use a host or a type (wire names below `into`). Return NULL if memory is short. */
struct bridge_share *bridge_shared_take_host(struct bridge_shared *s, const uint8_t *host);
struct bridge_share *bridge_shared_take_type(struct bridge_shared *s, const uint8_t *type);

/* Ends a use; NULL is fine. */
void bridge_shared_drop(struct bridge_share *share);
