/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/exchange.h - one request, sent to registries until one of them has answered it.
 *
 * The first registry is asked over its transport, and the next one when it refuses, fails, or is
 * silent for longer than its answers usually take; late answers still count. What is in a request,
 * and which answer is good, its owner knows. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "locate/locate.h"

struct locate_exchange;

enum { LOCATE_ATTEMPTS_MAX = 8 }; /* of an exchange, in flight at the same time */

/* What an answer is. */
enum locate_verdict {
	LOCATE_DONE,	 /* the answer: `done` is called */
	LOCATE_NEXT,	 /* this registry will not answer: ask the next one */
	LOCATE_AGAIN,	 /* ask this one again with a new message: the request is written anew */
	LOCATE_OVER_TCP, /* ask this one again over TCP: the answer is truncated */
	LOCATE_IGNORED,	 /* not an answer to the request: wait on */
};

/* What an exchange calls. `attempt` is below LOCATE_ATTEMPTS_MAX and stays the same from the
 * writing of a message until its answer was read. */
struct locate_exchange_calls {
	/* Writes the message with this id to `out`. Returns its length or a negative errno. */
	ssize_t (*write)(void *arg, unsigned attempt, uint16_t id, uint8_t *out, size_t size);
	/* Reads a message with this id. The view ends with the call, or after LOCATE_DONE with that
	 * of `done`, which follows at once. */
	enum locate_verdict (*read)(void *arg, unsigned attempt, const uint8_t *msg, size_t nbytes,
				    uint64_t now_ms);
	/* The exchange is over: 0 after LOCATE_DONE; -ENOENT: no registry is known; -ETIMEDOUT: its
	 * time is over; -EHOSTUNREACH: all have failed or refused; -EPROTO: likewise, and none has
	 * refused, but one could not be trusted (TLS); else what `write` has returned. The owner
	 * frees it, then or later. locate_exchange_why explains it. */
	void (*done)(void *arg, int error, uint64_t now_ms);
};

struct locate_exchange_options {
	uint64_t deadline_ms; /* of the whole, by the clock of resolve_events_run */
	bool is_update;	      /* not asked of a second registry before the first one was silent for
				 long, or has failed: it costs each a write */
	bool is_large;	      /* over TCP or TLS only */
	size_t size;	      /* octets of the largest message; 0: 512 */
};

/* Begins. `calls` is borrowed until the end. Nothing is called before resolve_events_run. Returns 0
 * or -ENOMEM. */
int locate_exchange_new(struct locate_exchange **out, struct locate *l,
			const struct locate_exchange_options *options,
			const struct locate_exchange_calls *calls, void *arg);

/* Ends the exchange, also from within one of its calls; NULL is fine. */
void locate_exchange_free(struct locate_exchange *x);

/* Returns for people which registry answered, or why none did: `192.0.2.1@53: REFUSED; ...`. */
const char *locate_exchange_why(const struct locate_exchange *x);

/* Returns whether every registry is there, but has refused. */
bool locate_exchange_was_refused(const struct locate_exchange *x);
