/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* mdns/addresses.h - the addresses of hosts on the LAN, followed as long as somebody needs them.
 *
 * A host is browsed once, however many services are on it. It does not know which addresses are
 * good for anything. The bridge's thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "mdns/address.h"
#include "mdns/table.h"

struct lan_browser;
struct lan_daemon;
struct lan_interfaces;

struct mdns_host {
	struct mdns_entry entry; /* first */
	struct mdns_addresses *owner;
	uint8_t name[DNS_NAME_MAX]; /* under `local.` */
	unsigned nusers;
	struct lan_browser *browsers[2]; /* A, AAAA */
	size_t naddresses[2];
	/* of each family in the order of their octets: A from the first item on, AAAA after them */
	struct mdns_address addresses[2 * MDNS_ADDRESSES_MAX];
	void *users; /* the users' list of themselves */
};

struct mdns_addresses {
	struct mdns_table hosts;
	struct lan_daemon *daemon;
	const struct lan_interfaces *where;
	void (*on_host)(void *arg, struct mdns_host *host);
	void *arg;
};

/* Makes an empty set. `on_host` is called from the loop when addresses of a host have changed; it
 * may release hosts. What is handed in is borrowed. */
void mdns_addresses_init(struct mdns_addresses *a, struct lan_daemon *daemon,
			 const struct lan_interfaces *where, uint64_t seed,
			 void (*on_host)(void *arg, struct mdns_host *host), void *arg);

/* Frees the set, of which all hosts were released. */
void mdns_addresses_fini(struct mdns_addresses *a);

/* Returns the host of that name, which is followed until it is released, or NULL if memory is
 * short. */
struct mdns_host *mdns_addresses_acquire(struct mdns_addresses *a, const uint8_t *name);

/* Ends one use of a host. */
void mdns_addresses_release(struct mdns_host *host);

/* Returns how many addresses a host has, of both families. */
static inline size_t mdns_host_naddresses(const struct mdns_host *host)
{
	return host->naddresses[0] + host->naddresses[1];
}
