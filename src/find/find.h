/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/find.h - finding the instances of a service: questions, a cache, and the order of instances.
 *
 * Answers are kept for their TTL, negative ones for that of RFC 2308; when no registry answers, for
 * a bounded time longer (RFC 8767). One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "find/instance.h"
#include "find/name.h"
#include "locate/locate.h"

struct find;
struct find_lookup;

/* Instances in the order in which to contact them (RFC 2782); each is one reference of the
 * owner. */
struct find_set {
	struct find_instance **all;
	size_t n;
	bool is_stale;
};

/* Takes what was found; the function may take the set, and leave an empty one. `error`: 0, with at
 * least one; -ENOENT: a registry answers that there is none; -EHOSTUNREACH or -ETIMEDOUT: no
 * registry answers; -EADDRNOTAVAIL: no registry is known; -EBADMSG: the answers make no sense;
 * -ENOMEM. `why` is for people. The owner frees the look-up, then or later. */
typedef void (*find_lookup_fn)(void *arg, int error, const char *why, struct find_set *set,
			       uint64_t now_ms);

/* `l` is borrowed until the end. `stale_ms`: how long after their TTL answers may be used. */
int find_new(struct find **out, struct resolve_events *events, struct locate *l, uint64_t stale_ms);

/* Frees the cache; look-ups must be gone. NULL is fine. */
void find_free(struct find *f);

/* Begins to find. What the cache answers is reported at the next turn. Returns 0 or -ENOMEM. */
int find_lookup_new(struct find_lookup **out, struct find *f, const struct find_name *name,
		    uint64_t deadline_ms, find_lookup_fn done, void *arg);

/* Lists the service types in a domain (RFC 6763 section 9): the instances have only names. Returns
 * 0, -ENOMEM, or -ENAMETOOLONG if the domain has no room for the name that lists them. */
int find_lookup_new_types(struct find_lookup **out, struct find *f, const uint8_t *domain,
			  uint64_t deadline_ms, find_lookup_fn done, void *arg);

/* Releases the instances, and leaves an empty set. */
void find_set_fini(struct find_set *set);

/* Has a look-up, just begun, ask for all anew, since what the cache has proved to be wrong: that
 * counts as past its TTL from now on, and is used only if no registry answers. */
void find_lookup_want_anew(struct find_lookup *l);

/* Ends the look-up, also from within `done`; NULL is fine. */
void find_lookup_free(struct find_lookup *l);

/* Puts instances in the order in which to contact them: by priority, drawn by weight (RFC 2782).
 * Those that are draining, starting or failed come after all others, in this order. */
void find_order(struct find_instance **all, size_t n);

/* Likewise, but for those of one priority the order depends on the key alone: rendezvous hashing,
 * by weight. Instances that come or go do not change the order of the others. */
void find_order_sticky(struct find_instance **all, size_t n, const void *key, size_t nbytes);
