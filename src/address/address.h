/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* address/address.h - the addresses that a node is to be reached by, and that they have changed.
 *
 * They are those of the host's interfaces, as the kernel reports them; or given ones; or those from
 * which the registries see the node, as a home gateway translates its own. It registers nothing.
 * Nothing waits. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "locate/locate.h"
#include "resolve/events.h"

struct address;

enum address_kind {
	ADDRESS_INTERFACE, /* those of interfaces */
	ADDRESS_GIVEN,
	ADDRESS_SEEN, /* those that TXT of `_whoami.ZONE` reports, at most one of each family */
};

enum { ADDRESS_MAX = 32 }; /* others are ignored */

/* Borrowed during address_new. */
struct address_settings {
	enum address_kind kind;
	const char *const *interfaces; /* ADDRESS_INTERFACE: names; none: all but loopback */
	size_t ninterfaces;
	const struct sockaddr_storage *given; /* ADDRESS_GIVEN: without ports */
	size_t ngiven;
};

/* Called from resolve_events_run when the addresses are known for the first time, and when they are
 * others; `n` may be 0. They are without ports, valid until the next call, and in an order that
 * depends on nothing but the addresses. */
typedef void (*address_fn)(void *arg, const struct sockaddr_storage *addresses, size_t n,
			   uint64_t now_ms);

/* Begins to follow the addresses. `events`, and for ADDRESS_SEEN `locate`, are borrowed until the
 * end; `zone` is copied. Returns 0 or a negative errno. */
int address_new(struct address **out, struct resolve_events *events, struct locate *locate,
		const uint8_t *zone, const struct address_settings *settings, address_fn on_change,
		void *arg);

/* Ends following them, but not from within a call. NULL is fine. */
void address_free(struct address *a);

/* Has kernel or registries be asked again: after the host has slept, or when registries answer
 * again. */
void address_refresh(struct address *a, uint64_t now_ms);
