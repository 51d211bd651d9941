/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* resolve/host.h - the addresses of a host.
 *
 * Resolvers are asked for its AAAA and its A records at the same time. It has no cache. One
 * thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "resolve/lookup.h"

struct resolve_host;

enum {
	RESOLVE_HOST_ADDRESSES_MAX = 8, /* others are ignored */
	RESOLVE_TTL_NEGATIVE_S = 60,	/* of an answer without records */
	RESOLVE_TTL_MAX_S = 3600,
};

/* What was found; valid during the call. */
struct resolve_hosted {
	int error; /* 0, or the negative errno of a look-up without answer if there are no
		      addresses */
	const struct sockaddr_storage *addresses; /* IPv6 first */
	size_t naddresses;			  /* 0: it has none */
	uint32_t ttl_s;				  /* how long this is good */
};

/* Takes what was found. The caller frees the search, then or later. */
typedef void (*resolve_host_fn)(void *arg, const struct resolve_hosted *found, uint64_t now_ms);

/* Begins for the host `name`, which is copied. The addresses get `port`. `servers` are the
 * resolvers, borrowed until the end. Returns 0 or -ENOMEM. */
int resolve_host_new(struct resolve_host **out, struct resolve_events *events,
		     const struct resolve_lookup_servers *servers, const uint8_t *name,
		     uint16_t port, resolve_host_fn done, void *arg);

/* Ends the search, also from within `done`; NULL is fine. */
void resolve_host_free(struct resolve_host *h);

/* Makes an address of the rdata of an A or AAAA record. */
void resolve_host_address(struct sockaddr_storage *out, uint16_t type, const uint8_t *rdata,
			  uint16_t port);
