/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/upkeep.h - records that the bridge keeps up in the registry: written, refreshed, written
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

struct bridge_into;
struct bridge_stats;
struct bridge_upkeep;
struct bridge_writer;
struct dns_update_writer;
struct lan_daemon;

enum { BRIDGE_UPKEEP_LEASE_S = 120 }; /* RFC 6762 section 10 */

/* What an owner wants. */
enum bridge_upkeep_wish {
	BRIDGE_UPKEEP_NOTHING, /* nothing is to be there, and nothing was written */
	BRIDGE_UPKEEP_WRITE,
	BRIDGE_UPKEEP_REMOVE,
};

/* What has become of it. */
enum bridge_upkeep_news {
	BRIDGE_UPKEEP_SENT, /* waits for the registry */
	BRIDGE_UPKEEP_WRITTEN,
	BRIDGE_UPKEEP_REMOVED, /* or could not be removed: the lease ends it */
	BRIDGE_UPKEEP_REFUSED, /* by the registry: `why` */
	BRIDGE_UPKEEP_FAILED,  /* no room, or the store failed; likewise tried again */
	BRIDGE_UPKEEP_AWAY,    /* the daemon of the LAN is away: the lease is not refreshed */
	BRIDGE_UPKEEP_IDLE,    /* nothing was wanted for a while: the owner may free it */
};

struct bridge_upkeep_owner {
	/* Returns what is wanted and writes it to `u`. */
	enum bridge_upkeep_wish (*build)(struct bridge_upkeep *k, struct dns_update_writer *u);
	/* `why` is NULL but for REFUSED. The upkeep may be freed in it. */
	void (*on_news)(struct bridge_upkeep *k, enum bridge_upkeep_news news, const char *why);
};

/* How often something may be done: at once as long as tokens are left, which come back in time. */
struct bridge_bucket {
	double tokens, since; /* seconds of the loop */
};

/* What the upkeeps of a rule share. */
struct bridge_upkeeper {
	struct ev_loop *loop;
	struct bridge_writer *writer;
	struct lan_daemon *daemon;
	struct bridge_stats *stats;
	const struct bridge_into *into;
	uint64_t njitters;
	struct bridge_bucket bucket;
	struct bridge_upkeep *first, **last; /* that are to be looked at in this turn */
	ev_prepare turn;
	uint8_t *msg; /* the update in hand */
};

struct bridge_upkeep {
	const struct bridge_upkeep_owner *owner;
	struct bridge_upkeeper *keeper;
	ev_timer timer;
	struct bridge_bucket bucket;
	struct bridge_upkeep *next; /* to be looked at */
	bool is_queued, is_waiting, was_removal;
	bool is_changed;   /* while it waited for an answer */
	bool is_written;   /* the update with the hash `sent` was the last one, and succeeded */
	double retry_s;	   /* 0: the last one did not fail */
	double refresh_at; /* when the lease is to be refreshed, in the loop's time */
	struct base_hash_wide sent;
};

/* Make the common part, borrowing all of it, and free it: no upkeep may be left. Returns 0 or
 * -ENOMEM. */
int bridge_upkeeper_init(struct bridge_upkeeper *keeper, struct ev_loop *loop,
			 struct bridge_writer *writer, struct lan_daemon *daemon,
			 struct bridge_stats *stats, const struct bridge_into *into);
void bridge_upkeeper_fini(struct bridge_upkeeper *keeper);

/* Makes an upkeep, of which nothing is wanted before the first bridge_upkeep_touch. */
void bridge_upkeep_init(struct bridge_upkeep *k, struct bridge_upkeeper *keeper,
			const struct bridge_upkeep_owner *owner);

/* Has the owner build at the end of this turn of the loop. */
void bridge_upkeep_touch(struct bridge_upkeep *k);

/* Ends it. With `is_removed`, the owner builds once more, and what it wants removed is. */
void bridge_upkeep_fini(struct bridge_upkeep *k, bool is_removed);
