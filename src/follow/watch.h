/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* follow/watch.h - following the instances that a name stands for, pushed or polled.
 *
 * Built on client/client.h, of which one is shared by all watches of a follower. After a connection
 * was lost only what has changed is reported. An instance is what has one SRV record: it has moved
 * if its name and `id=` stay; under another name it is another one. One that drains remains, even
 * if no PTR record lists it any more, until it has no SRV record. An alias (CNAME) is followed for
 * a host only. A server may limit the subscriptions of a session (weftd: 1,000, which some 500
 * instances need): what it refuses is polled by TTL. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "find/instance.h"
#include "find/name.h"
#include "follow/event.h"
#include "follow/follow.h"

struct follow_watch;

/* Instances of a type that are followed; others are ignored. */
enum { FOLLOW_WATCH_INSTANCES_MAX = 10000 };

/* Follows what the name stands for. Returns 0 or -ENOMEM. */
int follow_watch_new(struct follow_watch **out, struct follow *f, const struct find_name *name,
		     follow_watch_fn on_event, void *arg);

/* Ends following, also from within a call; NULL is fine. */
void follow_watch_free(struct follow_watch *w);

/* Returns whether all there is was reported; and whether changes are pushed: at least those of the
 * name itself. */
bool follow_watch_is_current(const struct follow_watch *w);
bool follow_watch_is_pushed(const struct follow_watch *w);

/* Returns the instances there are now: `n` of them in no order, valid until resolve_events_run. */
struct find_instance *const *follow_watch_instances(const struct follow_watch *w, size_t *n);
