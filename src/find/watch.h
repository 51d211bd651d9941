/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/watch.h - following the instances that a name stands for, pushed or polled.
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

#include "find/event.h"
#include "find/follower.h"
#include "find/instance.h"
#include "find/name.h"

struct find_watch;

/* Instances of a type that are followed; others are ignored. */
enum { FIND_WATCH_INSTANCES_MAX = 10000 };

/* Follows what the name stands for. Returns 0 or -ENOMEM. */
int find_watch_new(struct find_watch **out, struct find_follower *f, const struct find_name *name,
		   find_watch_fn on_event, void *arg);

/* Ends following, also from within a call; NULL is fine. */
void find_watch_free(struct find_watch *w);

/* Returns whether all there is was reported; and whether changes are pushed: at least those of the
 * name itself. */
bool find_watch_is_current(const struct find_watch *w);
bool find_watch_is_pushed(const struct find_watch *w);

/* Returns the instances there are now: `n` of them in no order, valid until resolve_events_run. */
struct find_instance *const *find_watch_instances(const struct find_watch *w, size_t *n);
