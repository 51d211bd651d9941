/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/server.h - which servers a client of the command line talks to, and how: options,
 * environment and client.conf(5).
 *
 * The server of --server is one alone, of whose name the addresses are waited for; else those of
 * locate/locate.h are used, as for libweft's watches. It does not know what is followed. One
 * thread. */
#pragma once

#include <stdint.h>

#include "client/client.h"
#include "follow/follow.h"
#include "resolve/events.h"

struct cli_options;
struct locate;

/* The caller does not change it. `events` are the loop. */
struct tool_server {
	struct resolve_events events;
	struct locate *locate;
	struct follow *follower; /* for watches, */
	struct client *client;	 /* and its client, for subscriptions */
	struct follow_user user; /* private */
};

/* Makes the client, which asks for this keepalive interval, and whose changes of state go to
 * `on_state`. Returns CLI_OK, after which tool_server_close is owed, or another exit status after a
 * message. */
int tool_server_open(struct tool_server *s, const struct cli_options *options,
		     uint32_t keepalive_ms, client_state_fn on_state, void *arg);

/* Ends the sessions, and frees all; watches must be gone. */
void tool_server_close(struct tool_server *s);
