/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/server.h - which servers a client of the command line talks to, and how: options,
 * environment and client.conf(5).
 *
 * The server of --server is one alone, of whose name the addresses are waited for; else those of
 * locate/locate.h are used, as for libweft's watches. It does not know what is followed. One
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "client/client.h"
#include "find/follower.h"
#include "resolve/events.h"

struct cli_options;
struct locate;

/* The caller reads `client` and `locate` at most. */
struct tool_server {
	struct client *client; /* for subscriptions */
	struct locate *locate;
	struct resolve_events events;
	struct find_follower *follower; /* NULL: the server is named, */
	struct client *named;		/* else this is NULL */
	struct find_follower_user user;
};

/* Makes the client, which asks for this keepalive interval, and whose changes of state go to
 * `on_state`. Returns CLI_OK, after which
 * tool_server_close is owed, or another exit status after a message. */
int tool_server_open(struct tool_server *s, const struct cli_options *options,
		     uint32_t keepalive_ms, client_state_fn on_state, void *arg);

/* Ends the sessions, and frees all. */
void tool_server_close(struct tool_server *s);

/* Returns whether it is known that there is no server. */
bool tool_server_has_none(const struct tool_server *s);

/* The loop: as the functions of client/client.h. */
int tool_server_fd(const struct tool_server *s);
uint64_t tool_server_deadline(const struct tool_server *s);
void tool_server_process(struct tool_server *s, uint64_t now_ms);
