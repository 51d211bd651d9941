/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* lan/daemon.h - the Avahi daemon of this machine: connections to it, and whether it runs.
 *
 * What is published (lan/group.h) and browsed (lan/browser.h) belongs to a daemon and outlives it:
 * when avahi-daemon or D-Bus are gone, they are waited for, and on their return everything is
 * published and browsed again. Avahi lets a client have 1,024 objects (groups and browsers) and a
 * group 32 entries, unless avahi-daemon.conf(5) changes that: so there are as many clients as it
 * takes, until Avahi allows no more.
 *
 * Calls of Avahi's library wait for the daemon's answer, for up to 25 seconds if it hangs. So all
 * of this room belongs to one thread that may wait, with its loop; lan_daemon_interrupt and
 * lan_daemon_stats_get are for any thread. The room knows no zone and no registry: names are wire
 * names under `local.`. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/name.h"

struct ev_loop;
struct lan_daemon;

/* Why something waits for room in Avahi: how many objects it has is the product of two limits. */
#define LAN_NO_ROOM                                                                                \
	"avahi-daemon has no room: objects-per-client-max or clients-max in avahi-daemon.conf(5) " \
	"can be raised"

/* What other threads may know. Consists of uint64_t only: base/counter.h. */
struct lan_stats {
	uint64_t is_running;	     /* 1: the daemon answers */
	uint64_t calling_since_us;   /* steady clock: a call that waits for the daemon; 0: none */
	uint64_t nreconnects;	     /* how often it came back */
	uint64_t nclients, nobjects; /* now */
	uint64_t nrefused;	     /* groups and browsers for which Avahi has no room, now */
	uint64_t ncollisions;	     /* of groups, so far */
};

/* Makes a daemon and begins to connect, from within the loop. `on_state` is called when it is
 * there, when this machine may have got another name on the LAN, and when it is gone; NULL is
 * fine. Returns NULL if memory is short. */
struct lan_daemon *lan_daemon_new(struct ev_loop *loop,
				  void (*on_state)(void *arg, bool is_running), void *arg);

/* Returns whether avahi-daemon runs and answers. */
bool lan_daemon_is_running(const struct lan_daemon *d);

/* Writes the name of this machine on the LAN, as the daemon has it now. Returns false if it does
 * not answer. */
bool lan_daemon_host(struct lan_daemon *d, uint8_t out[static DNS_NAME_MAX]);

/* Has calls that wait for the daemon end at once, with the connections, and no new ones begin.
 * Groups and browsers can then be freed without waiting. Returns false if the thread is within a
 * call that cannot be interrupted: the first one of a connection. Any thread. */
bool lan_daemon_interrupt(struct lan_daemon *d);

/* After lan_daemon_interrupt has returned false: has the thread never come back from the call that
 * it is in, so that what it would use next can go. Returns false if it has come back already. Any
 * other thread; then the daemon must not be used nor freed any more. */
bool lan_daemon_abandon(struct lan_daemon *d);

/* Copies the figures. Any thread. */
void lan_daemon_stats_get(const struct lan_daemon *d, struct lan_stats *out);

/* Ends the connections: Avahi withdraws what was published. All groups and browsers have been
 * freed, and then lan_farewell_end was called. NULL is fine. */
void lan_daemon_free(struct lan_daemon *d);
