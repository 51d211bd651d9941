/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/exchange_priv.h - what is shared by the files about an exchange.
 *
 * exchange.c decides which candidate is asked when, takes answers, and ends the exchange;
 * exchange_candidate.c asks one candidate, once or again, and judges what is wrong with it;
 * exchange_attempt.c sends one message to one candidate, over UDP or a shared connection. Each file
 * uses only those after it. One thread. */
#pragma once

#include "locate/connection.h"
#include "locate/exchange.h"
#include "resolve/events.h"

enum {
	LOCATE_EXCHANGE_REASON_MAX = 100,
	LOCATE_EXCHANGE_WHY_MAX = 512,
};

enum locate_exchange_state {
	LOCATE_CANDIDATE_UNTRIED,
	LOCATE_CANDIDATE_IN_FLIGHT,
	LOCATE_CANDIDATE_OVER,
};

/* A registry that may be asked. */
struct locate_exchange_candidate {
	struct resolve_endpoint endpoint;
	enum locate_transport transport;
	enum locate_exchange_state state;
	uint32_t rtt_us;
	bool is_stream; /* asked over TCP or TLS */
	bool has_refused, is_untrusted;
	unsigned nattempts, nagain, nignored;
	uint64_t silent_ms; /* when it has been silent for longer than usual */
	uint64_t retry_ms;
	char reason[LOCATE_EXCHANGE_REASON_MAX]; /* why it is over */
};

/* A message to a candidate, in flight. */
struct locate_exchange_attempt {
	struct locate_exchange *exchange;
	struct locate_exchange_candidate *candidate; /* NULL: not used */
	uint64_t sent_ms;
	uint16_t id;
	struct resolve_descriptor udp;
	struct locate_call call;
};

struct locate_exchange {
	struct locate *locate;
	struct locate_exchange_options options;
	const struct locate_exchange_calls *calls;
	void *arg;
	struct locate_waiter waiter;
	struct resolve_timer timer;
	struct locate_exchange_candidate *candidates;
	size_t ncandidates;
	struct locate_exchange_candidate *answered; /* by which the exchange has succeeded */
	struct locate_exchange_attempt attempts[LOCATE_ATTEMPTS_MAX];
	unsigned depth; /* of functions that may not find the memory gone */
	bool is_over, is_freed;
	int error; /* of the owner's `write` */
	uint8_t *message;
	char why[LOCATE_EXCHANGE_WHY_MAX];
};

/* ---- exchange_candidate.c: one candidate ---- */

/* Asks a candidate, for the first time or again. If that is not possible, it has failed. */
void locate_exchange_candidate_ask(struct locate_exchange *x, struct locate_exchange_candidate *c,
				   uint64_t now_ms);

/* Asks a candidate again that has not answered in time. */
void locate_exchange_candidate_ask_again(struct locate_exchange *x,
					 struct locate_exchange_candidate *c, uint64_t now_ms);

/* Sends the request anew by the attempt that has been answered, as often as is sensible. */
void locate_exchange_candidate_renew(struct locate_exchange_attempt *a, uint64_t now_ms);

/* Asks over TCP a candidate whose answer to the attempt was truncated. */
void locate_exchange_candidate_over_tcp(struct locate_exchange_attempt *a, uint64_t now_ms);

/* Ends the attempt because its connection has ended, and asks the candidate again or not. */
void locate_exchange_candidate_lost(struct locate_exchange_attempt *a, int error, const char *why,
				    uint64_t now_ms);

/* Ends what is in flight to a candidate, which is not asked any more. */
void locate_exchange_candidate_over(struct locate_exchange *x, struct locate_exchange_candidate *c,
				    const char *reason);

/* Likewise after a failure, which is remembered about the registry unless it is this host's. */
void locate_exchange_candidate_failed(struct locate_exchange *x,
				      struct locate_exchange_candidate *c, int error,
				      const char *reason, uint64_t now_ms);

/* Writes what is known of a candidate, in flight or over: `192.0.2.1@53: REFUSED`. */
void locate_exchange_candidate_explain(const struct locate_exchange_candidate *c, char *out,
				       size_t size);

/* ---- exchange_attempt.c: one message to one candidate ---- */

/* Begins an attempt; if all are in use, the oldest one ends. Over TCP or TLS the message is sent
 * when the connection is there. Returns 0 or a negative errno, with the attempt still to be ended;
 * what the owner's `write` returns is in x->error. */
int locate_exchange_attempt_begin(struct locate_exchange *x, struct locate_exchange_candidate *c,
				  uint64_t now_ms);

/* Sends the message over the connection that is there. */
void locate_exchange_attempt_send(struct locate_exchange_attempt *a, uint64_t now_ms);

/* Sends a message with another id. Returns as locate_exchange_attempt_begin. */
int locate_exchange_attempt_renew(struct locate_exchange_attempt *a, uint64_t now_ms);

/* Ends an attempt. `is_silent`: its connection was silent for too long. */
void locate_exchange_attempt_end(struct locate_exchange_attempt *a, bool is_silent);

/* Ends the attempts at a candidate, or at all (NULL). Those that have waited for longer than until
 * their candidate's `retry_ms` were silent; `now_ms` 0: none was. */
void locate_exchange_attempts_end(struct locate_exchange *x,
				  const struct locate_exchange_candidate *c, uint64_t now_ms);
