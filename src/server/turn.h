/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/turn.h - what all requests of one turn of a worker's loop share.
 *
 * A turn begins when the loop calls the worker and ends when the worker waits again. Time and rules
 * are read once, at its beginning, so that nothing changes under a request. A turn belongs to one
 * worker; what it points at stays until the turn ends. */
#pragma once

#include <stdint.h>

#include "dns/response.h"

struct fabric_cache;
struct fabric_revoked;
struct registry_registrar;
struct server_rules;
struct server_stats;

struct server_turn {
	struct server_rules *rules; /* not const for the sake of its counters of users alone */
	struct server_stats *stats; /* the worker's own */
	struct fabric_cache *keys;  /* the worker's own: derived keys of the rules' ring */
	const struct fabric_revoked *revoked; /* NULL: no key is revoked */
	struct registry_registrar *registrar; /* NULL: updates cannot be refreshed */
	struct dns_responder responder;	      /* contains the wall clock: now_s */
	uint64_t now_ms;		      /* steady clock */
};
