/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* push.h - the options of tests/bench/push, and its kinds of load. One thread. */
#pragma once

#include <stdbool.h>

#include "../load.h"
#include "sessions.h"
#include "updates.h"

struct push_options {
	struct load_options load; /* where updates and queries go */
	const char *port;	  /* where streams go */
	const char *kind;	  /* of attack */
	bool is_tls, is_resumed, is_any, has_view;
	unsigned sessions, subscriptions, groups, window, sources, first_source, singles;
	double updates_per_s, queries_per_s, seconds, limit_s;
};

/* Prints `line`, and waits until the script that started this program has read weftd's figures. */
void push_tell(const char *line);

/* Connects a datagram socket to the server. Returns 0, or -1 after a message. */
int push_connect(int fd, const struct push_options *o);

/* Prepares the sessions that the options describe. Returns 0, or -1 after a message. */
int push_sessions(struct sessions *all, const struct push_options *o);

/* The kinds of load; each returns the exit status.
 *
 * Subscribes, updates and measures: watch.c. */
int push_watch(const struct push_options *o);

/* Connects and closes as fast as `window` handshakes at a time allow: handshake.c. */
int push_handshake(const struct push_options *o);

/* Does harm for `seconds`, in the way named `kind`: harm.c. */
int push_harm(const struct push_options *o);
