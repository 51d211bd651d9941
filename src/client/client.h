/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* client/client.h - following records: subscriptions that are pushed (RFC 8765) where a server does
 * that, and polled elsewhere.
 *
 * A client owns no thread, no signal and no loop. Its caller waits until the client's descriptor is
 * readable or its deadline has come, and calls client_process, which calls back. All times are
 * milliseconds of the steady clock. base_secret_start must have been called before. One thread at a
 * time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/interest.h"
#include "resolve/stream.h"

struct client;
struct client_subscription;

/* How a zone, or all names if the servers were given, is followed now. */
enum client_state_kind {
	CLIENT_STATE_PUSH,	/* changes are pushed */
	CLIENT_STATE_LOST,	/* the session has ended; another one is tried */
	CLIENT_STATE_POLL,	/* queries are repeated; Push is tried again later */
	CLIENT_STATE_UNREACHED, /* neither is possible; both are tried again */
	CLIENT_STATE_REFUSED,	/* the server refuses to push the changes of `name`: it is polled */
};

struct client_state {
	enum client_state_kind kind;
	const uint8_t *name;		       /* the zone; the root: all names */
	const struct resolve_endpoint *server; /* the one that pushes, or had better; NULL: the zone
						 has none */
	const char *why;		       /* why changes are not pushed; "": they are */
	uint64_t retry_in_ms; /* until Push is tried again; UINT64_MAX: not known */
};

/* Takes a change of the state, which is valid during the call. */
typedef void (*client_state_fn)(void *arg, const struct client_state *state);

/* ---- the client ---- */

/* Makes a client that has no servers yet. Returns 0 or a negative errno. */
int client_new(struct client **out);

/* Ends all sessions gracefully, and frees the client with its subscriptions, which report nothing
 * any more; NULL is fine. */
void client_free(struct client *c);

/* Has all names followed at the first of these servers that can be had, and polled at `polls` (all
 * of them with TLS, or none) while none pushes. Both are
 * copied. To be called before the first subscription. Returns 0 or -ENOMEM. */
int client_set_servers(struct client *c, const struct resolve_endpoint *servers, size_t nservers,
		       const struct resolve_endpoint *polls, size_t npolls);

/* Has servers found for each zone (RFC 8765 section 6.1) by asking these resolvers, which are also
 * polled. Copied. To be called before the first subscription. Returns 0 or -ENOMEM. */
int client_set_resolvers(struct client *c, const struct resolve_endpoint *resolvers,
			 size_t nresolvers);

/* Adds servers, copied, for the zones that client_set_resolvers finds: they are tried after those
 * that are found, or alone where there is none. To be called before the first subscription. Returns
 * 0 or -ENOMEM. */
int client_set_others(struct client *c, const struct resolve_endpoint *servers, size_t nservers);

/* Forgets all servers and ends all sessions; subscriptions and what they have reported remain. The
 * servers that are set next are used as if they were set before the first subscription, and what
 * differs there is reported. Not from within client_process. */
void client_forget_servers(struct client *c);

/* Uses this context for connections with TLS, without which they fail: borrowed until the client is
 * freed. To be called before the first subscription, or after client_forget_servers. */
void client_set_tls(struct client *c, struct fabric_tls_context *tls);

/* Asks servers for this keepalive interval: the time after which a server that has died is noticed.
 * To be called before the first subscription. */
void client_set_keepalive(struct client *c, uint32_t keepalive_ms);

/* Has a server that could not be reached, or whose session has broken, be tried again after at most
 * this long, however long it is away: for programs that have to know as soon as it is back. One
 * that does not push is tried again after 60 times that, by default an hour. What a server demands
 * when it closes a session is obeyed. To be called before the first subscription. */
void client_set_retry(struct client *c, uint32_t most_ms);

/* Has records that are polled be asked for again after at most this long, whatever their TTL: for
 * programs that ask servers of the zone themselves. To be called before the first subscription. */
void client_set_polling(struct client *c, uint32_t most_ms);

/* Reports changes of the state to `on_state`. */
void client_on_state(struct client *c, client_state_fn on_state, void *arg);

/* Calls `on_turn` after the changes of one message were reported. */
void client_on_turn(struct client *c, void (*on_turn)(void *arg), void *arg);

/* ---- the caller's loop ---- */

/* Returns the descriptor; it is the same as long as the client lives. */
int client_fd(const struct client *c);

/* Returns when client_process wants to be called even if the descriptor is not readable; it may be
 * in the past. UINT64_MAX: not by time. */
uint64_t client_deadline(const struct client *c);

/* Does all that can be done at `now_ms` without waiting. The functions of subscriptions are called
 * from here only. */
void client_process(struct client *c, uint64_t now_ms);

/* ---- subscriptions ---- */

/* Follows the records of `ntypes` types (1 to CLIENT_TYPES_MAX; ANY is all) at a name, class IN.
 * `on_event` is called for those there are, then CLIENT_EVENT_CURRENT, then for each change.
 * Returns 0, -ENOMEM or -ENOSPC (client_interests_add). */
int client_subscribe(struct client *c, const uint8_t *name, const uint16_t *types, unsigned ntypes,
		     client_event_fn on_event, void *arg, struct client_subscription **out);

/* Has records be asked for that are too large to be pushed (RFC 8765 section 6.3.1: a message has
 * 16,382 octets at most). weftd announces them by the removal of their RRset: so each such removal
 * is reported only after the server was asked what there is now. For a subscription to one type; to
 * be called right after client_subscribe, and in force for all others to the same records. */
void client_want_large(struct client_subscription *s);

/* Has the records, while they are polled, be asked for again after at most this long: less than
 * client_set_polling has for all. In force for all others to the same records. */
void client_want_often(struct client_subscription *s, uint32_t most_ms);

/* How much of what a subscription has reported can be relied on. */
enum client_known {
	CLIENT_KNOWN_NOT_YET, /* servers have been asked, or are about to be */
	CLIENT_KNOWN_PUSHED,  /* all was reported, and changes are pushed */
	CLIENT_KNOWN_POLLED,  /* all was reported, and its TTL has not passed */
	CLIENT_KNOWN_REFUSED, /* servers are there, but refuse to answer */
	CLIENT_KNOWN_UNREACHED,
};

enum client_known client_known(const struct client *c, const struct client_subscription *s);

/* Has the records asked for again, because there is reason to believe that they have changed. Until
 * that is done they are CLIENT_KNOWN_NOT_YET. Not from within client_process. */
void client_refresh(struct client *c, struct client_subscription *s);

/* Ends the subscription: nothing is reported any more. */
void client_unsubscribe(struct client *c, struct client_subscription *s);
