/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* stream/push_priv.h - subscriptions on the sessions of a worker, shared by the files about them.
 *
 * push.c answers the messages of clients, and ends what is not permitted any more; deliver.c takes
 * the changes of the registrar and hands them to sessions; fill.c sends what there was when a
 * subscription was made. Each file uses only those after it. All of it belongs to one worker. */
#pragma once

#include <stdbool.h>

#include "push/delivery.h"
#include "push/index.h"
#include "push/writer.h"
#include "server/rules.h"
#include "stream/push.h"
#include "stream/stream_priv.h"

struct push_messages;
struct server_change;
struct stream_filling;
struct zone_snapshot;

/* A session with subscriptions. */
struct stream_subscriber {
	struct push_subscriber push; /* first */
	struct stream_session *session;
	struct stream_filling *filling; /* NULL: it has all */
	bool has_missed_one;		/* a change was lost: it must begin anew */

	/* survey.c: the peer's TCP has acknowledged the changes up to number `acked`; up to
	 * `marked` it will have when the bytes up to these two have been sent and acknowledged */
	uint64_t acked, marked;
	uint64_t marked_nsent;	/* as stream_connection.nsent */
	uint64_t marked_nacked; /* as tcpi_bytes_acked; 0: not known yet */
};

struct stream_push {
	struct stream *stream;
	struct push_index *index;
	struct push_delivery *delivery;
	uint32_t number; /* of the delivery in hand */
	struct server_change *first, *last; /* that wait, the oldest first */
	struct push_writer writer;
	struct base_budget budget; /* of the step in hand */
};

static inline struct server_worker *stream_push_worker(const struct stream_session *s)
{
	return s->connection->worker;
}

static inline struct server_stats *stream_push_stats(const struct stream_session *s)
{
	return &stream_push_worker(s)->stats;
}

static inline const struct server_push_options *stream_push_options(const struct stream_session *s)
{
	return &stream_push_worker(s)->turn.rules->options.push;
}

/* ---- deliver.c ---- */

/* Returns what the worker has for subscriptions, made when the first one comes; NULL if memory is
 * short. */
struct stream_push *stream_deliver_begin(struct stream *st);

/* ---- fill.c ---- */

/* Begins to send what the version has for a new subscription, the first message at once. The pin of
 * the version moves in. */
void stream_fill_begin(struct stream_session *s, struct zone *zone,
		       const struct zone_snapshot *take_snapshot, const struct push_question *q);

/* Holds messages back until the session is filled. Returns 0 or -ENOMEM. */
int stream_fill_hold(struct stream_subscriber *sub, struct push_messages *m);

/* Returns how many bytes are held back. */
size_t stream_fill_held(const struct stream_subscriber *sub);

/* Has new rules, which serve the zone, replace those that the session is a user of. */
void stream_fill_move(struct stream_subscriber *sub, struct server_rules *rules);

/* Ends what is under way. */
void stream_fill_end(struct stream_subscriber *sub);

/* Queues messages that sessions share, and counts them. */
void stream_fill_send_shared(struct stream_session *s, const struct push_messages *m);

/* Likewise, but sends at once what the socket takes. */
void stream_fill_send_now(struct stream_session *s, const struct push_messages *m);

/* Counts records that no message could hold. */
void stream_fill_count_oversized(struct stream *st, uint64_t n);
