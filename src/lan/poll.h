/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* lan/poll.h - the loop as Avahi's library wants it, and the way out of a call that waits.
 *
 * Avahi's library is driven by a libev loop: it asks for descriptors and times, which become
 * watchers. Its calls wait for the daemon's answer on these descriptors; another thread ends them
 * by shutting the connections down. It knows no client. One thread, but for lan_poll_interrupt. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <avahi-common/watch.h>

struct ev_loop;
struct lan_poll;

/* Makes what Avahi's library is given. While a call of the library may wait, `calling_since_us`
 * (base/counter.h) is set. Returns NULL if memory is short. */
struct lan_poll *lan_poll_new(struct ev_loop *loop, uint64_t *calling_since_us);

/* Returns it in Avahi's terms. */
const AvahiPoll *lan_poll_api(struct lan_poll *p);

/* A call of the library begins, which may wait; it ends. With `is_first` it is the one that makes a
 * connection, which has no descriptor yet. Calls may be nested. */
void lan_poll_enter(struct lan_poll *p, bool is_first);
void lan_poll_leave(struct lan_poll *p);

/* Shuts down the connections that there are: calls on them fail at once. */
void lan_poll_shut(struct lan_poll *p);

/* Shuts down all connections, now and from now on: no call waits any more. Returns false if one
 * waits that has no descriptor yet. Any thread. */
bool lan_poll_interrupt(struct lan_poll *p);

/* After lan_poll_interrupt has returned false: has the thread never come back from the call that it
 * is in. Returns false if it has come back already. Any other thread. */
bool lan_poll_abandon(struct lan_poll *p);

/* Returns whether lan_poll_interrupt has been called. */
bool lan_poll_is_interrupted(const struct lan_poll *p);

/* Frees it, with no descriptors and times left. NULL is fine. */
void lan_poll_free(struct lan_poll *p);
