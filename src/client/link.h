/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* client/link.h - the way to the servers that push the changes of a zone, whatever happens to them.
 *
 * A link has one session at a time, with the first of its endpoints that can be had, and begins a
 * new one when it ends: after the server's Retry Delay, after a growing time with jitter, after an
 * hour where there is no DSO (RFC 8490 section 6.6.3). It does not know subscriptions: its owner
 * makes them again each time. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/session.h"
#include "resolve/events.h"
#include "resolve/stream.h"

struct client_link;

enum {
	CLIENT_LINK_CONNECT_MS = 5000,	/* for a connection, its handshake included */
	CLIENT_LINK_PATIENCE_MS = 5000, /* without a session until its owner had better poll, */
					/* unless all servers are known to be down */
	CLIENT_LINK_NO_DSO_MS = 3600000,
	CLIENT_LINK_STEADY_MS = 10000, /* a session that lasts longer ends the growing of waits */
	CLIENT_LINK_WHY_MAX = 192,
};

enum client_link_state {
	CLIENT_LINK_IDLE,	/* nobody wants a session */
	CLIENT_LINK_WAITING,	/* for the time of the next attempt */
	CLIENT_LINK_CONNECTING, /* or in the handshake, or in the first exchange of DSO */
	CLIENT_LINK_UP,
};

/* What a link calls, from resolve_events_run and client_link_tick. */
struct client_link_calls {
	void (*on_up)(void *arg, uint64_t now_ms); /* a session is established */
	/* The session is over, and all subscriptions with it. */
	void (*on_down)(void *arg, uint64_t now_ms);
	/* client_link_is_pushless has changed. */
	void (*on_pushless)(void *arg, uint64_t now_ms);
	/* As in struct client_session_calls. */
	void (*on_response)(void *arg, void *operation, unsigned rcode, const uint32_t *retry_ms,
			    uint64_t now_ms);
	void (*on_notice)(void *arg, const struct client_notice *notice, uint64_t now_ms);
	void (*on_answer)(void *arg, void *operation, const uint8_t *msg, size_t nbytes,
			  uint64_t now_ms);
	void (*on_pushed)(void *arg, uint64_t now_ms);
	void (*on_marked)(void *arg, uint32_t mark, uint64_t now_ms);
};

/* Makes an idle link. The endpoints, at least one, are copied, in the order in which to try them;
 * `tls` is for those with TLS, borrowed like the rest until the end. Returns 0 or -ENOMEM. */
int client_link_new(struct client_link **out, struct resolve_events *events,
		    const struct resolve_endpoint *endpoints, size_t nendpoints,
		    struct fabric_tls_context *tls, const struct dns_dso_timeouts *timeouts,
		    const struct client_link_calls *calls, void *arg);

/* Closes the session, if there is one, gracefully, and frees the link; NULL is fine. */
void client_link_free(struct client_link *l);

/* Returns when client_link_tick wants to be called, on the clock of `now_ms`. */
uint64_t client_link_deadline(const struct client_link *l);

/* Does what is due: attempts, timeouts, keepalives. */
void client_link_tick(struct client_link *l, uint64_t now_ms);

/* Waits for at most this long before it tries a server again that could not be reached, or whose
 * session has broken, and 60 times that before it tries one without DSO; without, for
 * CLIENT_BACKOFF_MOST_MS, and CLIENT_LINK_NO_DSO_MS. */
void client_link_set_retry(struct client_link *l, uint32_t most_ms);

/* Begins to connect an idle link (the tick does), or leaves it to become idle by itself when the
 * session is inactive. */
void client_link_want(struct client_link *l, bool is_wanted, uint64_t now_ms);

/* Replaces the endpoints of a link that is neither up nor connecting. Returns 0 or -ENOMEM. */
int client_link_set_endpoints(struct client_link *l, const struct resolve_endpoint *endpoints,
			      size_t nendpoints);

enum client_link_state client_link_state(const struct client_link *l);

/* Returns whether the owner had better ask for changes than wait for this link: no endpoint will
 * push soon, as all of them refuse connections, or none has for CLIENT_LINK_PATIENCE_MS. */
bool client_link_is_pushless(const struct client_link *l);

/* Returns whether the servers were reached, but have no DSO. */
bool client_link_has_no_dso(const struct client_link *l);

/* Marks the server of this session as one without DNS Push (DSOTYPENI); the tick ends the session.
 * `why` is a constant. */
void client_link_give_up(struct client_link *l, const char *why);

/* Has the tick end the session and make another one, because memory was short for what was sent. */
void client_link_break(struct client_link *l);

/* Returns why there is no session, for people; "" if there was no attempt yet. Valid until the next
 * call of any function of the link. */
const char *client_link_why(const struct client_link *l);

/* Returns the endpoint of the session, or that of the last attempt. */
const struct resolve_endpoint *client_link_endpoint(const struct client_link *l);

/* Returns when the next attempt is due; UINT64_MAX if the link does not wait for one. */
uint64_t client_link_retry(const struct client_link *l);

/* Act on the session of a link that is up, like the functions of session.h of the same names. */
int client_link_subscribe(struct client_link *l, const uint8_t *name, uint16_t type,
			  void *operation, uint16_t *id, uint64_t now_ms);
void client_link_unsubscribe(struct client_link *l, uint16_t id, uint64_t now_ms);
int client_link_query(struct client_link *l, const uint8_t *name, uint16_t type, void *operation,
		      uint16_t *id, uint64_t now_ms);
void client_link_abandon(struct client_link *l, uint16_t id);
uint32_t client_link_mark(struct client_link *l, uint64_t now_ms);
