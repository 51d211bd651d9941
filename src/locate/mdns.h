/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/mdns.h - registries on the local link: mDNS, _weft._tcp.local, by the Avahi daemon.
 *
 * The build chooses one of two files: mdns.c, or without Avahi's library mdns_none.c. One
 * thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "resolve/events.h"
#include "resolve/stream.h"

struct locate_mdns;

enum { LOCATE_MDNS_MAX = 16 }; /* addresses; others are ignored */

/* Called when the daemon has nothing more for now, or is gone. The caller frees the search, then or
 * later. */
typedef void (*locate_mdns_fn)(void *arg, uint64_t now_ms);

/* Begins to browse. Avahi's library waits for the D-Bus daemon here: some milliseconds, but up to
 * 25 seconds if that one hangs. Returns 0; -EOPNOTSUPP without Avahi's library; -EHOSTUNREACH if
 * its daemon does not run; or -ENOMEM. */
int locate_mdns_new(struct locate_mdns **out, struct resolve_events *events, locate_mdns_fn done,
		    void *arg, uint64_t now_ms);

/* Returns what was found so far, valid until resolve_events_run or locate_mdns_free. */
const struct resolve_endpoint *locate_mdns_found(const struct locate_mdns *m, size_t *n);

/* Ends the search, also from within `done`; NULL is fine. */
void locate_mdns_free(struct locate_mdns *m);
