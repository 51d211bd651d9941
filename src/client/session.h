/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* client/session.h - a DSO session with DNS Push, the client's side (RFC 8490, RFC 8765).
 *
 * Messages in, messages out: it has no socket. It knows which operations are active by their
 * message ids, what the server may send and what ends the session, and when; not what the records
 * mean. A subscription is an operation of its owner, a pointer that is not looked at. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/dso.h"

struct client_session;

enum { CLIENT_SESSION_RESPONSE_MS = 10000 }; /* for one once the session is established */

/* What becomes of the session. */
enum client_session_verdict {
	CLIENT_SESSION_GOES_ON,
	CLIENT_SESSION_CLOSE,  /* close the connection gracefully: Retry Delay, or inactive */
	CLIENT_SESSION_ABORT,  /* abort it: the server breaks the rules, or is silent */
	CLIENT_SESSION_NO_DSO, /* the server has no DSO; the connection may be used for queries */
};

/* Why a session has ended. */
struct client_session_end {
	const char *why;      /* a constant, for people */
	bool has_retry_delay; /* the server has sent a Retry Delay message, */
	uint32_t retry_ms;    /* with this delay, */
	unsigned rcode;	      /* and this RCODE; or the RCODE that means no DSO */
	bool is_silent;	      /* the server has not answered in time */
};

enum client_notice_kind {
	CLIENT_NOTICE_ADD,
	CLIENT_NOTICE_REMOVE,	   /* one record */
	CLIENT_NOTICE_REMOVE_TYPE, /* all records of the type, all at the name for ANY */
};

/* One change notification of a PUSH message; a view, valid during the call. */
struct client_notice {
	enum client_notice_kind kind;
	const uint8_t *name; /* as sent, uncompressed */
	uint16_t type;
	uint32_t ttl;
	const uint8_t *rdata; /* laid out (dns/rdata.h) and uncompressed */
	uint16_t nbytes;
};

/* What a session calls, from client_session_receive but for `send`. */
struct client_session_calls {
	/* Sends a message. Returns 0 or a negative errno. */
	int (*send)(void *arg, const uint8_t *msg, size_t nbytes);
	/* The session is established: subscriptions can be made. */
	void (*on_established)(void *arg, uint64_t now_ms);
	/* The server has accepted the subscription (NOERROR), refused it, or cancelled it later
	 * (section 5.6 of RFC 8490): then its id is free. `retry_ms` is the server's retry delay,
	 * NULL if it gave none. */
	void (*on_response)(void *arg, void *operation, unsigned rcode, const uint32_t *retry_ms,
			    uint64_t now_ms);
	/* One change. Those of one message are checked before the first one is reported. */
	void (*on_notice)(void *arg, const struct client_notice *notice, uint64_t now_ms);
	/* The answer to a query has come; whether it answers the question is not checked. */
	void (*on_answer)(void *arg, void *operation, const uint8_t *msg, size_t nbytes,
			  uint64_t now_ms);
	/* All changes of a message are reported. */
	void (*on_pushed)(void *arg, uint64_t now_ms);
	/* The server has acted on all that was sent before client_session_mark, which returned
	 * this mark: its answers, and the first PUSH of each subscription, have come. */
	void (*on_marked)(void *arg, uint32_t mark, uint64_t now_ms);
};

/* Begins a session on a connection that is established, with a Keepalive request for the timeouts.
 * `is_padded`: requests are padded, as is right for TLS. `calls` is borrowed until the end. Returns
 * 0, or a negative errno of memory or `send`. */
int client_session_new(struct client_session **out, const struct client_session_calls *calls,
		       void *arg, const struct dns_dso_timeouts *timeouts, bool is_padded,
		       uint64_t now_ms);

/* Frees the session, not from one of its calls; NULL is fine. */
void client_session_free(struct client_session *s);

/* Takes a message of the server. Unless the session goes on, it may only be freed afterwards. */
enum client_session_verdict client_session_receive(struct client_session *s, const uint8_t *msg,
						   size_t nbytes, uint64_t now_ms);

/* Returns when client_session_tick wants to be called, on the clock of `now_ms`. */
uint64_t client_session_deadline(const struct client_session *s);

/* Sends the Keepalive that is due, or finds that the server is silent, or the session inactive. */
enum client_session_verdict client_session_tick(struct client_session *s, uint64_t now_ms);

/* Returns why the session has ended; valid until it is freed. */
const struct client_session_end *client_session_end(const struct client_session *s);

/* Sends a SUBSCRIBE for records of class IN (RFC 8765 section 6.2). There must be none active for
 * the same name and type. The id is for client_session_unsubscribe. Returns 0; -ENOSPC if all ids
 * are in use; or a negative errno of memory or `send`. */
int client_session_subscribe(struct client_session *s, const uint8_t *name, uint16_t type,
			     void *operation, uint16_t *id, uint64_t now_ms);

/* Sends an UNSUBSCRIBE (section 6.4). The operation is not used any more. */
void client_session_unsubscribe(struct client_session *s, uint16_t id, uint64_t now_ms);

/* Sends a query for records of class IN (RFC 1035): ordinary messages may share the connection. The
 * id is for client_session_abandon. Returns what client_session_subscribe returns. */
int client_session_query(struct client_session *s, const uint8_t *name, uint16_t type,
			 void *operation, uint16_t *id, uint64_t now_ms);

/* Ignores the answer to a query that has not come yet: its operation is not used any more. */
void client_session_abandon(struct client_session *s, uint16_t id);

/* Sends a Keepalive request and reports its response as on_marked. Returns the mark, which is not
 * 0, or 0 if it could not be sent. */
uint32_t client_session_mark(struct client_session *s, uint64_t now_ms);
