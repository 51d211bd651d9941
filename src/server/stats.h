/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/stats.h - what a worker counts.
 *
 * Each worker has a set of counters and is the only thread that writes them, and so has the thread
 * of the TLS handshakes; any thread may read them at any time and add them up. All of them only
 * grow, but for tcp_connections, dso_sessions, tls_handshaking and push_subscriptions. */
#pragma once

#include <stdint.h>

#include "base/histogram.h"
#include "fabric/tls.h"
#include "guard/refusals.h"
#include "zone/zone.h"

enum {
	/* Types 0 to 256 have counters of their own; all higher ones share the last. */
	SERVER_STATS_TYPES = 258,
};

/* Why DSO sessions ended. */
enum server_session_end {
	SERVER_SESSION_CLOSED,	 /* the client has closed its connection */
	SERVER_SESSION_INACTIVE, /* aborted: the client did not close an inactive session */
	SERVER_SESSION_SILENT,	 /* aborted: the client sent no keepalive traffic */
	SERVER_SESSION_ERROR,	 /* aborted: the client violated the protocol */
	SERVER_SESSION_FAILED,	 /* the connection failed, or the peer took no bytes for too long */
	/* with a Retry Delay message: */
	SERVER_SESSION_SHUTDOWN, /* weftd stops */
	SERVER_SESSION_OVERLOAD, /* there are too many sessions, or memory is short */
	SERVER_SESSION_CHANGED,	 /* the configuration does not permit it any more */
	SERVER_SESSION_SLOW,	 /* the client does not take what is pushed */
	SERVER_SESSION_ENDS,	 /* how many there are */
};

enum server_transport { SERVER_UDP, SERVER_TCP, SERVER_TLS, SERVER_TRANSPORTS };

/* Why a TLS handshake was not completed, beyond enum fabric_tls_failure. */
enum {
	SERVER_TLS_TIMEOUT = FABRIC_TLS_FAILURES, /* the peer took too long */
	SERVER_TLS_OVERLOAD,			  /* too many handshakes were under way */
	SERVER_TLS_FAILURES,
};

struct server_stats {
	uint64_t queries[SERVER_TRANSPORTS];   /* messages received, of any opcode */
	uint64_t responses[SERVER_TRANSPORTS]; /* messages sent, those of transfers included */
	uint64_t opcode[16];		       /* of messages that were not dropped */
	uint64_t type[SERVER_STATS_TYPES];     /* of queries */
	uint64_t rcode[32];		       /* of responses */
	uint64_t zone[ZONE_NUMBERS];	       /* queries and updates, by zone_number() */
	uint64_t truncated;		       /* answers with TC because they did not fit */
	uint64_t dropped; /* messages that deserve no answer: too short, or responses */
	uint64_t limited; /* by response rate limiting, not answered */
	uint64_t slipped; /* by response rate limiting, answered with TC */
	uint64_t unsent;  /* UDP answers that the socket did not take */
	uint64_t edns;	  /* messages with an OPT */
	uint64_t cookies_good, cookies_bad;
	uint64_t tsig_good, tsig_bad;
	uint64_t tsig_old_epoch; /* of tsig_good: by keys of an epoch that is not the newest */
	uint64_t refused[GUARD_REASONS]; /* requests, by enum guard_reason */
	uint64_t updates_repeated;	 /* came a second time, and did nothing */
	uint64_t updates_old;		 /* BADTIME: signed before what is remembered */
	uint64_t updates;		 /* handed to the registrar */
	uint64_t transfers, transfer_messages;
	uint64_t transfers_refused; /* waited for too long, answered SERVFAIL */
	uint64_t transfers_ended;   /* broken off: too slow, or the version too old */
	uint64_t tcp_accepted;
	uint64_t tcp_refused;	  /* closed at once: over a limit, or memory was short */
	uint64_t tcp_evicted;	  /* closed to make room for another connection */
	uint64_t tcp_timeouts;	  /* closed because the peer was silent for too long */
	uint64_t tcp_connections; /* open now */
	uint64_t dso_sessions;	  /* established now */
	uint64_t dso_started;
	uint64_t dso_refused; /* requests for a session: over a limit, or not permitted */
	uint64_t dso_ended[SERVER_SESSION_ENDS];
	uint64_t tls_handshakes;  /* completed; tls_resumed of them without a new key exchange */
	uint64_t tls_resumed;
	uint64_t tls_failed[SERVER_TLS_FAILURES];
	uint64_t tls_handshaking; /* handshakes under way now */
	uint64_t push_subscriptions; /* active now */
	uint64_t push_subscribed;
	uint64_t push_refused;	/* SUBSCRIBE requests that were answered with an error */
	uint64_t push_messages; /* PUSH messages for one session each */
	uint64_t push_nbytes;	/* of them */
	uint64_t push_encoded;	/* sets of changes that were written */
	uint64_t push_shared;	/* sets for one session each that had been written for another */
	uint64_t push_oversized; /* records that no PUSH message can hold */
	uint64_t push_reconfirms;
	struct base_histogram push_sent; /* from the commit until the socket took the message */
};

/* Adds `n` to a counter of the calling worker. Only the owner writes, so an atomic addition is not
 * needed; the store is atomic for the sake of readers. */
static inline void server_count(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

/* Counts a query for records of `type`. */
static inline void server_count_type(struct server_stats *s, uint16_t type)
{
	server_count(&s->type[type < SERVER_STATS_TYPES - 1 ? type : SERVER_STATS_TYPES - 1], 1);
}

/* Adds the present values of the counters in `s` to those in `sum`. Any thread. */
static inline void server_stats_add(struct server_stats *sum, const struct server_stats *s)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)s;

	for (unsigned i = 0; i < sizeof(*s) / sizeof(*from); i++)
		to[i] += __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}
