/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* push/session.h - one DSO session at the server (RFC 8490): whether it is established, what a
 * message of the client is answered with, when the client is overdue, and which operations are
 * active.
 *
 * A session does not know sockets, timers or what an operation does. It gets messages and the time,
 * writes what is to be sent, and names the time at which push_session_due is to be asked. All times
 * are milliseconds of the steady clock. A session belongs to one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/dso.h"

enum push_session_state {
	PUSH_SESSION_NONE,	  /* no request of the client has succeeded yet */
	PUSH_SESSION_ESTABLISHED, /* since a response with NOERROR (RFC 8490 section 5.1.2) */
	PUSH_SESSION_ENDING, /* a Retry Delay message was sent: nothing more is sent or heeded */
};

/* By what a session is kept. The caller may change them between two calls. */
struct push_session_rules {
	struct dns_dso_timeouts longest; /* that are granted */
	bool is_permitted;		 /* false: DSO is not served on this connection (NOTIMP) */
	bool is_encrypted;		 /* responses to padded requests are padded */
};

/* A long-lived operation of the client, such as a subscription: a member of the caller's struct. */
struct push_operation {
	uint16_t id; /* MESSAGE ID of the request that has begun it */
};

struct push_session {
	enum push_session_state state;
	bool has_asked;			 /* the client has sent a Keepalive */
	struct dns_dso_timeouts asked;	 /* by its last Keepalive */
	struct dns_dso_timeouts timeout; /* in force */
	uint64_t heard_ms;  /* when a message was last sent or received (keepalive timer) */
	uint64_t active_ms; /* likewise, but for Keepalive messages (inactivity timer) */
	uint64_t grace_ms;  /* until when inactivity is forgiven: the timeout was shortened */
	uint64_t ended_ms;  /* when the Retry Delay message was sent */

	struct push_operation **operations; /* active ones, by rising id */
	size_t noperations, operations_size;
};

/* What is to be done after a message. */
enum push_session_verdict {
	PUSH_SESSION_IGNORE,	/* nothing */
	PUSH_SESSION_REPLY,	/* send the response that has been written */
	PUSH_SESSION_OPERATION, /* carry out the message: SUBSCRIBE, which push_session_respond
				   answers; UNSUBSCRIBE or RECONFIRM, which have no answer */
	PUSH_SESSION_ABORT,	/* a fatal error: abort the connection forcibly (section 5.3) */
};

/* Why the client is overdue, and the connection is to be aborted. */
enum push_session_overdue {
	PUSH_SESSION_NOT_OVERDUE,
	PUSH_SESSION_INACTIVE,	 /* it has not closed an inactive session (section 6.4.1) */
	PUSH_SESSION_SILENT,	 /* it has sent no keepalive traffic (section 6.5.1) */
	PUSH_SESSION_NOT_CLOSED, /* it has not closed after a Retry Delay (section 6.6.1) */
};

/* Begins a session that is not established, with the default timeouts. */
void push_session_init(struct push_session *s);

/* Frees what the session has allocated; its operations are the caller's. */
void push_session_fini(struct push_session *s);

/* ---- messages ---- */

/* Handles a message of `nbytes` with opcode DSO from the client. `m` is filled in unless the
 * verdict is IGNORE or ABORT, and borrows the message. With REPLY the response, without framing,
 * has been written to `out`, which has room for DNS_DSO_PAD_RESPONSE bytes. */
enum push_session_verdict push_session_receive(struct push_session *s,
					       const struct push_session_rules *rules,
					       const uint8_t *msg, size_t nbytes, uint64_t now_ms,
					       struct dns_dso *m, struct base_out *out);

/* Writes the response to the request `m`, padded if it has to be. NOERROR establishes the session.
 * With any other RCODE a Retry Delay TLV is added, unless `delay_ms` is 0 (section 7.2.2). */
void push_session_respond(struct push_session *s, const struct push_session_rules *rules,
			  const struct dns_dso *m, uint8_t rcode, uint32_t delay_ms,
			  uint64_t now_ms, struct base_out *out);

/* Handles a message with another opcode from the client. `has_keepalive`: with an
 * edns-tcp-keepalive option (RFC 7828), which is a fatal error on a session (section 7.1.2).
 * Returns false if the connection is to be aborted. */
bool push_session_other(struct push_session *s, bool has_keepalive, uint64_t now_ms);

/* Takes note that a message other than a Keepalive has been sent. */
void push_session_sent(struct push_session *s, uint64_t now_ms);

/* ---- what the server begins ---- */

/* Applies changed rules. If they change the timeouts of a client that has asked for some, writes a
 * Keepalive message to `out` and returns true. */
bool push_session_change(struct push_session *s, const struct push_session_rules *rules,
			 uint64_t now_ms, struct base_out *out);

/* Ends an established session: writes a Retry Delay message (section 6.6.1). Nothing may be sent
 * after it. */
void push_session_end(struct push_session *s, uint8_t rcode, uint32_t delay_ms, uint64_t now_ms,
		      struct base_out *out);

/* ---- time ---- */

/* Returns why the client is overdue at `now_ms`. `is_busy`: a query, update or transfer waits for
 * its answer, so the session is not inactive. */
enum push_session_overdue push_session_due(const struct push_session *s, bool is_busy,
					   uint64_t now_ms);

/* Returns the time at which the client will be overdue if nothing happens until then; UINT64_MAX:
 * never. */
uint64_t push_session_deadline(const struct push_session *s, bool is_busy);

/* ---- operations ---- */

/* Adds an active operation, whose id no other one has; it stays the caller's. While there is one
 * the session is not inactive, and another request with its id is a fatal error (section 5.4.1).
 * Returns 0 or -ENOMEM. */
int push_session_add(struct push_session *s, struct push_operation *op);

/* Finds the active operation with this id. Returns NULL if there is none. */
struct push_operation *push_session_find(const struct push_session *s, uint16_t id);

/* Removes all active operations of a session that is ending. */
void push_session_clear(struct push_session *s);

/* Removes an active operation. Without any left, the inactivity timer starts. */
void push_session_remove(struct push_session *s, const struct push_operation *op, uint64_t now_ms);
