/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/addresses.h - the addresses that other hosts can reach this host by, as the kernel
 * reports them (rtnetlink(7)), and that they have changed.
 *
 * Left out are loopback and link-local addresses, multicast, those of interfaces that are down, and
 * of IPv6 those that are deprecated, tentative, duplicates, or temporary (RFC 8981: they are made
 * so that a host is not recognized). Nothing waits: the kernel is asked, and answers later. One
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "resolve/events.h"

struct registrant_addresses;

enum {
	REGISTRANT_NETWORK_MAX = 32,	  /* addresses; others are ignored */
	REGISTRANT_NETWORK_WAIT_MS = 200, /* for further changes, before the kernel is asked */
};

/* A list of addresses without ports, in an order that depends on nothing but the addresses. */
struct registrant_network {
	struct sockaddr_storage addresses[REGISTRANT_NETWORK_MAX];
	size_t n;
};

/* Copies an IPv4 or IPv6 address without its port and scope. */
void registrant_addresses_bare(struct sockaddr_storage *out, const struct sockaddr_storage *from);

/* Adds such a copy of an address in its place, unless it is there or there is no room. */
void registrant_addresses_add(struct registrant_network *to,
			      const struct sockaddr_storage *address);

/* Returns whether both have the same addresses. */
bool registrant_addresses_equal(const struct registrant_network *a,
				const struct registrant_network *b);

/* Called when the addresses are known for the first time, and when they are others. */
typedef void (*registrant_addresses_fn)(void *arg, const struct registrant_network *network,
					uint64_t now_ms);

/* Begins to follow the addresses. Returns 0 or a negative errno. */
int registrant_addresses_new(struct registrant_addresses **out, struct resolve_events *events,
			     registrant_addresses_fn on_change, void *arg);

/* Has only the addresses of these interfaces count, among which loopback may be. Before the first
 * report; `names` is borrowed until the end. */
void registrant_addresses_limit(struct registrant_addresses *a, const char *const *names,
				size_t nnames);

void registrant_addresses_free(struct registrant_addresses *a);

/* Returns the addresses that were reported last; NULL: they are not known yet. */
const struct registrant_network *registrant_addresses_now(const struct registrant_addresses *a);

/* Has the kernel be asked again: after the host has slept. */
void registrant_addresses_refresh(struct registrant_addresses *a, uint64_t now_ms);

/* ---- for the tests ---- */

/* What the kernel has answered so far. */
struct registrant_dump {
	struct registrant_network found;
	const char *const *names; /* of the interfaces that count; none: all but loopback */
	size_t nnames;
	uint8_t up[8192]; /* a bit for each interface's index: it is up, and counts */
	bool is_cut;	  /* the answer is not complete: the network has changed meanwhile */
};

/* Reads a datagram of the kernel's answers, which must be aligned as a struct nlmsghdr. Returns
 * whether it was the last one of an answer. */
bool registrant_addresses_read(struct registrant_dump *d, const void *bytes, size_t nbytes);
