/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* mdns/changes.h - the names of a zone that have changed, on their way from the registrar to the
 * bridge.
 *
 * Of each changeset the owner names, and the targets of PTR records, are queued. What waits is
 * bounded: when there is no room, the bridge reads all of the zone again. It does not know what is
 * done with them. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/queue.h"

struct zone;
struct zone_changeset;

enum { MDNS_CHANGES_MAX = 16 << 20 }; /* bytes that wait */

/* A name that has changed. */
struct mdns_change {
	const uint8_t *owner;  /* wire name */
	const uint8_t *target; /* of a PTR record that was added or removed at the owner, or NULL */
};

/* The names of one changeset. */
struct mdns_changeset {
	struct base_queue_link link; /* first */
	const struct zone *zone;     /* an address to compare */
	struct mdns_change *items;
	size_t count, nbytes;
};

struct mdns_changes {
	/* any thread, atomic */
	struct base_queue queue; /* of struct mdns_changeset */
	_Atomic size_t nbytes;
	_Atomic bool has_lost_one;
};

/* Makes an empty queue. */
void mdns_changes_init(struct mdns_changes *c);

/* Frees what is in the queue; no other thread may put more in. */
void mdns_changes_fini(struct mdns_changes *c);

/* Queues the names of a changeset. The registrar's thread. */
void mdns_changes_put(struct mdns_changes *c, const struct zone *zone,
		      const struct zone_changeset *changes);

/* Returns the oldest changeset, linked to the newer ones, or NULL; the caller ends each with
 * mdns_changes_free. `has_lost_one` is set if some are missing. The bridge's thread. */
struct mdns_changeset *mdns_changes_take(struct mdns_changes *c, bool *has_lost_one);

/* Frees a changeset. */
void mdns_changes_free(struct mdns_changes *c, struct mdns_changeset *set);
