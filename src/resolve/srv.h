/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* resolve/srv.h - the servers that SRV records name (RFC 2782), with their addresses.
 *
 * Resolvers are asked for the SRV records of a name, and for the addresses of their targets unless
 * the answer has some. It has no cache and does not connect. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolve/lookup.h"

struct resolve_srv;

enum {
	RESOLVE_SRV_TARGETS_MAX = 8,	/* of the SRV records; others are ignored */
	RESOLVE_SRV_ENDPOINTS_MAX = 16, /* addresses of these */
};

/* What was found; valid during the call. */
struct resolve_served {
	int error; /* 0, or the negative errno of the look-up of SRV records that got no answer */
	const struct resolve_endpoint *endpoints; /* in the order in which to contact them; `name`
						     is the target, without final dot */
	size_t nendpoints;
	uint32_t ttl_s; /* how long this is good */
};

/* Takes what was found. The caller frees the search, then or later. */
typedef void (*resolve_srv_fn)(void *arg, const struct resolve_served *found, uint64_t now_ms);

/* Begins for `name`, which is copied; `is_tls` is that of the endpoints. `servers` are the
 * resolvers, borrowed until the end. Returns 0 or -ENOMEM. */
int resolve_srv_new(struct resolve_srv **out, struct resolve_events *events,
		    const struct resolve_lookup_servers *servers, const uint8_t *name, bool is_tls,
		    resolve_srv_fn done, void *arg);

/* Ends the search, also from within `done`; NULL is fine. */
void resolve_srv_free(struct resolve_srv *s);
