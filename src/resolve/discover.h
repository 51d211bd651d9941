/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* resolve/discover.h - which servers push the changes of a zone (RFC 8765 section 6.1).
 *
 * Resolvers are asked for the SOA of a name, a label less each time, until the zone is known; then
 * for the zone's SRV records at _dns-push-tls._tcp; then for the addresses of their targets. It
 * does not connect to the servers. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "resolve/srv.h"

struct resolve_discover;

/* What was found; valid during the call. */
struct resolve_discovered {
	int error; /* 0, or the negative errno of the look-up that got no answer: then nothing
		      else is set */
	const uint8_t *zone;			  /* NULL: no SOA was found */
	const struct resolve_endpoint *endpoints; /* in the order in which to contact them */
	size_t nendpoints;			  /* 0: the zone has no server that pushes */
	uint32_t ttl_s;				  /* how long this is good */
};

/* Takes what was found. The caller frees the discovery, then or later. */
typedef void (*resolve_discover_fn)(void *arg, const struct resolve_discovered *found,
				    uint64_t now_ms);

/* Begins for `name`, which is copied. `servers` are the resolvers, borrowed until the end. Returns
 * 0 or -ENOMEM. */
int resolve_discover_new(struct resolve_discover **out, struct resolve_events *events,
			 const struct resolve_lookup_servers *servers, const uint8_t *name,
			 resolve_discover_fn done, void *arg);

/* Ends the discovery, also from within `done`; NULL is fine. */
void resolve_discover_free(struct resolve_discover *d);
