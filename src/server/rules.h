/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/rules.h - what the workers work by: zones, keys, rules, texts.
 *
 * A view never changes. A reload makes another and hands it to the workers with one pointer; the
 * old one is freed when no worker uses it any more. Built by main; read by any thread inside an RCU
 * read section. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/cookie.h"
#include "dns/tsig.h"
#include "ledger/lease.h"
#include "server/limit.h"
#include "view/view.h"

struct fabric_ring;
struct update_policy;
struct zone;
struct zone_catalog;

/* Rules of one zone. */
struct server_zone {
	struct zone *zone;
	struct update_policy *policy; /* NULL: nobody may update */
	struct ledger_lease_rule lease;
	struct view_rule services;
	const uint8_t **transfer_keys; /* names, lower case; borrowed from the source */
	size_t ntransfer_keys;
	const struct base_prefix
		*transfer_prefixes; /* with both given a client must satisfy both, as with BIND's {
				       key; } in an address match */
	size_t ntransfer_prefixes;
};

/* Limits of stream connections: RFC 7766 section 6.2, RFC 9210 section 4. */
struct server_tcp_options {
	uint32_t connections; /* in all; at the limit the idlest connection is closed */
	uint32_t connections_per_client;
	uint32_t idle_timeout_s; /* without a request */
	uint32_t io_timeout_s;	 /* for a message or an answer that does not get through */
};

/* What weftd.conf(5) sets and the workers use as it is: an option more is a field here and a row in
 * weftd's table. Texts are borrowed from the configuration. */
struct server_options {
	const char *identity; /* id.server and hostname.bind (RFC 4892); "": refused */
	const char *version;  /* version.server and version.bind; "": refused */
	const char *nsid;     /* RFC 5001; "": none */
	uint32_t udp_payload; /* bytes of the longest UDP message that is taken or sent */
	struct server_tcp_options tcp;
	struct server_limit_settings rate_limit;
};

struct server_rules {
	struct zone_catalog *catalog;
	struct server_zone *zones; /* in the catalog's order */
	size_t nzones;
	struct dns_tsig_key *keys;
	size_t nkeys;
	struct fabric_ring *ring; /* whose derived keys are good besides; NULL: nobody's */
	struct dns_cookie_secrets cookies;
	struct server_options options;
	struct server_limit *limit; /* of options.rate_limit; NULL: no response rate limiting */
	/* updates and transfers on their way; the only things in a view that change */
	_Atomic unsigned nupdates, ntransfers;
};

/* Finds a literal key by name (lower case). */
const struct dns_tsig_key *server_rules_key(const struct server_rules *rules, const uint8_t *name,
					    size_t nbytes);

/* The rules of a zone in the view's catalog. */
const struct server_zone *server_rules_zone(const struct server_rules *rules,
					    const struct zone *zone);

/* Whether a client may have the zone transferred: `key` is the one that signed, or NULL. */
bool server_rules_may_transfer(const struct server_zone *z, const struct dns_tsig_key *key,
			       const struct sockaddr *client);
