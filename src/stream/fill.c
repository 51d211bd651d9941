/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What there was when a subscription was made is read from one version, which is pinned until all
 * of it is written; messages about later versions are held back until then. */
#include "stream/push_priv.h"

#include <errno.h>
#include <stdlib.h>

#include "dns/type.h"
#include "push/initial.h"
#include "push/message.h"
#include "push/messages.h"
#include "zone/zone.h"

enum { FIRST = 1, FURTHER = 2 }; /* messages written at once */

/* Messages that wait until a session is filled. */
struct held {
	struct held *next;
	struct push_messages *messages;
};

/* What there was when a session subscribed, as far as it is still to be written. */
struct stream_filling {
	struct push_initial initial;
	struct zone *zone;
	const struct zone_snapshot *snapshot; /* pinned */
	struct server_rules *rules;	      /* acquired: the zone is not freed */
	uint64_t began_ms;
	struct held *first, *last;
	size_t nheld; /* bytes */
};

void stream_fill_end(struct stream_subscriber *sub)
{
	struct stream_filling *f = sub->filling;
	struct held *next;

	if (f == NULL)
		return;
	for (; f->first != NULL; f->first = next) {
		next = f->first->next;
		push_messages_release(f->first->messages);
		free(f->first);
	}
	zone_release(f->zone, f->snapshot);
	server_rules_release(f->rules);
	free(f);
	sub->filling = NULL;
}

/* Counts messages that are queued at a session. */
static void count_messages(struct stream_session *s, const struct push_messages *m)
{
	server_count(&stream_push_stats(s)->push_messages, m->count);
	server_count(&stream_push_stats(s)->push_nbytes, m->nbytes);
}

void stream_fill_send_shared(struct stream_session *s, const struct push_messages *m)
{
	count_messages(s, m);
	for (size_t i = 0; i < m->count; i++)
		stream_dso_send_shared(s, m->item[i]);
}

void stream_fill_send_now(struct stream_session *s, const struct push_messages *m)
{
	count_messages(s, m);
	for (size_t i = 0; i < m->count; i++)
		stream_dso_send_now(s, m->item[i]);
}

/* Messages for one session alone: copied, so that several go out by one call. */
static void send_copied(struct stream_session *s, const struct push_messages *m)
{
	count_messages(s, m);
	for (size_t i = 0; i < m->count; i++)
		stream_dso_send(s, m->item[i]->bytes + 2, m->item[i]->nbytes - 2);
}

void stream_fill_count_oversized(struct stream *st, uint64_t n)
{
	if (n > 0)
		server_count(&st->worker->stats.push_oversized, n);
}

/* Ends a session that cannot be served on: memory was short, or it does not keep up. */
static void give_up(struct stream_session *s, enum server_session_end end)
{
	stream_dso_end(s, end, DNS_RCODE_SERVFAIL);
}

/* Writes up to `most` messages. Returns whether there is more after them. */
static bool fill_some(struct stream_session *s, struct push_initial *initial, size_t most)
{
	struct stream_push *p = s->connection->worker->stream->push;
	struct push_messages *m;
	int ret = push_initial_next(initial, &p->writer, most, &m);

	stream_fill_count_oversized(s->connection->worker->stream,
				    ret < 0 ? 0 : p->writer.noversized);
	if (ret < 0) {
		give_up(s, SERVER_SESSION_OVERLOAD);
		return false;
	}
	if (m != NULL)
		send_copied(s, m);
	push_messages_release(m);
	return ret > 0;
}

void stream_fill_begin(struct stream_session *s, struct zone *zone,
		       const struct zone_snapshot *take_snapshot, const struct push_question *q)
{
	struct stream_subscriber *sub = s->data;
	struct server_turn *turn = &stream_push_worker(s)->turn;
	struct push_initial initial;
	struct stream_filling *f;

	if (!push_initial_begin(&initial, take_snapshot, q->name, q->type) ||
	    !fill_some(s, &initial, FIRST)) {
		zone_release(zone, take_snapshot);
		return;
	}
	f = calloc(1, sizeof(*f));
	if (f == NULL) {
		zone_release(zone, take_snapshot);
		give_up(s, SERVER_SESSION_OVERLOAD);
		return;
	}
	f->initial = initial;
	f->zone = zone;
	f->snapshot = take_snapshot;
	f->rules = server_rules_acquire(turn->rules);
	f->began_ms = turn->now_ms;
	sub->filling = f;
}

bool stream_push_is_filling(const struct stream_connection *c)
{
	const struct stream_subscriber *sub = c->session == NULL ? NULL : c->session->data;

	return sub != NULL && sub->filling != NULL;
}

/* Whether the version is an old one, and has been pinned for too long. */
static bool is_stale(const struct stream_filling *f, const struct server_turn *turn)
{
	return zone_current(f->zone) != f->snapshot &&
	       turn->now_ms - f->began_ms > (uint64_t)turn->rules->options.transfer.hold_s * 1000;
}

void stream_push_fill(struct stream_connection *c)
{
	struct stream_session *s = c->session;
	struct stream_subscriber *sub = s->data;
	struct stream_filling *f = sub->filling;

	if (is_stale(f, &c->worker->turn)) {
		give_up(s, SERVER_SESSION_SLOW);
		return;
	}
	do {
		if (fill_some(s, &f->initial, FURTHER))
			continue;
		/* A session that was given up is not filled any more. */
		if (s->data == NULL)
			return;
		for (const struct held *h = f->first; h != NULL; h = h->next)
			stream_fill_send_shared(s, h->messages);
		stream_fill_end(sub);
		return;
	} while (c->nunsent < STREAM_SLICE && stream_turn_may_go_on(c->worker->stream));
}

int stream_fill_hold(struct stream_subscriber *sub, struct push_messages *m)
{
	struct stream_filling *f = sub->filling;
	struct held *h = malloc(sizeof(*h));

	if (h == NULL)
		return -ENOMEM;
	h->next = NULL;
	h->messages = push_messages_acquire(m);
	if (f->last == NULL)
		f->first = h;
	else
		f->last->next = h;
	f->last = h;
	f->nheld += m->nbytes + sizeof(*h);
	return 0;
}

size_t stream_fill_held(const struct stream_subscriber *sub)
{
	return sub->filling == NULL ? 0 : sub->filling->nheld;
}

void stream_fill_move(struct stream_subscriber *sub, struct server_rules *rules)
{
	struct stream_filling *f = sub->filling;

	if (f == NULL || f->rules == rules)
		return;
	server_rules_release(f->rules);
	f->rules = server_rules_acquire(rules);
}
