/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* discover/discover.h - the services of the LAN as records of a zone: mDNS to registry.
 *
 * Services of the types that a rule discovers get, below `into` and with a TTL of 10 seconds (RFC
 * 8766 section 5.5.1), their PTR, SRV and TXT records, their type in the list of types, and the
 * addresses of their host. Nothing under `local.` gets into the zone, and no address that is
 * useless or dangerous elsewhere. The LAN is not trusted: what it has cannot replace a registered
 * name, and is bounded (discover/places.h). The records have leases of the time that mDNS keeps
 * addresses and SRV records (120 seconds, RFC 6762 section 10), refreshed while Avahi has them, so
 * they end if the bridge does.
 *
 * Not discovered are services with a marker, those that we publish, and those that the zone has
 * already. The bridge's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct advertise;
struct discover;
struct discover_writer;
struct ev_loop;
struct lan_daemon;
struct lan_interfaces;
struct mdns_rows;
struct mdns_rule;
struct mdns_seen;
struct mdns_stats;

/* What it works with; everything is borrowed. */
struct discover_settings {
	const struct mdns_rule *rule; /* with an `into` zone */
	struct ev_loop *loop;
	struct lan_daemon *daemon;
	const struct lan_interfaces *where;
	struct mdns_seen *seen;	   /* of the rule */
	struct advertise *adverts; /* likewise */
	struct discover_writer *writer;
	struct mdns_rows *rows;
	struct mdns_stats *stats;
	uint64_t seed;
	uint64_t answer_ms; /* how long an instance may have a place without being resolved */
};

/* Begins to discover. Returns NULL if memory is short. */
struct discover *discover_new(const struct discover_settings *settings);

/* Ends that. With `are_removed`, the records are removed from the registry, because a rule is gone;
 * else they stay until their leases end. NULL is fine. */
void discover_free(struct discover *d, bool are_removed);
