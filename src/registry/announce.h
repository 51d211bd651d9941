/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/announce.h - the SRV record by which clients find the DNS Push server of a zone
 * (RFC 8765 section 6.1).
 *
 * The registry makes _dns-push-tls._tcp.ZONE where weftd listens for TLS, with the zone's primary
 * server (the MNAME of its SOA) as target if that has an address in the zone, else with the first
 * of its name servers. A zone that has such a record of its own keeps that. What the registry has
 * made is an item of the store, so that it is known later, and only that is ever removed. Only the
 * registrar's thread may touch it, and main before that runs. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

struct registry_registrar;
struct store_item;
struct zone;

/* A record that the registry has made. */
struct registry_announcement {
	uint8_t zone[DNS_NAME_MAX]; /* in lower case */
	uint16_t nbytes;	    /* of `rdata`; 0: there is none any more */
	uint8_t rdata[6 + DNS_NAME_MAX];
};

/* All zero is valid and empty. */
struct registry_announcements {
	struct registry_announcement *items;
	size_t count, capacity;
};

/* Frees what `a` holds. */
void registry_announcements_fini(struct registry_announcements *a);

/* Reads an item of the store back at start; other kinds are ignored. Returns 0, -ENOMEM, or
 * -EBADMSG if its bytes do not fit its kind. */
int registry_announce_read(struct registry_announcements *a, const struct store_item *item);

/* Makes the record of a zone agree with `port`, on which weftd listens for TLS; 0: it does not. A
 * batch of its own. Returns 1 if the zone has changed, 0 if not, or a negative errno with
 * everything undone. */
int registry_announce(struct registry_registrar *r, struct registry_announcements *a,
		      struct zone *zone, uint16_t port);
