/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/turn.h - what all requests of one turn of a worker's loop share.
 *
 * A turn begins when the loop calls the worker and ends when the callback returns. Time and rules
 * are read once, at the beginning, so that neither changes under a request. A turn does not know
 * sockets. It belongs to one worker; what it points to stays valid until the turn ends. */
#pragma once

#include <stdint.h>

#include "dns/response.h"

struct fabric_cache;
struct fabric_revoked;
struct guard_gate;
struct guard_refusals;
struct guard_replay;
struct registry_registrar;
struct server_rules;
struct server_stats;

struct server_turn {
	struct server_rules *rules; /* not const because of its two counters of users */
	struct server_stats *stats; /* the worker's own */
	struct fabric_cache *keys;  /* the worker's own: keys derived from the rules' ring */
	const struct fabric_revoked *revoked; /* NULL: no key is revoked */
	struct registry_registrar *registrar; /* NULL: no lease can be refreshed or updated */
	struct guard_replay *replay;	      /* of all workers; NULL: no update is remembered */
	struct guard_refusals *refusals;      /* of all workers; NULL: none is remembered */
	struct guard_gate *gate;	      /* the worker's own, of refusals */
	struct dns_responder responder;	      /* what all responses contain; has the time, now_s */
	uint64_t edition;		      /* another one: rules or `revoked` were replaced */
	uint64_t now_ms;		      /* steady clock */
};
