/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/announce.h - the registry itself on the LAN: `_weft._tcp.local`, and browsing domains.
 *
 * Of a zone: a service of the type _weft._tcp, `ZONE on HOST`, with the port of DNS, on weftd's own
 * machine; in its TXT are the zone, its fabric and the fabric's public key (weft(7)). Where weftd
 * listens for TLS, _dns-push-tls._tcp likewise (RFC 8765 section 6.1). And the zone in the domains
 * that are browsed by default (RFC 6763 section 11: b, lb). So libweft and weft(1) find the
 * registry without configuration; what they believe is what the fabric's key proves. The bridge's
 * thread. */
#pragma once

#include <stddef.h>

struct bridge_announce;
struct lan_daemon;
struct lan_interfaces;
struct mdns_rule;

/* Begins to announce the zone of a rule; all is borrowed. Returns NULL if memory is short. */
struct bridge_announce *bridge_announce_new(struct lan_daemon *daemon,
					    const struct lan_interfaces *where,
					    const struct mdns_rule *rule);

/* Is called when avahi-daemon is there: the machine may have another name on the LAN than before.
 * NULL is fine. */
void bridge_announce_refresh(struct bridge_announce *a);

/* Withdraws what is announced. NULL is fine. */
void bridge_announce_free(struct bridge_announce *a);
