/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/snapshot_priv.h - the inside of a snapshot, shared by the files of this room: those that
 * make versions (draft, bulk) and those that read them (find, read, cursor). */
#pragma once

#include <stdbool.h>

#include "dns/rdata.h"
#include "zone/node.h"
#include "zone/snapshot.h"
#include "zone/trie.h"

struct zone_snapshot {
	/* set before it is published */
	struct zone *zone;
	uint64_t version;
	zone_trie_link root; /* of all its names */
	const struct zone_node *apex;
	uint64_t ncuts; /* nodes with ZONE_NODE_CUT */
	uint64_t nnames;
	uint64_t nrecords;
	struct zone_rrset soa; /* data in the apex */
	struct dns_soa soa_fields;
	uint32_t negative_ttl; /* seconds: the lesser of the SOA's TTL and minimum (RFC 2308
				  section 5) */

	/* under zone->lock */
	unsigned npins;
	struct zone_snapshot *next_pinned; /* in zone->pinned, while `npins` is more than 0 */
};

/* Adds the node `n` to the counts of a version being made, or takes it away: `sign` is 1 or -1.
 * NULL counts nothing. */
void zone_snapshot_count(struct zone_snapshot *s, const struct zone_node *n, int sign);

/* Fills in apex and SOA from the root of a version being made, with no pins. Returns false if there
 * is not exactly one SOA at the apex. */
bool zone_snapshot_fill(struct zone_snapshot *s);
