/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* control/client.h - the other end of control/server.h: asks a running program over its socket.
 *
 * A caller connects, sends one request, receives its answer, and closes the descriptor with
 * close(2). Each step blocks up to a limit: a program that died hangs up, but one that was stopped
 * or is stuck would keep its client waiting. The unit knows no command and prints nothing. Any
 * thread, each descriptor in one. */
#pragma once

#include <stddef.h>

#include <jansson.h>

/* Connects to the socket at `path`. Waits at most `limit_s` seconds for the program to take the
 * connection, and again for it to take the request; 0 waits for ever. Returns a descriptor that the
 * caller closes, or a negative errno: -ENOENT or -ECONNREFUSED if nobody listens, -ETIMEDOUT,
 * -ENAMETOOLONG. */
int control_client_connect(const char *path, int limit_s);

/* Sends the request to run `command` with the `nargs` texts of `args`, and hands over the
 * descriptor `output` (-1: none), which stays the caller's, too. Returns 0, or a negative errno:
 * -EINVAL if an argument is not UTF-8, -EMSGSIZE if the request is too long, -ETIMEDOUT. */
int control_client_send(int fd, const char *command, char *const *args, size_t nargs, int output);

/* Receives the answer into `out`, which the caller releases with json_decref(). Waits at most
 * `limit_s` seconds for more of it; 0 waits for ever. Returns 0, or a negative errno with `out`
 * NULL: -ETIMEDOUT, -ECONNRESET if the program hung up without an answer in JSON, -ENOMEM. */
int control_client_receive(int fd, int limit_s, json_t **out);
