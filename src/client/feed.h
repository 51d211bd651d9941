/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* client/feed.h - interests that are fed by what a server pushes.
 *
 * A feed has one link. It subscribes to its interests whenever the link is up, applies the changes
 * that come, and finds out when the initial state of each is complete. It does not poll, and does
 * not report: it touches interests. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/interest.h"
#include "client/link.h"

struct client_feed;

/* Bytes of memory that the records of all interests may take before a session is ended for them. */
enum { CLIENT_FEED_BYTES_MAX = 16 << 20 };

struct client_feed_calls {
	void (*on_up)(void *arg, struct client_feed *f, uint64_t now_ms);
	void (*on_down)(void *arg, struct client_feed *f, uint64_t now_ms);
	/* Whether it is time to poll has changed, for all interests of the feed. */
	void (*on_pushless)(void *arg, struct client_feed *f, uint64_t now_ms);
	/* The server has refused, or cancelled, the subscription to an interest. */
	void (*on_refused)(void *arg, struct client_feed *f, struct client_interest *i,
			   unsigned rcode, uint64_t now_ms);
	/* The answer to a query over the link has come, as in struct client_session_calls. */
	void (*on_answer)(void *arg, void *operation, const uint8_t *msg, size_t nbytes,
			  uint64_t now_ms);
	/* The interest is hidden, and its records are to be asked for: anew, if they were. */
	void (*on_hidden)(void *arg, struct client_feed *f, struct client_interest *i);
};

/* What all feeds of a client share; borrowed until they are freed. */
struct client_feed_shared {
	struct resolve_events *events;
	struct client_interests *interests;
	struct fabric_tls_context *tls;
	struct dns_dso_timeouts timeouts;
	uint32_t retry_most_ms; /* of client_link_set_retry */
	const struct client_feed_calls *calls;
	void *arg;
};

/* Makes a feed for these endpoints, which are copied. Returns 0 or -ENOMEM. */
int client_feed_new(struct client_feed **out, const struct client_feed_shared *shared,
		    const struct resolve_endpoint *endpoints, size_t nendpoints);

/* Ends the session gracefully. Interests must not refer to it any more. NULL is fine. */
void client_feed_free(struct client_feed *f);

/* The link, for what is known of it. */
struct client_link *client_feed_link(const struct client_feed *f);

/* Adds an interest that has no feed: subscribes to it when that is possible. */
void client_feed_add(struct client_feed *f, struct client_interest *i, uint64_t now_ms);

/* Takes the interest away, with an UNSUBSCRIBE if it is subscribed to. */
void client_feed_remove(struct client_feed *f, struct client_interest *i, uint64_t now_ms);

/* Subscribes anew to an interest that is subscribed to: what has changed meanwhile comes. */
void client_feed_renew(struct client_feed *f, struct client_interest *i, uint64_t now_ms);

/* Returns when client_feed_tick wants to be called, on the clock of `now_ms`. */
uint64_t client_feed_deadline(const struct client_feed *f);

/* Does what is due: that of the link, refused subscriptions again, the mark after new ones. */
void client_feed_tick(struct client_feed *f, uint64_t now_ms);

/* Returns whether an interest of this feed had better be polled for now, or asked for once. */
bool client_feed_needs_polling(const struct client_feed *f, const struct client_interest *i);
