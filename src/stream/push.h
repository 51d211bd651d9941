/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* stream/push.h - DNS Push (RFC 8765) on the sessions of a worker.
 *
 * Room `push` matches and encodes, here that meets sessions, zones and the worker's time: what
 * subscriptions are accepted, what there is already, the changes that the registrar hands over, and
 * the sessions that do not read. All of it belongs to one worker. */
#pragma once

#include <stdbool.h>

#include "stream/dso.h"

struct server_worker;
struct stream;
struct stream_connection;
struct stream_push;

/* SUBSCRIBE, UNSUBSCRIBE and RECONFIRM. */
extern const struct stream_operations stream_push_operations;

/* Frees what the worker has for subscriptions, of which there are none any more. */
void stream_push_fini(struct stream *st);

/* Takes the changes that have come from the registrar. In a turn. */
void stream_push_take(struct server_worker *w);

/* Returns whether a change has to be delivered. */
bool stream_push_is_pending(const struct stream *st);

/* Delivers changes for the rest of the slice. In a turn, and a slice (stream/turn.c). */
void stream_push_deliver(struct stream *st);

/* Returns whether the client of the connection has not got yet all that there was when it
 * subscribed. Meanwhile its requests wait. */
bool stream_push_is_filling(const struct stream_connection *c);

/* Writes more of that, for the rest of the slice. In a turn. */
void stream_push_fill(struct stream_connection *c);
