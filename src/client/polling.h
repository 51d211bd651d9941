/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* client/polling.h - interests that are fed by queries, since nobody pushes their changes (RFC 8765
 * section 6.8).
 *
 * The records of each type are asked for two seconds after their TTL has passed, or earlier if that
 * is wanted. It does not know
 * whether to poll: the function `needs_polling` does. It touches interests, and does not report.
 * One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/interest.h"
#include "resolve/events.h"

enum {
	CLIENT_POLLING_MOST_S = 900, /* between two queries */
	CLIENT_POLLING_AFTER_S = 2,  /* after the TTL: it has ended in a resolver's cache, too */
	CLIENT_POLLING_FLYING = 32,  /* look-ups at a time */
};

struct client_polling_calls {
	/* Whether the interest is to be polled. */
	bool (*needs_polling)(void *arg, const struct client_interest *i);
	/* Asks for the poll's records over a session, if there is one; client_polling_answer takes
	 * the answer. Returns false if a look-up is needed. */
	bool (*ask)(void *arg, struct client_poll *poll, uint64_t now_ms);
	/* The answer over the session is not wanted any more. */
	void (*abandon)(void *arg, struct client_poll *poll);
	/* The interest was polled: with an answer if `error` is 0. `rcode` is 0 with an answer that
	 * can be used, else that of a refusal. */
	void (*on_polled)(void *arg, struct client_interest *i, int error, unsigned rcode,
			  uint64_t now_ms);
};

/* All fields but those of client_polling_init are its own. */
struct client_polling {
	struct resolve_events *events;
	struct client_interests *interests;
	const struct client_polling_calls *calls;
	void *arg;
	struct client_poll *flying[CLIENT_POLLING_FLYING];
	unsigned nflying;
	uint64_t due_ms;  /* of the first interest that is not in flight */
	uint32_t most_ms; /* of client_set_polling; 0: it was not called */
};

/* Prepares polling for all interests of a client; everything is borrowed until the end. */
void client_polling_init(struct client_polling *p, struct resolve_events *events,
			 struct client_interests *interests,
			 const struct client_polling_calls *calls, void *arg);

/* Ends all look-ups. */
void client_polling_fini(struct client_polling *p);

/* Ends the look-ups of an interest. */
void client_polling_forget(struct client_polling *p, struct client_interest *i);

/* Takes the answer to a poll over a session. */
void client_polling_answer(struct client_polling *p, struct client_poll *poll, const uint8_t *msg,
			   size_t nbytes, uint64_t now_ms);

/* The session of the interest is over: what was asked over it is asked again. */
void client_polling_lose(struct client_polling *p, struct client_interest *i);

/* The records of the interest are asked for again by the next tick. */
void client_polling_again(struct client_polling *p, struct client_interest *i);

/* Servers answer again: has those polls be due that they have not answered. */
void client_polling_retry(struct client_polling *p, uint64_t now_ms);

/* What has become of an interest's polls, the worst of them. */
enum client_polled {
	CLIENT_POLLED_ANSWERED,
	CLIENT_POLLED_REFUSED, /* by servers that are there */
	CLIENT_POLLED_NOT_YET, /* or the TTL has passed since */
	CLIENT_POLLED_UNREACHED,
};

enum client_polled client_polling_state(const struct client_interest *i, uint64_t now_ms);

/* The next tick looks at all interests: one may need polling now that did not. */
void client_polling_wake(struct client_polling *p);

/* Returns when client_polling_tick wants to be called, on the clock of `now_ms`. */
uint64_t client_polling_deadline(const struct client_polling *p);

/* Begins the look-ups that are due. */
void client_polling_tick(struct client_polling *p, uint64_t now_ms);

/* Returns the number of seconds from an answer with this TTL to the next query. */
uint32_t client_polling_wait_s(uint32_t ttl_s);
