/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* control/server.h - the socket by which people and scripts steer a running program.
 *
 * A Unix stream socket that its owner and group may use. A client sends one line of JSON,
 *
 *	{"command": "zone status", "args": ["lab.cloud"]}
 *
 * and gets one line: {"ok": true, "result": ...} or {"ok": false, "error": "what"}. With the line
 * it may hand over a descriptor (SCM_RIGHTS), to which a command with a long answer writes. Each
 * connection has one request at a time. The command `help` lists the commands.
 *
 * The server knows no command: a table of them is handed in. All functions are called in the thread
 * of the loop that control_server_open() was given; a request may be answered at any later time,
 * but in that thread, too. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <ev.h>
#include <jansson.h>

struct control_command;
struct control_request;
struct control_server;

/* Runs a command. Ends, at once or later, with one call of control_request_answer() or
 * control_request_fail() for the request. */
typedef void (*control_run_fn)(void *arg, struct control_request *request);

struct control_server_settings {
	const char *path; /* of the socket; a socket file that nobody listens at is replaced */
	uid_t uid;	  /* owner of the socket file; (uid_t)-1: the process' user */
	gid_t gid;	  /* its group; (gid_t)-1: the process' group */

	/* the commands, and the function of each; borrowed until control_server_close() */
	const struct control_command *commands;
	const control_run_fn *run;
	size_t ncommands;
	void *arg; /* for the functions */
};

/* Listens. Returns 0 with the server in `out`, or a negative errno: -EADDRINUSE if a living process
 * answers at the path, -ENOTSOCK if there is another file than a socket, which stays. */
int control_server_open(struct control_server **out, struct ev_loop *loop,
			const struct control_server_settings *settings);

/* Stops listening, removes the socket file and closes all connections. Answers that are being
 * written are sent as far as the kernel takes them at once. Requests that are not answered yet stay
 * valid until they are, but no client receives the answer. NULL is fine. */
void control_server_close(struct control_server *control);

/* Returns how many arguments the request has. */
size_t control_request_nargs(const struct control_request *request);

/* Returns argument `i`, borrowed until the request is answered. */
const char *control_request_arg(const struct control_request *request, size_t i);

/* Returns the descriptor that came with the request, or -1 if none did. The request owns it and
 * closes it when it is answered. Writing to it may block: do so in a thread of its own. */
int control_request_output(const struct control_request *request);

/* What a request is answered with without an end: lines, for as long as the client reads. */
struct control_stream {
	/* Writes whole lines that are new to `out`, of `size` bytes. Returns their bytes; 0 if
	 * there are none now. */
	size_t (*next)(void *arg, char *out, size_t size);
	/* Is called while the client does not read. Returns 0 as long as it misses nothing; else
	 * writes the last line, with what it has missed, and returns its bytes. */
	size_t (*lose)(void *arg, char *out, size_t size);
	void (*end)(void *arg); /* frees `arg`; the connection is gone */
	void *arg;
};

/* Answers the request with null, and then with the lines of the stream, which is copied. A client
 * that does not read holds up nobody: it gets the line of `lose` and is hung up on. Ends the
 * request. Returns 0, or -EBUSY with the request as it was: there are too many streams. */
int control_request_stream(struct control_request *request, const struct control_stream *stream);

/* Answers the request with a result; NULL is JSON's null. Ends the request. The result moves in. */
void control_request_answer(struct control_request *request, json_t *take_result);

/* Answers the request with an error of one or more lines. Ends the request. */
__attribute__((format(printf, 2, 3))) void control_request_fail(struct control_request *request,
								const char *format, ...);
