/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The registrar hands over each changeset of a zone that is watched. The worker matches them one
 * after the other, in slices, and sends the messages at once to some sessions of each client. At
 * others they are queued, and sent when it is their client's turn: so a client with a thousand
 * sessions is not in front of all others. A session for which too many bytes are unsent already is
 * ended. */
#include "stream/push_priv.h"

#include <stdlib.h>

#include "base/counter.h"
#include "base/log.h"
#include "dns/type.h"
#include "push/change.h"
#include "push/messages.h"
#include "server/changes.h"
#include "zone/catalog.h"
#include "zone/zone.h"

enum {
	LOOKS = 16,   /* of a delivery, between two looks at the slice */
	AT_ONCE = 64, /* sessions of a client that a delivery sends to */
};

/* Returns whether to send to the session at once, and counts that for its client: a delivery sends
 * at once to AT_ONCE sessions of a client, the others wait. While more changes wait, all messages
 * are queued: a session gets those of several changes by one call. */
static bool claim_send(const struct stream_push *p, const struct stream_session *s)
{
	struct stream_share *share = s->connection->share;

	if (p->first != NULL)
		return false;
	if (share->delivery != p->number) {
		share->delivery = p->number;
		share->npushed = 0;
	}
	return share->npushed++ < AT_ONCE;
}

/* Sends at once. Each call to the socket takes some microseconds, so a step ends with it. */
static void send_now(struct stream_push *p, struct stream_session *s, struct push_messages *m)
{
	stream_fill_send_now(s, m);
	p->budget.nlooks = 0;
	stream_turn_was_long(p->stream);
}

/* The bytes count as they are sent, although sessions share them: so a frozen one is found. */
static void on_send(void *arg, struct push_subscriber *push, struct push_messages *m)
{
	struct stream_subscriber *sub = (struct stream_subscriber *)push;
	struct stream_push *p = arg;
	struct stream_session *s = sub->session;
	size_t nunsent = stream_dso_unsent(s) + stream_fill_held(sub);

	if (nunsent > stream_push_options(s)->unsent)
		stream_dso_end(s, SERVER_SESSION_SLOW, DNS_RCODE_SERVFAIL);
	else if (sub->filling == NULL && claim_send(p, s))
		send_now(p, s, m);
	else if (sub->filling == NULL)
		stream_fill_send_shared(s, m);
	else if (stream_fill_hold(sub, m) < 0)
		stream_dso_end(s, SERVER_SESSION_OVERLOAD, DNS_RCODE_SERVFAIL);
}

/* ---- the state of a worker ---- */

struct stream_push *stream_deliver_begin(struct stream *st)
{
	const struct server_rules *rules = st->worker->turn.rules;
	struct stream_push *p = st->push;

	if (p != NULL)
		return p;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->stream = st;
	p->index = push_index_new(rules->options.push.subscriptions);
	p->delivery = p->index == NULL ? NULL : push_delivery_new(p->index, on_send, p);
	if (p->delivery == NULL) {
		push_index_free(p->index);
		free(p);
		return NULL;
	}
	st->push = p;
	return p;
}

void stream_push_fini(struct stream *st)
{
	struct stream_push *p = st->push;
	struct server_change *next;

	if (p == NULL)
		return;
	for (; p->first != NULL; p->first = next) {
		next = (struct server_change *)p->first->link.next;
		server_change_drop(&st->worker->changes, p->first);
	}
	push_delivery_free(p->delivery);
	push_index_free(p->index);
	free(p);
	st->push = NULL;
}

/* ---- changes ---- */

/* A change was lost: all subscribers of the worker may miss it. */
static void lose_all(struct stream *st)
{
	struct stream_session *s;

	TAILQ_FOREACH (s, stream_dso_sessions(st), link)
		if (s->data != NULL)
			((struct stream_subscriber *)s->data)->has_missed_one = true;
	stream_dso_check_all(st);
}

void stream_push_take(struct server_worker *w)
{
	struct stream *st = w->stream;
	struct stream_push *p = st->push;
	struct server_change *c, *last;
	bool has_lost_one;

	if (p == NULL)
		return;
	c = server_changes_take(&w->changes, &has_lost_one);
	if (has_lost_one) {
		base_log(BASE_LOG_WARNING, "server",
			 "changes-lost why=\"memory is short, or more changes come than the worker "
			 "can send to all subscribers: their sessions end\"");
		lose_all(st);
	}
	if (c == NULL)
		return;
	for (last = c; last->link.next != NULL;)
		last = (struct server_change *)last->link.next;
	if (p->first == NULL)
		p->first = c;
	else
		p->last->link.next = &c->link;
	p->last = last;
}

bool stream_push_is_pending(const struct stream *st)
{
	return st->push != NULL &&
	       (st->push->first != NULL || push_delivery_change(st->push->delivery) != NULL);
}

/* Begins to deliver the oldest change. Returns false if there is none. */
static bool deliver_next(struct stream_push *p)
{
	struct server_change *c = p->first;

	if (c == NULL)
		return false;
	p->first = (struct server_change *)c->link.next;
	p->number++;
	push_delivery_begin(p->delivery, c->change);
	server_change_free(&p->stream->worker->changes, c);
	return true;
}

/* Returns the current version of the zone that the change in hand is of; NULL if it is not served
 * any more. The change begins with the SOA, whose owner is the zone's name. */
static const struct zone_snapshot *current(const struct stream_push *p)
{
	const struct push_change *c = push_delivery_change(p->delivery);
	const struct server_rules *rules = p->stream->worker->turn.rules;
	int i = zone_catalog_index(rules->catalog, c->changes.added);

	return i >= 0 && rules->zones[i].zone == c->zone ? zone_current(rules->zones[i].zone)
							 : NULL;
}

static void count_deliveries(struct stream_push *p)
{
	const struct push_delivery_stats *stats = push_delivery_stats(p->delivery);
	struct server_stats *out = &p->stream->worker->stats;

	base_counter_set(&out->push_encoded, stats->nencoded);
	base_counter_set(&out->push_shared, stats->nshared);
}

void stream_push_deliver(struct stream *st)
{
	struct stream_push *p = st->push;
	uint64_t noversized = push_delivery_stats(p->delivery)->noversized;

	do {
		int ret;

		if (push_delivery_change(p->delivery) == NULL && !deliver_next(p))
			break;
		p->budget.nlooks = LOOKS;
		ret = push_delivery_step(p->delivery, current(p), &p->budget);
		if (ret < 0)
			lose_all(st);
		else if (ret > 0 && push_delivery_has_delegated(p->delivery))
			stream_dso_check_all(st);
	} while (stream_turn_may_go_on(st));
	stream_fill_count_oversized(st, push_delivery_stats(p->delivery)->noversized - noversized);
	count_deliveries(p);
}
