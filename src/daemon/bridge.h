/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* daemon/bridge.h - the LAN bridge of weftd: its rules made from the configuration, its start and
 * end. Main thread, but for daemon_bridge_on_changed.
 *
 * Rules have copies of all that they need, but for the zones, which live as long as the bridge. The
 * bridge is started when a configuration has the first `mdns:` entry, and then stays. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct daemon;
struct lan_stats;
struct mdns_rules;
struct mdns_stats;
struct settings;
struct zone;
struct zone_changeset;

/* Starts the bridge, if the configuration needs one. Returns 0, or -1 after logging the reason. */
int daemon_bridge_start(struct daemon *d);

/* Makes the rules of a configuration, which is unlocked and of which all zones are hosted, and
 * starts the bridge if they are the first. `out` becomes NULL if nothing is to be bridged, and was
 * not before. Returns 0, or a negative errno. */
int daemon_bridge_prepare(struct mdns_rules **out, struct daemon *d, const struct settings *config);

/* Has the bridge work by what daemon_bridge_prepare has made; or drops that. NULL is fine. */
void daemon_bridge_apply(struct daemon *d, struct mdns_rules *take);
void daemon_bridge_drop(struct mdns_rules *take);

/* Takes note of a changeset. In the registrar's thread. */
void daemon_bridge_on_changed(struct daemon *d, struct zone *zone,
			      const struct zone_changeset *changes);

/* What avahi-daemon does. */
enum daemon_bridge_state {
	DAEMON_BRIDGE_OFF, /* there is no bridge */
	DAEMON_BRIDGE_RUNNING,
	DAEMON_BRIDGE_AWAY,  /* avahi-daemon or D-Bus do not run */
	DAEMON_BRIDGE_HANGS, /* a call has not been answered for some seconds */
};

/* Copies the figures, all 0 if there is no bridge. */
enum daemon_bridge_state daemon_bridge_stats(struct daemon *d, struct mdns_stats *out,
					     struct lan_stats *lan);

/* Writes why the bridge does not work, as daemon_health_has does; false: it does. */
bool daemon_bridge_has_problem(struct daemon *d, char *text, size_t size);

/* Ends the bridge, while the registrar runs; the caller is offline for RCU. */
void daemon_bridge_stop(struct daemon *d);
