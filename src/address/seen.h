/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* address/seen.h - the addresses from which the registries see this host.
 *
 * TXT of `_whoami.ZONE` is asked of the registries over each family of addresses: over TCP or TLS,
 * where an attacker that is not on the path cannot answer; and over UDP if that fails, where two
 * answers to questions with other ids from other ports must agree. It is asked again every minute,
 * and when its owner has a reason to. While no registry answers, what was seen last remains. One
 * thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "locate/locate.h"
#include "resolve/events.h"

struct address_seen;

enum {
	ADDRESS_SEEN_MAX = 2,	     /* addresses: one of each family of registries' addresses */
	ADDRESS_SEEN_MS = 60000,     /* between rounds of questions */
	ADDRESS_SEEN_SOON_MS = 2000, /* until a family that was silent is asked again */
	ADDRESS_SEEN_RETRY_MIN_MS = 1000, /* after no answer at all, then twice as long each time */
};

/* Called from resolve_events_run at the end of each round in which a registry has answered, whether
 * the addresses are others or not; they are without ports, valid during the call. */
typedef void (*address_seen_fn)(void *arg, const struct sockaddr_storage *addresses, size_t n,
				uint64_t now_ms);

/* Begins the first round. `events` and `locate` are borrowed until the end, `zone` is copied.
 * Returns 0, -ENAMETOOLONG or -ENOMEM. */
int address_seen_new(struct address_seen **out, struct resolve_events *events,
		     struct locate *locate, const uint8_t *zone, address_seen_fn on_seen,
		     void *arg);

/* Ends asking, but not from within the call. NULL is fine. */
void address_seen_free(struct address_seen *s);

/* Begins a round now, or, if one is under way, another one after it: the network has changed. */
void address_seen_refresh(struct address_seen *s);
