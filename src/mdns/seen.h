/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* mdns/seen.h - the services that are seen on the LAN, by one rule's interfaces.
 *
 * Names of instances are followed for the types that are asked for, and the records of those
 * instances that somebody wants to be resolved: SRV, TXT and the addresses of the host. What is
 * asked for several times is counted and browsed once. Of several SRV or TXT records of an instance
 * the one that was reported last counts, so that a change is seen although Avahi keeps the old
 * record for a second (RFC 6762 section 10.2); when it is removed, the least of the others.
 *
 * Nothing is believed of what is seen: what the names and records may do is the users' matter. What
 * is kept is bounded. All names are wire names under `local.`. The bridge's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "mdns/address.h"

struct lan_daemon;
struct lan_interfaces;
struct mdns_seen;

enum {
	MDNS_SEEN_ADDRESSES_MAX = MDNS_ADDRESSES_MAX,
	MDNS_SEEN_NAMED_MAX = 8192,	     /* instances that are named by PTR records */
	MDNS_SEEN_NAMED_PER_TYPE_MAX = 4096, /* by those of one type */
};

/* A service instance. Views are valid during a call. */
struct mdns_seen_service {
	const uint8_t *name;
	bool is_named;	  /* a PTR record at its type has it */
	bool is_resolved; /* it has an SRV and a TXT record; what follows is filled in */
	uint16_t priority, weight, port;
	const uint8_t *target; /* wire name, of any domain */
	const uint8_t *txt;
	size_t ntxt;
	const struct mdns_address *addresses; /* of a target under `local.` */
	size_t naddresses;
};

/* Is called when something of a service has changed, from the loop. */
typedef void (*mdns_seen_fn)(void *arg, const struct mdns_seen_service *s);

/* Makes an empty set; `seed` keys its tables, the others are borrowed. Returns NULL if memory is
 * short. */
struct mdns_seen *mdns_seen_new(struct lan_daemon *daemon, const struct lan_interfaces *where,
				uint64_t seed);

/* Has a function called for all services, at most two of them; or the one with `arg` not any
 * more. */
void mdns_seen_listen(struct mdns_seen *s, mdns_seen_fn on_service, void *arg);
void mdns_seen_unlisten(struct mdns_seen *s, const void *arg);

/* Begins to follow the instances of `type`, a service type or a subtype of one under `local.`; or
 * ends one such call: at the last one, without further calls, nothing is named by it any more.
 * Those that are known already are not reported again: mdns_seen_each. Returns 0 or -ENOMEM. */
int mdns_seen_add_type(struct mdns_seen *s, const uint8_t *type);
void mdns_seen_remove_type(struct mdns_seen *s, const uint8_t *type);

/* Begins to resolve an instance, whether it is named or not; or ends one such call. If it is
 * resolved already, that is not reported again: mdns_seen_find. Returns 0 or -ENOMEM. */
int mdns_seen_resolve(struct mdns_seen *s, const uint8_t *name);
void mdns_seen_unresolve(struct mdns_seen *s, const uint8_t *name);

/* Fills in what is known of an instance, in any case of its letters. Returns false if that is
 * nothing. */
bool mdns_seen_find(const struct mdns_seen *s, const uint8_t *name, struct mdns_seen_service *out);

/* Returns whether a PTR record at `type`, which is followed, has the instance. */
bool mdns_seen_is_named_by(const struct mdns_seen *s, const uint8_t *name, const uint8_t *type);

/* Calls `each` with all instances that are named by `type`; it changes nothing of the set. */
void mdns_seen_each(const struct mdns_seen *s, const uint8_t *type, mdns_seen_fn each, void *arg);

/* Ends all, without further calls. NULL is fine. */
void mdns_seen_free(struct mdns_seen *s);
