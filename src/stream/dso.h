/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* stream/dso.h - the DSO sessions (RFC 8490) of a worker's connections.
 *
 * push/session.h decides what a message leads to; here it meets a connection: a session begins with
 * the client's first DSO request, is counted and limited, has a timer, and ends with a Retry Delay
 * message or with the connection. What the long-lived operations on it do is not known here: it is
 * handed in as a struct stream_operations. All of it belongs to one worker. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <ev.h>

#include "push/session.h"
#include "server/stats.h"

struct push_message;
struct server_request;
struct stream;
struct stream_connection;

enum { STREAM_DSO_OVERLOAD_MS = 60000 }; /* least delay after SERVFAIL (RFC 8765 section 6.2.2) */

/* The session of a connection. Not established until its first request has succeeded. */
struct stream_session {
	struct push_session push;
	struct stream_connection *connection;
	void *data; /* for the operations' use */

	TAILQ_ENTRY(stream_session) link; /* in stream.sessions, while it is established */
	uint64_t began_ms;		  /* when it was established */
	struct ev_timer timer;		  /* for the deadline of `push` */
	uint64_t due_ms;		  /* when `timer` goes off, if it is active */
	enum server_session_end end;	  /* why it has ended */
	bool is_established;		  /* counted, and in stream.sessions */
	bool must_check;		  /* the rules have changed */
	bool must_leave;		  /* weftd stops: ends when nothing is under way */
	bool was_busy;			  /* something was under way when that was last asked */
};

TAILQ_HEAD(stream_sessions, stream_session);

/* A walk over the established sessions that is made in parts. */
struct stream_walk {
	LIST_ENTRY(stream_walk) link; /* in stream.walks, until the end */
	struct stream_session *next;
};

LIST_HEAD(stream_walks, stream_walk);

/* The long-lived operations of sessions (RFC 8765), of one worker. */
struct stream_operations {
	/* Carries out a SUBSCRIBE, UNSUBSCRIBE or RECONFIRM. A SUBSCRIBE must be answered with
	 * stream_dso_respond before the function returns; after NOERROR more may be sent. An
	 * operation that has begun is registered with push_session_add. Returns false if the
	 * message is so defective that the connection is to be aborted. */
	bool (*receive)(struct stream_session *s, const struct dns_dso *m);

	/* Called when the rules of the turn are new, or keys were revoked: ends operations that are
	 * not permitted any more, or the session (stream_dso_end). */
	void (*check)(struct stream_session *s);

	/* Called when a session ends, or was not established by its first message: removes its
	 * operations. Nothing may be sent. */
	void (*end)(struct stream_session *s);
};

/* ---- for those who implement operations ---- */

/* Answers the request `m`; with an error a Retry Delay TLV of about `delay_ms`, unless that is
 * 0. */
void stream_dso_respond(struct stream_session *s, const struct dns_dso *m, uint8_t rcode,
			uint32_t delay_ms);

/* Queues a unidirectional message or a cancellation for the client, after all that was queued
 * before; all of it is sent when it is the client's turn. The bytes are copied. Nothing is done
 * once the session has ended. To be called in a turn of the worker. */
void stream_dso_send(struct stream_session *s, const uint8_t *msg, size_t nbytes);

/* Likewise for a message that other sessions send too; the session becomes one of its users until
 * the socket has taken it. */
void stream_dso_send_shared(struct stream_session *s, struct push_message *m);

/* Likewise, but what the socket takes is sent now, if nothing was queued before. */
void stream_dso_send_now(struct stream_session *s, struct push_message *m);

/* Returns how many bytes the socket has not taken yet. */
size_t stream_dso_unsent(const struct stream_session *s);

/* Ends an established session: its operations, and all that runs on its connection. The client
 * gets a Retry Delay message, with a delay that is not the same for all, and five seconds to close
 * (RFC 8490 section 6.6.1). Nothing is done if the session has ended already. */
void stream_dso_end(struct stream_session *s, enum server_session_end end, uint8_t rcode);

/* Returns the worker's established sessions. */
struct stream_sessions *stream_dso_sessions(struct stream *st);

/* Begins a walk over them. Sessions may begin and end between its parts. */
void stream_dso_walk(struct stream *st, struct stream_walk *walk);

/* Returns the next session, or NULL after the last. */
struct stream_session *stream_dso_walk_next(struct stream_walk *walk);

/* Ends the walk. */
void stream_dso_walk_end(struct stream_walk *walk);

/* ---- for connections ---- */

/* Handles a message of the connection if it is a DSO message, or if the session permits nothing
 * else. Returns false if it is to be answered as on any connection. */
bool stream_dso_take(struct stream_connection *c, const struct server_request *r);

/* Does what waits for the connection's turn: a check of the rules, or the session's end. */
void stream_dso_serve(struct stream_connection *c);

/* Takes note of what has become of the connection, and sets the timer. To be called whenever the
 * connection's state is set. */
void stream_dso_rearm(struct stream_connection *c);

/* Returns whether the connection is an established session: its own timeouts apply, and it is
 * never evicted in favour of a new connection. */
bool stream_dso_is_kept(const struct stream_connection *c);

/* Returns whether nothing more may be sent: a Retry Delay message was. */
bool stream_dso_is_over(const struct stream_connection *c);

/* Marks the connection as failed if its client is overdue. Called when the timer goes off. */
void stream_dso_expire(struct stream_session *s);

/* Has all established sessions check the rules when it is their turn. */
void stream_dso_check_all(struct stream *st);

/* Has the connection's session end when nothing is under way, because weftd stops. Returns false
 * if there is no established session. */
bool stream_dso_leave(struct stream_connection *c);

/* Ends and frees the session of a connection that is being closed, if it has one. */
void stream_dso_close(struct stream_connection *c);
