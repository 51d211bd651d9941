/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* reach/reach.h - a connected socket to one of several instances.
 *
 * Instances are tried in the order given. One that refuses is followed by the next at once; beside
 * one that is silent for longer than connections usually take (reach/memory.h) the next is begun.
 * The addresses of an instance race likewise (RFC 8305 section 5), with half of that delay. The
 * first connection wins, the others are closed. After some failures several instances are tried at
 * a time, but never those of two priorities, unless the better ones are silent.
 *
 * Of RFC 8305 it leaves out section 3, as all addresses are known before it begins; section 7
 * (NAT64); and section 4's sorting by RFC 6724, which a look-up has done (find/route.h): the family
 * of the first address is first, then families alternate, and addresses that failed are last.
 *
 * A datagram socket is connected as soon as there is a route to an address; whether anybody is
 * there cannot be known before something is sent. ICMP errors come to the owner of the socket, as
 * ECONNREFUSED of what is sent or received; an owner that reports that (reach_memory_failed) gets
 * another instance, or another address, next time.
 *
 * It does not know where instances come from. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "find/instance.h"
#include "reach/memory.h"
#include "reach/why.h"
#include "resolve/events.h"

struct reach;

enum {
	REACH_ABANDONED_MS = 3000, /* the oldest connection gives way to a new one after this */
	REACH_SHORT_MS = 1000,	   /* how long to wait for descriptors, if none are left */
};

struct reach_options {
	bool is_datagram;
	bool is_nonblocking; /* the socket that is handed out */
	uint64_t deadline_ms;
};

/* Takes the connected socket (close-on-exec), which is the function's then, and the instance; or -1
 * with -ETIMEDOUT; -EHOSTUNREACH: all have failed; -EMFILE or another errno of a host that has
 * neither descriptors nor memory left. `why` is for people: each instance that was tried and has
 * failed, with the reason; valid during the call. The owner frees the reach, then or later. */
typedef void (*reach_fn)(void *arg, int error, int fd, const struct find_instance *to,
			 const char *why, uint64_t now_ms);

/* Takes that an instance could not be connected to: -ETIMEDOUT, it was silent, or an errno of the
 * network. Faults of this host are not reported; nor is a silence that was too short for a second
 * SYN, unless the instance has failed before: one packet may have been lost. The function may free
 * the reach. */
typedef void (*reach_failed_fn)(void *arg, const struct find_instance *i, int error);

/* Begins with `n` instances, which are acquired, in this order, but those that `memory` knows to
 * have failed come last, and, before them, those whose state is not up. `memory` is borrowed.
 * `on_failed` may be NULL. Nothing is called before resolve_events_run. Returns 0 or -ENOMEM. */
int reach_new(struct reach **out, struct resolve_events *events, struct reach_memory *memory,
	      struct find_instance *const *all, size_t n, const struct reach_options *options,
	      reach_fn done, reach_failed_fn on_failed, void *arg);

/* Ends it, also from within a call: sockets that are not handed out are closed. NULL is fine. */
void reach_free(struct reach *r);
