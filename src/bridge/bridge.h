/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/bridge.h - the LAN bridge: registry to mDNS and back, by rules (weftd.conf(5), `mdns`).
 *
 * No packets are reflected: records are translated. Live instances of a zone become services on the
 * LAN (advertise/advertise.h), services on the LAN become leased records below a name of a zone
 * (discover/discover.h), and the registry announces itself (bridge/announce.h). All of that runs in
 * a thread of its own with its own loop, because calls of Avahi's library wait for its daemon:
 * weftd serves all along. Each rule has parts of its own; they share the daemon (lan/daemon.h), the
 * rows (mdns/rows.h) and the names taken on the LAN (advertise/names.h).
 *
 * The functions are for weftd's main thread, but for bridge_on_changed. */
#pragma once

#include <stdint.h>

#include "mdns/stats.h"

struct bridge;
struct lan_stats;
struct mdns_rows;
struct mdns_rules;
struct registry_registrar;
struct zone;
struct zone_changeset;

struct bridge_settings {
	struct registry_registrar *registrar; /* outlives the bridge */
	const char *state_dir;		      /* names taken on the LAN are remembered there */
	uint64_t seed;			      /* random, of hash tables whose keys peers choose */
};

/* Starts the thread, without rules. Returns 0; -EOPNOTSUPP in a build without Avahi's library; or
 * another negative errno. */
int bridge_start(struct bridge **out, const struct bridge_settings *settings);

/* Has the bridge work by `rules` (taken over) as soon as it gets to it. Those before are released
 * when nothing uses them any more: mdns/rules.h. */
void bridge_set_rules(struct bridge *b, struct mdns_rules *rules);

/* Takes note of a changeset that is visible now. In the registrar's thread; costs a load if no rule
 * advertises the zone. */
void bridge_on_changed(struct bridge *b, struct zone *zone, const struct zone_changeset *changes);

/* Copies the figures. Any thread. */
void bridge_stats_get(const struct bridge *b, struct mdns_stats *out, struct lan_stats *lan);

/* Returns what is advertised and discovered, for mdns_rows_each. Any thread. */
struct mdns_rows *bridge_get_rows(struct bridge *b);

/* Withdraws what is advertised, ends the thread and frees the bridge. The records that were
 * discovered stay until their leases end. The registrar must still run; the caller is offline for
 * RCU. NULL is fine. */
void bridge_stop(struct bridge *b);
