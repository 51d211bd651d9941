/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/watch.h - following the instances that a name stands for, pushed or polled.
 *
 * Built on client/client.h, of which one is shared by all watches of a follower. After a connection
 * was lost only what has changed is reported. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "find/instance.h"
#include "find/name.h"
#include "locate/locate.h"

struct find_follower;
struct find_watch;

enum find_watch_event {
	FIND_WATCH_ADDED,
	FIND_WATCH_CHANGED,
	FIND_WATCH_REMOVED,
	FIND_WATCH_MOVED,
	FIND_WATCH_DRAINING,
	FIND_WATCH_CURRENT, /* without instance */
	FIND_WATCH_LOST,    /* without instance: no registry answers */
};

/* Takes an event; the instances are valid during the call, unless they are acquired. The function
 * may make and free any watch. */
typedef void (*find_watch_fn)(void *arg, enum find_watch_event event,
			      const struct find_instance *now, const struct find_instance *before);

/* Makes what all watches share. `events` and `l` are borrowed until the end. */
int find_follower_new(struct find_follower **out, struct resolve_events *events, struct locate *l);

/* Ends the sessions; watches must be gone. NULL is fine. */
void find_follower_free(struct find_follower *f);

/* Follows what the name stands for. Returns 0 or -ENOMEM. */
int find_watch_new(struct find_watch **out, struct find_follower *f, const struct find_name *name,
		   find_watch_fn on_event, void *arg);

/* Ends following, also from within a call; NULL is fine. */
void find_watch_free(struct find_watch *w);

/* Returns whether all there is was reported, and is pushed. */
bool find_watch_is_current(const struct find_watch *w);
bool find_watch_is_pushed(const struct find_watch *w);

/* Returns the instances there are now: `n` of them in no order, valid until resolve_events_run. */
struct find_instance *const *find_watch_instances(const struct find_watch *w, size_t *n);
