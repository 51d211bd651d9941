/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/addresses.h - the addresses of hosts on the LAN, followed as long as somebody needs them.
 *
 * A host is browsed once, however many services are on it. It does not know which addresses are
 * good for anything. The bridge's thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bridge/address.h"
#include "bridge/table.h"
#include "dns/name.h"

struct lan_browser;
struct lan_daemon;
struct lan_interfaces;

struct bridge_host {
	struct bridge_entry entry; /* first */
	struct bridge_addresses *owner;
	uint8_t name[DNS_NAME_MAX]; /* under `local.` */
	unsigned nusers;
	struct lan_browser *browsers[2]; /* A, AAAA */
	size_t naddresses[2];
	/* of each family in the order of their octets: A from the first item on, AAAA after them */
	struct bridge_address addresses[2 * BRIDGE_ADDRESSES_MAX];
	void *users; /* the users' list of themselves */
};

struct bridge_addresses {
	struct bridge_table hosts;
	struct lan_daemon *daemon;
	const struct lan_interfaces *where;
	void (*on_host)(void *arg, struct bridge_host *host);
	void *arg;
};

/* Makes an empty set. `on_host` is called from the loop when addresses of a host have changed; it
 * may release hosts. What is handed in is borrowed. */
void bridge_addresses_init(struct bridge_addresses *a, struct lan_daemon *daemon,
			   const struct lan_interfaces *where, uint64_t seed,
			   void (*on_host)(void *arg, struct bridge_host *host), void *arg);

/* Frees the set, of which all hosts were released. */
void bridge_addresses_fini(struct bridge_addresses *a);

/* Returns the host of that name, which is followed until it is released, or NULL if memory is
 * short. */
struct bridge_host *bridge_addresses_acquire(struct bridge_addresses *a, const uint8_t *name);

/* Ends one use of a host. */
void bridge_addresses_release(struct bridge_host *host);

/* Returns how many addresses a host has, of both families. */
static inline size_t bridge_host_naddresses(const struct bridge_host *host)
{
	return host->naddresses[0] + host->naddresses[1];
}
