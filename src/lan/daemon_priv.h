/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* lan/daemon_priv.h - what groups and browsers have of the daemon: clients with room, and turns.
 *
 * An object is a group or a browser. Its work is done in turns of the loop, some objects at a time:
 * so hundreds of them leave time for other events. Objects for which Avahi has no room wait until
 * another has freed some. The daemon's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <avahi-client/client.h>
#include <ev.h>

#include "lan/daemon.h"

struct lan_interfaces;

/* A connection to the daemon. */
struct lan_client {
	struct lan_daemon *daemon;
	AvahiClient *avahi;
	AvahiClientState state;
	unsigned nobjects; /* of Avahi's */
	bool is_full;	   /* it may have no more, until one of them is freed */
	TAILQ_ENTRY(lan_client) link;
};

enum lan_object_queue { LAN_IDLE, LAN_DUE, LAN_REFUSED };

/* The member of a group or browser. */
struct lan_object {
	struct lan_daemon *daemon;
	const struct lan_interfaces *where;

	/* Does what is to be done, as far as the daemon is there; the object may be freed in it. */
	void (*work)(struct lan_object *o);
	/* Forgets what it had of Avahi: the clients are freed after this. */
	void (*lose)(struct lan_object *o);

	bool is_farewell;
	bool is_moved; /* its interfaces have changed; `work` clears that */
	enum lan_object_queue queue;
	TAILQ_ENTRY(lan_object) link, queued;
};

/* Adds an object to the daemon's, or removes it. */
void lan_object_init(struct lan_object *o, struct lan_daemon *d,
		     const struct lan_interfaces *where);
void lan_object_fini(struct lan_object *o);

/* Has `work` called in one of the next turns; `is_soon`: before those that wait already. */
void lan_object_schedule(struct lan_object *o, bool is_soon);

/* Has `work` called when Avahi may have room again, or after some time. */
void lan_object_refuse(struct lan_object *o);

/* Has `work` of all objects on these interfaces called. */
void lan_daemon_move(struct lan_daemon *d, const struct lan_interfaces *where);

/* Returns the farewell after `o` (NULL: the first one) or NULL. */
struct lan_object *lan_daemon_farewell(struct lan_daemon *d, struct lan_object *o);

/* Returns whether the daemon runs, and calls are answered as far as is known. */
bool lan_daemon_has_answered(const struct lan_daemon *d);

/* Takes note of interfaces that are named: `more` than before, or fewer. Returns whether
 * records may have been published on several. */
void lan_daemon_count_interfaces(struct lan_daemon *d, int more);
bool lan_daemon_has_interfaces(const struct lan_daemon *d);

/* Finds a client that may have one more object. Returns 0, -EAGAIN if the daemon is away, or
 * -ENOSPC if Avahi has no room. */
int lan_client_find(struct lan_daemon *d, struct lan_client **out);

/* A call of Avahi's library begins and ends. */
void lan_client_enter(struct lan_client *c);
void lan_client_leave(struct lan_client *c);

/* Counts an object of Avahi's that was made, or freed. */
void lan_client_add(struct lan_client *c);
void lan_client_remove(struct lan_client *c);

/* Converts the error of a call that has just failed. Returns -EAGAIN: the daemon is gone, and all
 * is made again; -ENOSPC: lan_client_find may know another client; -E2BIG: the group is full;
 * -EEXIST: a collision; -ENETDOWN: avahi-daemon does not use the interface yet; -EINVAL: anything
 * else. */
int lan_client_fault(struct lan_client *c, int error);

/* The largest number of entries that a group was seen to have when it was full. */
unsigned lan_daemon_entries_max(const struct lan_daemon *d);
void lan_daemon_set_entries_max(struct lan_daemon *d, unsigned max);

/* Counts a collision. */
void lan_daemon_count_collision(struct lan_daemon *d);

struct ev_loop *lan_daemon_loop(const struct lan_daemon *d);
