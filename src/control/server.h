/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* control/server.h - the socket by which people steer a running weftd.
 *
 * A Unix stream socket that owner and group may use. A client sends one line of JSON,
 *
 *	{"command": "zone status", "args": ["lab.cloud"]}
 *
 * and gets one line: {"ok": true, "result": ...} or {"ok": false, "error": "what"}. With the line
 *it may hand over a descriptor (SCM_RIGHTS), to which a command with much to say writes. It knows
 *no command: a table of them is handed in. Everything runs in the loop of the thread that opened
 *it; a request may be answered later, but from that thread too. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <ev.h>
#include <jansson.h>

struct control;
struct control_command;
struct control_request;

/* Runs a command. It must end, now or later, with one control_answer() or
 * control_fail() for `request`. */
typedef void (*control_fn)(void *arg, struct control_request *request);

struct control_settings {
	const char *path; /* of the socket; one left by a dead weftd is replaced */
	uid_t uid;	  /* who owns it: (uid_t)-1 and (gid_t)-1 leave it as made */
	gid_t gid;
	/* the commands, and what runs each; borrowed until control_close() */
	const struct control_command *commands;
	const control_fn *run;
	size_t ncommands;
	void *arg; /* for the commands */
};

/* Listens. Returns 0, -EADDRINUSE when a living process answers there, or another negative errno.
 */
int control_open(struct control **out, struct ev_loop *loop,
		 const struct control_settings *settings);

/* Stops listening, removes the socket, hangs up. Requests that are not answered yet stay valid
 * until they are; nobody hears the answer. NULL is fine. */
void control_close(struct control *control);

/* How many arguments came, and the one at `i`: text, good until the request is answered. */
size_t control_nargs(const struct control_request *request);
const char *control_arg(const struct control_request *request, size_t i);

/* The descriptor that came with the request, or -1. It stays the request's and is closed when that
 * is answered. It may block: write to it from a thread of its own. */
int control_output(const struct control_request *request);

/* Whether the client has hung up, so that long work for it may end early. */
bool control_is_gone(const struct control_request *request);

/* Ends the request with a result, which moves in (also when nobody hears it). */
void control_answer(struct control_request *request, json_t *take_result);

/* Ends the request with an error: one sentence, or several lines. */
__attribute__((format(printf, 2, 3))) void control_fail(struct control_request *request,
							const char *fmt, ...);
