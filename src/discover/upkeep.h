/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* discover/upkeep.h - records that the bridge keeps up in the registry: written, refreshed, written
 * anew when they change, removed.
 *
 * An upkeep is what one update writes, with one owner, which builds the update whenever it is to be
 * sent. Several changes within one turn of the loop make one update; of a peer that changes without
 * end some are left out, and the last one is always written. What is written has a lease, refreshed
 * while the daemon of the LAN is there. What fails is tried again, later and later. It does not
 * know what the records mean. The bridge's thread. */
#pragma once

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

struct discover_upkeep;
struct discover_writer;
struct dns_update_writer;
struct lan_daemon;
struct mdns_into;
struct mdns_stats;

enum { DISCOVER_UPKEEP_LEASE_S = 120 }; /* RFC 6762 section 10 */

/* What an owner wants. */
enum discover_upkeep_wish {
	DISCOVER_UPKEEP_NOTHING, /* nothing is to be there, and nothing was written */
	DISCOVER_UPKEEP_WRITE,
	DISCOVER_UPKEEP_REMOVE,
};

/* What has become of it. */
enum discover_upkeep_news {
	DISCOVER_UPKEEP_SENT, /* waits for the registry */
	DISCOVER_UPKEEP_WRITTEN,
	DISCOVER_UPKEEP_REMOVED, /* or could not be removed: the lease ends it */
	DISCOVER_UPKEEP_REFUSED, /* by the registry: `why` */
	DISCOVER_UPKEEP_FAILED,	 /* no room, or the store failed; likewise tried again */
	DISCOVER_UPKEEP_AWAY,	 /* the daemon of the LAN is away: the lease is not refreshed */
	DISCOVER_UPKEEP_IDLE,	 /* nothing was wanted for a while: the owner may free it */
};

struct discover_upkeep_owner {
	/* Returns what is wanted and writes it to `u`. */
	enum discover_upkeep_wish (*build)(struct discover_upkeep *k, struct dns_update_writer *u);
	/* `why` is NULL but for REFUSED. The upkeep may be freed in it. */
	void (*on_news)(struct discover_upkeep *k, enum discover_upkeep_news news, const char *why);
};

/* How often something may be done: at once as long as tokens are left, which come back in time. */
struct discover_bucket {
	double tokens, since; /* seconds of the loop */
};

/* What the upkeeps of a rule share. */
struct discover_upkeeper {
	struct ev_loop *loop;
	struct discover_writer *writer;
	struct lan_daemon *daemon;
	struct mdns_stats *stats;
	const struct mdns_into *into;
	uint64_t njitters;
	struct discover_bucket bucket;
	struct discover_upkeep *first, **last; /* that are to be looked at in this turn */
	ev_prepare turn;
	uint8_t *msg; /* the update in hand */
};

struct discover_upkeep {
	const struct discover_upkeep_owner *owner;
	struct discover_upkeeper *keeper;
	ev_timer timer;
	struct discover_bucket bucket;
	struct discover_upkeep *next; /* to be looked at */
	bool is_queued, is_waiting, was_removal;
	bool is_changed;   /* while it waited for an answer */
	bool is_written;   /* the update with the hash `sent` was the last one, and succeeded */
	double retry_s;	   /* 0: the last one did not fail */
	double refresh_at; /* when the lease is to be refreshed, in the loop's time */
	struct base_hash_wide sent;
};

/* Make the common part, borrowing all of it, and free it: no upkeep may be left. Returns 0 or
 * -ENOMEM. */
int discover_upkeeper_init(struct discover_upkeeper *keeper, struct ev_loop *loop,
			   struct discover_writer *writer, struct lan_daemon *daemon,
			   struct mdns_stats *stats, const struct mdns_into *into);
void discover_upkeeper_fini(struct discover_upkeeper *keeper);

/* Makes an upkeep, of which nothing is wanted before the first discover_upkeep_touch. */
void discover_upkeep_init(struct discover_upkeep *k, struct discover_upkeeper *keeper,
			  const struct discover_upkeep_owner *owner);

/* Has the owner build at the end of this turn of the loop. */
void discover_upkeep_touch(struct discover_upkeep *k);

/* Ends it. With `is_removed`, the owner builds once more, and what it wants removed is. */
void discover_upkeep_fini(struct discover_upkeep *k, bool is_removed);
