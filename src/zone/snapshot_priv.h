/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/snapshot_priv.h - the inside of a snapshot, shared by the files of this room: by those that
 * make versions (draft, bulk) and those that read them (find, answer, cursor). */
#pragma once

#include <stdbool.h>

#include "dns/rdata.h"
#include "zone/node.h"
#include "zone/snapshot.h"
#include "zone/trie.h"

struct zone_snapshot {
	struct zone *zone;
	uint64_t version;
	zone_trie_link root;
	const struct zone_node *apex;
	uint64_t ncuts; /* nodes with ZONE_NODE_CUT */
	uint64_t nnames, nrecords;
	struct zone_rrset soa; /* in the apex */
	struct dns_soa soa_fields;
	uint32_t negative_ttl; /* RFC 2308 section 5: the lesser of the SOA's TTL and its minimum */
	unsigned npins;	       /* under zone->lock */
	struct zone_snapshot *next_pinned; /* under zone->lock */
};

/* Adds (`sign` 1) or takes away (-1) a node in the counts of a version being made; NULL is fine. */
void zone_snapshot_count(struct zone_snapshot *s, const struct zone_node *n, int sign);

/* Fills in what follows from the root. False if there is not one SOA at the apex. */
bool zone_snapshot_fill(struct zone_snapshot *s);
