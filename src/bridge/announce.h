/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/announce.h - the registry itself on the LAN: `_weft._tcp.local`, and browsing domains.
 *
 * Of a zone: a service of the type _weft._tcp with the port of DNS, the zone, the fabric and the
 * fingerprint of its public key in TXT, on a host of weftd's own machine; where weftd listens for
 * TLS, _dns-push-tls._tcp likewise (RFC 8765 section 6.1); and the zone in the domains that are
 * browsed by default (RFC 6763 section 11: b, lb). So libweft and weft(1) find the registry without
 * configuration; what they believe is what the fabric's key proves. The bridge's thread. */
#pragma once

#include <stddef.h>

struct bridge_announce;
struct bridge_rule;
struct lan_daemon;
struct lan_interfaces;

/* Begins to announce the zone of a rule; all is borrowed. Returns NULL if memory is short. */
struct bridge_announce *bridge_announce_new(struct lan_daemon *daemon,
					    const struct lan_interfaces *where,
					    const struct bridge_rule *rule);

/* Withdraws that. NULL is fine. */
void bridge_announce_free(struct bridge_announce *a);
