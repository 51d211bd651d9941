/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* lan/group.h - records that are published together, and defended or lost together.
 *
 * A group is one service, or one host. It stays until it is freed: while the daemon is away or has
 * no room it waits. Unique records are probed for first (RFC 6762 section 8), which takes about a
 * second; if another host has the name, the group is in collision and nothing of it is published
 * until the next lan_group_publish. Another program of this machine that has the name is a
 * collision, too, but for addresses: those of a name are added up on one machine, also
 * avahi-daemon's own (for lan_daemon_host). While none of the named interfaces is there, the group
 * waits. The daemon's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lan/record.h"

struct lan_daemon;
struct lan_group;
struct lan_interfaces;

enum lan_group_state {
	LAN_GROUP_EMPTY,   /* nothing is to be published */
	LAN_GROUP_WAITING, /* for the daemon, or an interface: lan_group_why */
	LAN_GROUP_NO_ROOM, /* Avahi's limits are reached; tried again from time to time */
	LAN_GROUP_PROBING,
	LAN_GROUP_ESTABLISHED,
	LAN_GROUP_COLLISION, /* another host has one of the unique names */
	LAN_GROUP_REFUSED,   /* Avahi does not take it: lan_group_why */
	LAN_GROUP_STATES
};

/* Is called from the loop, never from within a function of the group, when the state has changed.
 * The group may be freed in it. */
typedef void (*lan_group_fn)(void *arg, struct lan_group *g, enum lan_group_state state);

/* Makes an empty group. `where` is borrowed. Returns NULL if memory is short. */
struct lan_group *lan_group_new(struct lan_daemon *d, const struct lan_interfaces *where,
				lan_group_fn on_state, void *arg);

/* Makes `records` (copied) what the group publishes. Where only the rdata of a unique record has
 * changed, it is announced at once, without a gap and without new probes; a TTL alone is changed
 * without an announcement. Added or removed records do not disturb the others: these may be
 * announced anew, but are never withdrawn. The new state is reported in any case, also if it is the
 * old one. Returns 0, or -ENOMEM with nothing changed. */
int lan_group_publish(struct lan_group *g, const struct lan_record *records, size_t n);

/* Returns the state. */
enum lan_group_state lan_group_state(const struct lan_group *g);

/* Returns why the state is LAN_GROUP_WAITING, LAN_GROUP_REFUSED or LAN_GROUP_NO_ROOM, valid until
 * the next change. */
const char *lan_group_why(const struct lan_group *g);

/* Withdraws the records, with goodbyes, and frees the group. NULL is fine. */
void lan_group_free(struct lan_group *g);
