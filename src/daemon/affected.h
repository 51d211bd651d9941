/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* daemon/affected.h - what a change by a command has affected: for how long to wait until all
 * clients know of it.
 *
 * The registrar's thread fills it in while the change is made; then it belongs to the thread that
 * asked. It knows neither clients nor commands. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct zone;
struct zone_changeset;

/* All zero is valid: nothing was affected. */
struct daemon_affected {
	const struct zone *zone; /* whose changes are looked at; set by the caller */
	uint64_t version;	 /* of the zone, that the change has made; 0: none */
	uint32_t ttl_s;		 /* the longest of the records that were removed */
	uint8_t *names;		 /* owners: wire names in lower case, each after the one before */
	size_t nbytes, capacity;
};

/* Adds a changeset that is visible now, if it is of the zone. If memory is short, names are
 * missing. In the registrar's thread; `a` may be NULL. */
void daemon_affected_add(struct daemon_affected *a, const struct zone *zone,
			 const struct zone_changeset *changes);

/* Adds a name, in any case, unless it is there already. Returns 0 or -ENOMEM. */
int daemon_affected_add_name(struct daemon_affected *a, const uint8_t *name);

/* Frees what `a` holds, and empties it. */
void daemon_affected_fini(struct daemon_affected *a);
