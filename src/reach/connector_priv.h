/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* reach/connector_priv.h - what a connector and its attempts share. One thread. */
#pragma once

#include "reach/connector.h"

struct reach_connector {
	struct resolve_events *events;
	struct find *find;
	struct reach_memory *memory;
	struct follow_watch *watch;
	struct find_name name;
	reach_connector_fn on_event;
	/* Takes a connection that an attempt has made. */
	void (*on_connected)(struct reach_connector *c, int fd, const struct find_instance *to,
			     bool is_datagram);
	void *arg;
	void *key; /* NULL: instances are ordered by weight */
	size_t nkey;
	bool is_known; /* that which the watch has is all there is, or was */
	bool is_lost;
	unsigned version;	    /* of what is known: changes with each change of an instance */
	bool has_instances;	    /* READY was reported */
	struct find_instance *last; /* of the last connection, as it is now; or NULL */
	struct sockaddr_storage last_address;
	bool last_is_datagram;
	bool is_last_new;	   /* and was not compared with what is known */
	bool was_better_reported;  /* since the last connection */
	struct reach *probe;	   /* of better ones; or NULL */
	struct resolve_timer look; /* when to look what has become of it, or is better */
	struct reach_connector_attempt *attempts;
};

/* Has the attempts look at the instances again, at the next turn. */
void reach_connector_attempts_wake(struct reach_connector *c);

/* Has the attempts go on without their connector. */
void reach_connector_attempts_leave(struct reach_connector *c);
