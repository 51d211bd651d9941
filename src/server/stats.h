/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/stats.h - what a worker counts.
 *
 * Each worker has its own set and is the only one to write it; any thread may read it at any time
 * and add up. */
#pragma once

#include <stdint.h>

enum {
	SERVER_STATS_TYPES = 258
}; /* 0 to 256, the last for all higher types; 257 and above count as other */

enum server_transport { SERVER_UDP, SERVER_TCP, SERVER_TRANSPORTS };

struct server_stats {
	uint64_t queries[SERVER_TRANSPORTS]; /* messages that came in, of any opcode */
	uint64_t responses[SERVER_TRANSPORTS];
	uint64_t opcode[16];
	uint64_t type[SERVER_STATS_TYPES]; /* of queries */
	uint64_t rcode[32];		   /* of responses */
	uint64_t truncated;
	uint64_t dropped; /* no answer: too short, a response, malformed beyond answering */
	uint64_t limited, slipped; /* by response rate limiting: not answered, answered with TC */
	uint64_t unsent;	   /* the socket would not take the answer */
	uint64_t edns, cookies_good, cookies_bad, tsig_good, tsig_bad;
	uint64_t updates; /* handed to the registrar */
	uint64_t transfers, transfer_messages;
	uint64_t tcp_accepted, tcp_refused, tcp_evicted, tcp_timeouts;
	uint64_t tcp_connections; /* open now */
};

/* Only the owner writes, so no atomic addition is needed; only readers must not see half a number.
 */
static inline void server_count(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

static inline void server_count_type(struct server_stats *s, uint16_t type)
{
	server_count(&s->type[type < SERVER_STATS_TYPES - 1 ? type : SERVER_STATS_TYPES - 1], 1);
}

/* Adds the counters of `s`, as they are now, to `sum`. */
static inline void server_stats_add(struct server_stats *sum, const struct server_stats *s)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)s;

	for (unsigned i = 0; i < sizeof(*s) / sizeof(*from); i++)
		to[i] += __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}
