/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* push/initial.h - what there is already when a subscription is made (RFC 8765 section 6.3).
 *
 * The records are written a part at a time, so that a large set neither holds up the worker nor
 * lies in memory twice. It knows no session: its caller pins the version meanwhile. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "push/messages.h"
#include "zone/look.h"

struct push_writer;

struct push_initial {
	struct zone_look look;
	struct zone_rrset rrset;     /* in hand */
	const uint8_t *at;	     /* in it; NULL: another one is to be found */
	bool must_announce;	     /* it is to be announced first (push/writer.h) */
	uint16_t type;		     /* DNS_TYPE_ANY: all */
	uint8_t owner[DNS_NAME_MAX]; /* as the zone spells it */
};

/* Begins with what `s` has of `type` at `name`; an alias counts as any type. Returns false if there
 * is nothing. In an RCU read section; afterwards `s` must stay readable until the end. */
bool push_initial_begin(struct push_initial *i, const struct zone_snapshot *s, const uint8_t *name,
			uint16_t type);

/* Writes more to at most `most` new messages in `out`, the caller's to release; NULL if there was
 * nothing to write. All are full but the last one of the set. Returns 1 if there is more, 0 if this
 * was all, or -ENOMEM. */
int push_initial_next(struct push_initial *i, struct push_writer *w, size_t most,
		      struct push_messages **out);
