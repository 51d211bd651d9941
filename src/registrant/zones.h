/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/zones.h - the zones that names are in: asked of the registry, and remembered.
 *
 * The zone of a name is the owner of the SOA record in the answer to a question for it (RFC 2308
 * section 2), else that of the name above. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "locate/locate.h"

struct registrant_zone;

enum { REGISTRANT_ZONES_MAX = 64 }; /* names that are remembered; others are asked for again */

struct registrant_zones {
	struct locate *locate;
	struct registrant_zone *first;
	size_t n;
};

/* Takes the zone, valid during the call, or NULL with what registrant_fn gets. The function may
 * begin and end any waiting. */
typedef void (*registrant_zones_fn)(void *arg, const uint8_t *zone, int error, const char *why,
				    uint64_t now_ms);

/* One that waits; all zero but for `on_found` and `arg`. */
struct registrant_zone_waiter {
	registrant_zones_fn on_found;
	void *arg;
	struct registrant_zone_waiter *next, **link; /* private; NULL: it does not wait */
};

void registrant_zones_init(struct registrant_zones *z, struct locate *l);

/* Forgets all; none may wait. */
void registrant_zones_fini(struct registrant_zones *z);

/* Returns the zone of the name, if it is known, valid until it is forgotten; NULL: it is not. */
const uint8_t *registrant_zones_find(const struct registrant_zones *z, const uint8_t *name);

/* Has `on_found` be called, later, with the zone of the name, which is asked for. Returns 0 or
 * -ENOMEM. */
int registrant_zones_wait(struct registrant_zones *z, const uint8_t *name,
			  struct registrant_zone_waiter *w, uint64_t now_ms);

/* Asks anew for what was not answered yet. */
void registrant_zones_hurry(struct registrant_zones *z, uint64_t now_ms);

/* Ends waiting, if it was begun. */
void registrant_zones_wait_end(struct registrant_zone_waiter *w);

/* Forgets the zone of the name: a server denies that it is one. */
void registrant_zones_forget(struct registrant_zones *z, const uint8_t *name);
