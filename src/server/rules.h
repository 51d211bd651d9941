/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/rules.h - what the workers work by: zones, keys, permissions, options.
 *
 * Rules never change. A reload makes new rules and hands them to the workers with one pointer
 * (server_set_rules); the old ones are freed when no worker, update or transfer uses them any more.
 * They do not know the configuration's syntax or sockets. Built and freed by weftd's main thread;
 * read by any thread inside an RCU read section. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/cookie.h"
#include "dns/tsig.h"
#include "guard/limit.h"
#include "ledger/lease.h"
#include "registry/intake.h"
#include "view/view.h"

struct fabric_ring;
struct fabric_tls_context;
struct update_policy;
struct zone;
struct zone_catalog;

/* The rules of one zone. */
struct server_zone {
	struct zone *zone;	      /* borrowed from hosting/ */
	struct update_policy *policy; /* owned; NULL: nobody may update the zone */
	struct ledger_lease_rule lease;
	struct view_rule view_rule;

	/* Who may transfer the zone. With both keys and prefixes a client must satisfy both, as
	 * with a key in BIND's address match list; with neither nobody may. */
	const uint8_t **transfer_keys; /* names of keys, wire form and lower case. The array is
					  owned, the names are borrowed from the configuration */
	size_t ntransfer_keys;
	const struct base_prefix *transfer_prefixes; /* borrowed from the configuration */
	size_t ntransfer_prefixes;
	bool is_transfer_either; /* one of both conditions is enough */

	/* Who may subscribe to changes of the zone, likewise; but with neither everybody may. */
	const uint8_t **subscribe_keys;
	size_t nsubscribe_keys;
	const struct base_prefix *subscribe_prefixes;
	size_t nsubscribe_prefixes;
};

/* Limits of stream connections (RFC 7766 section 6.2, RFC 9210 section 4). */
struct server_tcp_options {
	uint32_t connections; /* of all clients; at the limit the idlest connection is closed */
	uint32_t connections_per_client; /* likewise, of one client (stream/clients.h) */
	uint32_t idle_timeout_s;	 /* for a connection without a request */
	uint32_t io_timeout_s;		 /* for a message that the peer does not send or take */
};

/* Sessions of DNS Stateful Operations (RFC 8490), which are connections. */
struct server_dso_options {
	uint32_t sessions;	      /* of all clients */
	uint32_t sessions_per_client; /* likewise, of one client (stream/clients.h) */
	uint32_t inactivity_s;	/* the longest inactivity timeout granted; UINT32_MAX: infinite */
	uint32_t keepalive_s;	/* the longest keepalive interval granted; likewise */
	uint32_t retry_delay_s; /* the shortest retry delay of a client whose session we end */
};

/* Subscriptions to changes (RFC 8765). */
struct server_push_options {
	uint32_t subscriptions;		    /* of all clients; 0: none are accepted */
	uint32_t subscriptions_per_session; /* of one session */
	uint32_t subscriptions_per_client;  /* of one client (stream/clients.h) */
	uint64_t unsent; /* bytes for a session, after which it ends with the next change */
};

/* Clients in any of these networks. */
struct server_prefixes {
	const struct base_prefix *items;
	size_t count;
};

/* Limits of TLS handshakes that are under way. */
struct server_tls_options {
	uint32_t handshakes; /* of all clients */
	uint32_t handshakes_per_client;
	uint32_t handshake_timeout_s; /* for a whole handshake */
};

/* Bounds of outgoing transfers in each worker. */
struct server_transfer_options {
	uint32_t at_once;    /* that run, of all clients */
	uint32_t per_client; /* likewise, of one client */
	uint32_t wait_s;     /* for how long one may wait to begin */
	uint32_t least_rate; /* bytes per second that the client must take; 0: any */
	uint32_t hold_s;     /* for how long one may run whose version is not current any more */
};

/* What weftd.conf(5) sets and the workers use as it is: a new option is a field here and a row in
 * weftd's table. Texts and lists are borrowed from the configuration. */
struct server_options {
	const char *identity; /* id.server and hostname.bind (RFC 4892); "": refused */
	const char *version;  /* version.server and version.bind; "": refused */
	const char *nsid;     /* name server identifier (RFC 5001); "": none */
	uint32_t udp_payload; /* bytes of the longest UDP message that is taken or sent */
	struct registry_intake_limits update_queue; /* of updates that wait for the registrar */
	struct server_tcp_options tcp;
	struct server_dso_options dso;
	struct server_push_options push;
	struct server_prefixes dso_plain; /* that may have sessions without TLS */
	struct server_tls_options tls;
	struct server_transfer_options transfer;
	struct guard_limit_settings rate_limit;
};

struct server_rules {
	struct zone_catalog *catalog;
	struct server_zone *zones; /* in the order of the catalog */
	size_t nzones;
	struct dns_tsig_key *keys; /* literal keys */
	size_t nkeys;
	struct fabric_ring *ring; /* fabrics whose derived keys are valid, too; may be empty */
	struct fabric_tls_context *tls; /* for new sessions; NULL: TLS is not spoken */
	struct dns_cookie_secrets cookies;
	struct server_options options;
	uint64_t made_s;	   /* seconds since 1970 */
	struct guard_limit *limit; /* of options.rate_limit; NULL: no response rate limiting */
	struct guard_limit *large_limit; /* of its large responses; NULL: likewise */

	/* any thread, atomic: users beyond a turn. Nothing else changes, and for this alone the
	 * workers have the rules by a pointer that is not const */
	_Atomic unsigned nusers;
};

/* Adds a user, which keeps the rules and the zones that they serve beyond a turn: an update that
 * will be answered by them, a transfer, or the first records of a subscription. Returns the rules.
 */
static inline struct server_rules *server_rules_acquire(struct server_rules *rules)
{
	atomic_fetch_add_explicit(&rules->nusers, 1, memory_order_relaxed);
	return rules;
}

/* Removes a user. */
static inline void server_rules_release(struct server_rules *rules)
{
	atomic_fetch_sub_explicit(&rules->nusers, 1, memory_order_release);
}

/* Finds a literal key by its name, `nbytes` in wire form and lower case. Returns NULL if there is
 * none. */
const struct dns_tsig_key *server_rules_key(const struct server_rules *rules, const uint8_t *name,
					    size_t nbytes);

/* Returns whether rules that have been replaced still have a user, after a grace period. Any
 * thread. */
bool server_rules_are_used(const struct server_rules *rules);

/* Returns the rules of `zone`, which must be in the catalog. */
const struct server_zone *server_rules_zone(const struct server_rules *rules,
					    const struct zone *zone);

/* Returns whether a client may subscribe to changes of the zone. `key` is the key that it has
 * proved to have, NULL if none. */
bool server_rules_may_subscribe(const struct server_zone *z, const struct dns_tsig_key *key,
				const struct sockaddr *client);

/* Returns whether a client may transfer the zone. `key` is the key that signed the request, NULL if
 * none did. */
bool server_rules_may_transfer(const struct server_zone *z, const struct dns_tsig_key *key,
			       const struct sockaddr *client);
