/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/look.h - one name of a version of a zone: its RRsets, its spelling, when it last changed.
 *
 * For callers that want to know what there is at a name, and not how a question is answered:
 * neither aliases nor wildcards are followed, and what a zone has at or below a delegation is found
 * as well (zone_look_authority). Views are valid as long as the snapshot, so beyond the read
 * section if it is pinned. Any thread in an RCU read section. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/name.h"
#include "zone/rrset.h"

struct zone_node;
struct zone_snapshot;

struct zone_look {
	const struct zone_snapshot *snapshot;
	const struct zone_node *node; /* NULL: the name has no records */
	unsigned next;		      /* the RRset that zone_look_next returns */
};

/* Looks `owner` up, a wire name in any case at or below the zone's name. Returns whether it has
 * records. */
bool zone_look_find(struct zone_look *l, const struct zone_snapshot *s, const uint8_t *owner);

/* Makes `rrset` a view of the name's next RRset, in order of type; returns false after the last. */
bool zone_look_next(struct zone_look *l, struct zone_rrset *rrset);

/* Makes `rrset` a view of the RRset of `type`, or returns false if the name has none. */
bool zone_look_rrset(const struct zone_look *l, uint16_t type, struct zone_rrset *rrset);

/* Writes the name in the case in which the zone has it; it must have records. */
void zone_look_spelling(const struct zone_look *l, uint8_t out[static DNS_NAME_MAX]);

/* Returns the newest version, published or about to be, that may have changed the name `owner`: it
 * is the same in all later ones. May be later than the last change of the name, never earlier. */
uint64_t zone_look_changed(const struct zone_snapshot *s, const uint8_t *owner);

/* What a zone is for a name that is at or below the zone's own. */
enum zone_authority {
	ZONE_AUTHORITY,	    /* authoritative */
	ZONE_AUTHORITY_CUT, /* it delegates the name: of its records only DS are the zone's own (RFC
				4035 section 3.1.4.1) */
	ZONE_AUTHORITY_BELOW /* it delegates an ancestor: its records there are glue */
};

/* Returns what the version is for `owner`. */
enum zone_authority zone_look_authority(const struct zone_snapshot *s, const uint8_t *owner);
