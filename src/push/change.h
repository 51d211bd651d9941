/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* push/change.h - a changeset on its way from the registrar to the workers that push it.
 *
 * A copy, shared by all of them; its references are counted. It does not know who subscribes. The
 * zone is an address that is compared, and followed only where the caller knows that the zone is
 * still there. Any thread. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "zone/changeset.h"

struct push_change {
	/* set when it is made */
	const void *zone;
	uint64_t version;	       /* of the zone, that the changeset makes */
	uint64_t number;	       /* among all changes, of any zone; set by the caller */
	uint64_t committed_us;	       /* exact steady clock: when it became visible */
	struct zone_changeset changes; /* over `bytes` */

	/* any thread, atomic */
	_Atomic unsigned nrefs;

	uint8_t bytes[];
};

/* Makes a copy of a changeset, with one reference. Returns NULL if memory is short. */
struct push_change *push_change_new(const void *zone, uint64_t version,
				    const struct zone_changeset *changes, uint64_t committed_us);

/* Returns how many bytes of memory the copy takes. */
static inline size_t push_change_nbytes(const struct push_change *c)
{
	return sizeof(*c) + c->changes.nremoved_bytes + c->changes.nadded_bytes;
}

/* Adds a reference. */
void push_change_acquire(struct push_change *c);

/* Ends a reference; the last one frees the copy. NULL is fine. */
void push_change_release(struct push_change *c);
