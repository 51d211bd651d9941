/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* resolve/lookup.h - one question, asked until some server answers it.
 *
 * Servers are asked in turn: over UDP from a port of its own each time, over TCP if the answer is
 * truncated (RFC 7766), or over TLS alone. A server that is silent, that cannot be reached or that
 * refuses is passed over; only when all did so twice the look-up fails. It knows no cache. One
 * thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "resolve/events.h"
#include "resolve/message.h"
#include "resolve/stream.h"

struct resolve_lookup;

enum {
	RESOLVE_LOOKUP_WAIT_MS = 1500,	      /* for an answer over UDP, the first time */
	RESOLVE_LOOKUP_STREAM_WAIT_MS = 5000, /* over TCP or TLS, connecting included */
	RESOLVE_LOOKUP_ROUNDS = 2,	      /* how often each server is asked */
};

/* Takes the answer, which is valid during the call, or NULL with a negative errno: -ETIMEDOUT or
 * another one of the last server. An answer has the RCODE NOERROR or NXDOMAIN, unless no server has
 * given a better one. The look-up is freed by its caller afterwards. */
typedef void (*resolve_lookup_fn)(void *arg, struct resolve_answer *answer, int error,
				  uint64_t now_ms);

/* The servers that are asked, and how; borrowed until the look-up is freed. */
struct resolve_lookup_servers {
	const struct resolve_endpoint *servers; /* with TLS, or all without */
	size_t nservers;			/* at least 1 */
	struct fabric_tls_context *tls;
};

/* Begins to ask for the records of `type` at `name`, which is copied. `is_stream`: not over UDP, as
 * is right for the type ANY. Nothing is sent before resolve_events_run, from which `done` is called
 * once. Returns 0 with a look-up in `out`, or -ENOMEM. */
int resolve_lookup_new(struct resolve_lookup **out, struct resolve_events *events,
		       const struct resolve_lookup_servers *servers, const uint8_t *name,
		       uint16_t type, bool is_stream, resolve_lookup_fn done, void *arg);

/* Ends the look-up, also from within `done`; NULL is fine. */
void resolve_lookup_free(struct resolve_lookup *l);
