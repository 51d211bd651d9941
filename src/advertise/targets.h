/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/targets.h - the hosts of a zone on the LAN: targets of SRV records that are advertised.
 *
 * A host in a zone of the rules gets a name of its own on the LAN, made of its labels in the zone
 * and the rule's suffix: `n1.nodes.lab.cloud.` is `n1-lab.local.`. So the names that machines have
 * there themselves, as `n1.local.`, are never touched. A host has one group of addresses, which is
 * published while at least one instance on it is. If the name is taken:
 *
 * 1. it is published again after 1, 2, 4 s and so on, 60 s at most, as another bridge of the zone
 *    may have other addresses for a moment;
 * 2. after the third time, if the LAN has addresses of the name and none of them is the host's, the
 *    host is renamed, and the new name is remembered.
 *
 * It knows no instances. The bridge's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "advertise/source.h"
#include "advertise/waits.h"
#include "dns/name.h"
#include "lan/record.h"
#include "mdns/addresses.h"
#include "mdns/table.h"

struct advertise_alternatives;
struct advertise_settings;
struct advertise_targets;
struct lan_group;

struct advertise_target {
	struct mdns_entry entry; /* first */
	struct advertise_targets *owner;
	uint8_t name[DNS_NAME_MAX];	/* in the registry */
	uint8_t original[DNS_NAME_MAX]; /* what it is to be called on the LAN */
	uint8_t lan_name[DNS_NAME_MAX]; /* what it is called: a number-th alternative of that */
	unsigned number;		/* 1: the original; 0: it cannot have a name */
	const struct zone *zone;
	struct mdns_address addresses[ADVERTISE_SOURCE_ADDRESSES_MAX];
	size_t naddresses;
	unsigned nusers, nshown;
	void *users; /* the users' list of themselves */

	struct lan_group *group;     /* while it is shown */
	unsigned ncollisions;	     /* of its name, since it was well for a minute */
	unsigned nrenames;	     /* likewise */
	uint64_t well_ms;	     /* when it was established; 0: it is not */
	struct advertise_wait wait;  /* to publish again */
	struct advertise_wait again; /* for a name, when all were taken */
	struct mdns_host *rival;     /* the same name on the LAN, after a collision */
	struct mdns_entry by_lan_name;
};

struct advertise_targets {
	const struct advertise_settings *settings;
	struct advertise_waits *waits;
	struct advertise_alternatives *alternatives;
	struct mdns_table by_name, by_lan_name;
	struct mdns_addresses rivals;
	/* Is called when the name on the LAN, the transports or the fault of a target have
	 * changed. */
	void (*on_target)(void *arg, struct advertise_target *t);
	void *arg;
};

/* Makes an empty set; all that is handed in is borrowed. */
void advertise_targets_init(struct advertise_targets *ts, const struct advertise_settings *settings,
			    struct advertise_waits *waits,
			    struct advertise_alternatives *alternatives,
			    void (*on_target)(void *arg, struct advertise_target *t), void *arg);

/* Frees the set, of which all targets were released. */
void advertise_targets_fini(struct advertise_targets *ts);

/* Returns the target of a host in zone `z`, with its addresses, until it is released; or NULL if
 * memory is short. */
struct advertise_target *advertise_targets_acquire(struct advertise_targets *ts,
						   const struct zone *z, const uint8_t *name);

/* Ends one use of a target. */
void advertise_targets_release(struct advertise_target *t);

/* Returns the target of a host, or NULL. */
struct advertise_target *advertise_targets_find(const struct advertise_targets *ts,
						const uint8_t *name);

/* Returns the target after `t` (NULL: the first one) in no particular order, or NULL. */
struct advertise_target *advertise_targets_next(const struct advertise_targets *ts,
						const struct advertise_target *t);

/* Reads the addresses again, and publishes them if they have changed. Returns 0 or -ENOMEM. */
int advertise_target_read(struct advertise_target *t);

/* Returns why the host cannot be advertised, a constant, or NULL. */
const char *advertise_target_fault(const struct advertise_target *t);

/* Publishes the host, which has no fault, for one instance more. Returns 0 or -ENOMEM. */
int advertise_target_show(struct advertise_target *t);

/* Ends one such call: after the last one the host is withdrawn. */
void advertise_target_hide(struct advertise_target *t);

/* Returns the transports over which the host has addresses on the LAN: what points to it is of no
 * use over others. */
enum lan_transport advertise_target_transport(const struct advertise_target *t);

/* Returns whether the two lists have an address in common. */
bool advertise_target_shares(const struct advertise_target *t, const struct mdns_address *addresses,
			     size_t n);
