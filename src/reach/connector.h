/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* reach/connector.h - a service that is followed, with connections to where it is best.
 *
 * Connections are made to the instances that are known, without a question to a registry; while
 * none answers, to those that were known. What comes to be known meanwhile is tried, too; where
 * changes are not pushed, a registry is asked when what is known fails. What happens to the
 * instance of the last connection is reported: its owner decides whether to connect anew. A
 * connection is never closed here. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "follow/watch.h"
#include "reach/connect.h"
#include "reach/reach.h"

struct reach_connector;
struct reach_connector_attempt;

/* As enum weft_connector_event. */
enum reach_connector_event {
	REACH_CONNECTOR_READY = 1, /* instances are known, after there were none */
	REACH_CONNECTOR_MOVED,	   /* other host, port or incarnation; or its address is gone */
	REACH_CONNECTOR_DRAINING,  /* or its state is failed */
	REACH_CONNECTOR_GONE,
	REACH_CONNECTOR_BETTER, /* one of a better priority is there, and could be connected to just
				   now: once after each connection */
};

/* Takes an event about the instance of the last connection. `i` is where to go, NULL if nowhere;
 * valid during the call. The function may free the connector. */
typedef void (*reach_connector_fn)(void *arg, enum reach_connector_event event,
				   const struct find_instance *i);

/* Begins to follow the name. What is borrowed is so until the end of the connector and of all its
 * attempts. `on_event` may be NULL. Returns 0 or -ENOMEM. */
int reach_connector_new(struct reach_connector **out, struct resolve_events *events, struct find *f,
			struct follow *follower, struct reach_memory *memory,
			const struct find_name *name, reach_connector_fn on_event, void *arg);

/* Ends following. Attempts that have instances already go on; others end with -ECANCELED. NULL is
 * fine. */
void reach_connector_free(struct reach_connector *c);

/* Orders instances by this key from now on, or, with NULL, by weight. Returns 0, or -ENOMEM with
 * the key unchanged. */
int reach_connector_set_key(struct reach_connector *c, const void *key, size_t nbytes);

/* Begins to connect: as soon as the instances are known, which is waited for until the deadline.
 * `done` gets -ENOENT if there are none. The owner frees the attempt, then or later. Returns 0 or
 * -ENOMEM. */
int reach_connector_connect(struct reach_connector_attempt **out, struct reach_connector *c,
			    const struct reach_options *options, reach_connect_fn done,
			    reach_failed_fn on_failed, void *arg);

/* Ends an attempt, also from within a call; NULL is fine. */
void reach_connector_attempt_free(struct reach_connector_attempt *a);
