/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/discover.h - the services of the LAN as records of a zone: mDNS to registry.
 *
 * Services of the types that a rule discovers get, below `into` and with a TTL of 10 seconds (RFC
 * 8766 section 5.5.1), their PTR, SRV and TXT records, their type in the list of types, and the
 * addresses of their host. Nothing under `local.` gets into the zone, and no address that is
 * useless or dangerous elsewhere. The LAN is not trusted: what it has cannot replace a registered
 * name, and is bounded (bridge/places.h). The records have leases of the time that mDNS keeps
 * addresses and SRV records (120 seconds, RFC 6762 section 10), refreshed while Avahi has them, so
 * they end if the bridge does.
 *
 * Not discovered are services with a marker, those that we publish, and those that the zone has
 * already. The bridge's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bridge_adverts;
struct bridge_discover;
struct bridge_rows;
struct bridge_rule;
struct bridge_seen;
struct bridge_stats;
struct bridge_writer;
struct ev_loop;
struct lan_daemon;
struct lan_interfaces;

/* What it works with; everything is borrowed. */
struct bridge_discover_settings {
	const struct bridge_rule *rule; /* with an `into` zone */
	struct ev_loop *loop;
	struct lan_daemon *daemon;
	const struct lan_interfaces *where;
	struct bridge_seen *seen;	/* of the rule */
	struct bridge_adverts *adverts; /* likewise */
	struct bridge_writer *writer;
	struct bridge_rows *rows;
	struct bridge_stats *stats;
	uint64_t seed;
	uint64_t answer_ms; /* how long an instance may have a place without being resolved */
};

/* Begins to discover. Returns NULL if memory is short. */
struct bridge_discover *bridge_discover_new(const struct bridge_discover_settings *settings);

/* Ends that. With `are_removed`, the records are removed from the registry, because a rule is gone;
 * else they stay until their leases end. NULL is fine. */
void bridge_discover_free(struct bridge_discover *d, bool are_removed);
