/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "client/feed.h"

#include <errno.h>
#include <stdlib.h>

#include "client/backoff.h"
#include "dns/type.h"

/* How an interest gets its state:
 *
 * 1. When the link is up, a SUBSCRIBE for it is sent, and what it has is put in doubt.
 * 2. After the SUBSCRIBEs of a turn one Keepalive request follows. A server acts on messages in
 *    order (RFC 8490 section 6.1), and sends the initial state right after its response to the
 *    SUBSCRIBE (RFC 8765 section 6.3): so its response to the Keepalive means that the initial
 *    state is complete. Nothing else would: an empty state has no PUSH at all.
 * 3. Then what is still in doubt is gone.
 * 4. Changes come until the link is down. */
struct client_feed {
	const struct client_feed_shared *shared;
	struct client_link *link;
	struct client_interest *unmarked, **unmarked_end; /* await a mark, or its return */
	uint64_t not_before_ms; /* of the next SUBSCRIBE: the server has refused one */
	unsigned refused_rcode; /* what it was refused with */
	uint64_t retry_ms;	/* of the first interest that was refused; UINT64_MAX: none */
	size_t ninterests, nrefused;
	bool needs_mark;
};

struct client_link *client_feed_link(const struct client_feed *f)
{
	return f->link;
}

/* Calls `change` for each interest of the feed. */
static void each(struct client_feed *f,
		 void (*change)(struct client_feed *f, struct client_interest *i, uint64_t now_ms),
		 uint64_t now_ms)
{
	for (struct client_interest *i = f->shared->interests->first; i != NULL; i = i->next)
		if (i->feed == f)
			change(f, i, now_ms);
}

static void push_set(struct client_feed *f, struct client_interest *i, enum client_push push)
{
	f->nrefused -= i->push == CLIENT_PUSH_REFUSED;
	f->nrefused += push == CLIENT_PUSH_REFUSED;
	i->push = push;
}

/* Without an interest that may be subscribed to, a session would be inactive. */
static void link_want(struct client_feed *f, uint64_t now_ms)
{
	client_link_want(f->link, f->ninterests > f->nrefused, now_ms);
}

static void refuse(struct client_feed *f, struct client_interest *i, unsigned rcode,
		   uint64_t until_ms, uint64_t now_ms)
{
	push_set(f, i, CLIENT_PUSH_REFUSED);
	i->refused_until_ms = until_ms;
	if (until_ms < f->retry_ms)
		f->retry_ms = until_ms;
	link_want(f, now_ms);
	f->shared->calls->on_refused(f->shared->arg, f, i, rcode, now_ms);
}

/* ---- interests that await the end of their initial state ---- */

static void unmarked_add(struct client_feed *f, struct client_interest *i)
{
	i->mark = 0;
	f->needs_mark = true;
	if (i->is_unmarked)
		return;
	i->is_unmarked = true;
	i->next_unmarked = NULL;
	*f->unmarked_end = i;
	f->unmarked_end = &i->next_unmarked;
}

/* Takes those out of the list for which `is_over` is true. */
static void unmarked_take(struct client_feed *f,
			  bool (*is_over)(struct client_feed *f, struct client_interest *i,
					  const void *arg),
			  const void *arg)
{
	struct client_interest **at = &f->unmarked;

	while (*at != NULL) {
		struct client_interest *i = *at;

		if (!is_over(f, i, arg)) {
			at = &i->next_unmarked;
			continue;
		}
		*at = i->next_unmarked;
		i->is_unmarked = false;
	}
	f->unmarked_end = at;
}

/* Gives the interests without a mark the one that is sent now. */
static void mark_send(struct client_feed *f, uint64_t now_ms)
{
	uint32_t mark = client_link_mark(f->link, now_ms);

	f->needs_mark = false;
	for (struct client_interest *i = f->unmarked; i != NULL && mark != 0; i = i->next_unmarked)
		if (i->mark == 0)
			i->mark = mark;
}

static bool is_marked(struct client_feed *f, struct client_interest *i, const void *arg)
{
	const uint32_t *mark = arg;

	if (i->mark != *mark)
		return false;
	if (i->push == CLIENT_PUSH_ASKED) {
		/* Responses may come in another order: this one is still to come. */
		i->mark = 0;
		f->needs_mark = true;
		return false;
	}
	if (i->is_hidden)
		return true; /* the answer completes it */
	i->is_current = true;
	client_interests_complete(f->shared->interests, i, DNS_TYPE_ANY);
	return true;
}

static bool is_all(struct client_feed *f, struct client_interest *i, const void *arg)
{
	(void)f;
	(void)i;
	(void)arg;
	return true;
}

static bool is_same(struct client_feed *f, struct client_interest *i, const void *arg)
{
	(void)f;
	return i == arg;
}

/* ---- subscribing ---- */

/* Subscribes to an interest that has neither been subscribed to nor refused in this session. */
static void subscribe(struct client_feed *f, struct client_interest *i, uint64_t now_ms)
{
	if (client_link_state(f->link) != CLIENT_LINK_UP || i->push != CLIENT_PUSH_NONE)
		return;
	if (now_ms < f->not_before_ms) {
		refuse(f, i, f->refused_rcode, f->not_before_ms, now_ms);
		return;
	}
	if (client_link_subscribe(f->link, i->name, i->wire_type, i, &i->id, now_ms) < 0) {
		/* More than a session can have; or it is about to end anyway. */
		refuse(f, i, DNS_RCODE_SERVFAIL, now_ms + CLIENT_BACKOFF_MOST_MS, now_ms);
		return;
	}
	push_set(f, i, CLIENT_PUSH_ASKED);
	i->is_hidden = false; /* it is announced anew */
	client_records_doubt(&i->records, DNS_TYPE_ANY);
	unmarked_add(f, i);
}

void client_feed_add(struct client_feed *f, struct client_interest *i, uint64_t now_ms)
{
	i->feed = f;
	i->push = CLIENT_PUSH_NONE;
	f->ninterests++;
	link_want(f, now_ms);
	subscribe(f, i, now_ms);
}

void client_feed_remove(struct client_feed *f, struct client_interest *i, uint64_t now_ms)
{
	if (client_link_state(f->link) == CLIENT_LINK_UP &&
	    (i->push == CLIENT_PUSH_ASKED || i->push == CLIENT_PUSH_ACCEPTED))
		client_link_unsubscribe(f->link, i->id, now_ms);
	unmarked_take(f, is_same, i);
	push_set(f, i, CLIENT_PUSH_NONE);
	i->feed = NULL;
	f->ninterests--;
	link_want(f, now_ms);
}

void client_feed_renew(struct client_feed *f, struct client_interest *i, uint64_t now_ms)
{
	if (client_link_state(f->link) != CLIENT_LINK_UP || i->push != CLIENT_PUSH_ACCEPTED)
		return;
	client_link_unsubscribe(f->link, i->id, now_ms);
	push_set(f, i, CLIENT_PUSH_NONE);
	subscribe(f, i, now_ms);
}

/* ---- what the link calls ---- */

static void on_up(void *arg, uint64_t now_ms)
{
	struct client_feed *f = arg;

	each(f, subscribe, now_ms);
	f->shared->calls->on_up(f->shared->arg, f, now_ms);
}

static void lose(struct client_feed *f, struct client_interest *i, uint64_t now_ms)
{
	(void)now_ms;
	if (i->push != CLIENT_PUSH_REFUSED) /* these are polled, and wait for their time */
		push_set(f, i, CLIENT_PUSH_NONE);
}

static void on_down(void *arg, uint64_t now_ms)
{
	struct client_feed *f = arg;

	unmarked_take(f, is_all, NULL);
	f->needs_mark = false;
	each(f, lose, now_ms);
	f->shared->calls->on_down(f->shared->arg, f, now_ms);
}

static void on_pushless(void *arg, uint64_t now_ms)
{
	struct client_feed *f = arg;

	f->shared->calls->on_pushless(f->shared->arg, f, now_ms);
}

static void on_response(void *arg, void *operation, unsigned rcode, const uint32_t *retry_ms,
			uint64_t now_ms)
{
	struct client_feed *f = arg;
	struct client_interest *i = operation;
	uint64_t until_ms;

	if (rcode == DNS_RCODE_NOERROR) {
		push_set(f, i, CLIENT_PUSH_ACCEPTED);
		return;
	}
	until_ms = now_ms + (retry_ms != NULL ? *retry_ms
					      : client_backoff_refused_s(rcode) * UINT64_C(1000));
	/* NOTAUTH is about the zone of this name, all others about the server (RFC 8765 section
	 * 6.2.2). */
	if (rcode == DNS_RCODE_DSOTYPENI) {
		client_link_give_up(f->link, "no DNS Push there: DSOTYPENI");
	} else if (rcode != DNS_RCODE_NOTAUTH && until_ms > f->not_before_ms) {
		f->not_before_ms = until_ms;
		f->refused_rcode = rcode;
	}
	unmarked_take(f, is_same, i);
	refuse(f, i, rcode, until_ms, now_ms);
}

/* Ends the session with a server that sends more than any zone of ours has: what there is, is
 * polled, and an answer has a bounded length. */
static void bytes_check(struct client_feed *f)
{
	if (f->shared->interests->nbytes > CLIENT_FEED_BYTES_MAX)
		client_link_give_up(f->link, "the server pushes too many records");
}

/* Removes the records of a type; or hides them, if there may be some too large to be pushed. */
static void type_remove(struct client_interest *i, uint16_t type)
{
	if (i->wants_large && type == i->wire_type) {
		client_records_doubt(&i->records, type);
		i->is_hidden = true;
	} else {
		client_records_remove_type(&i->records, type);
	}
}

/* A record that memory is short for would be missing for ever: all are sent anew in the next
 * session. */
static void notice_apply(struct client_feed *f, struct client_interest *i,
			 const struct client_notice *n)
{
	switch (n->kind) {
	case CLIENT_NOTICE_ADD:
		if (client_records_add(&i->records, n->type, n->ttl, CLIENT_TTL_IS_SET, n->rdata,
				       n->nbytes) < 0)
			client_link_break(f->link);
		break;
	case CLIENT_NOTICE_REMOVE:
		client_records_remove(&i->records, n->type, n->rdata, n->nbytes);
		break;
	case CLIENT_NOTICE_REMOVE_TYPE:
		type_remove(i, n->type);
		break;
	}
	if (i->is_hidden) /* an answer on its way may be older than this change */
		f->shared->calls->on_hidden(f->shared->arg, f, i);
	client_interests_touch(f->shared->interests, i);
	bytes_check(f);
}

static void on_notice(void *arg, const struct client_notice *notice, uint64_t now_ms)
{
	struct client_feed *f = arg;
	struct client_interest *i = client_interests_find(f->shared->interests, notice->name);
	bool is_any = notice->kind == CLIENT_NOTICE_REMOVE_TYPE && notice->type == DNS_TYPE_ANY;

	(void)now_ms;
	if (f->shared->interests->nbytes > CLIENT_FEED_BYTES_MAX &&
	    notice->kind == CLIENT_NOTICE_ADD)
		return; /* the session is about to end */
	/* What matches no active subscription is ignored (RFC 8765 section 6.3.1). */
	for (; i != NULL; i = client_interests_next(i))
		if (i->feed == f &&
		    (i->push == CLIENT_PUSH_ACCEPTED || i->push == CLIENT_PUSH_ASKED) &&
		    (is_any || client_interest_has_type(i, notice->type)))
			notice_apply(f, i, notice);
}

static void on_answer(void *arg, void *operation, const uint8_t *msg, size_t nbytes,
		      uint64_t now_ms)
{
	struct client_feed *f = arg;

	f->shared->calls->on_answer(f->shared->arg, operation, msg, nbytes, now_ms);
}

/* Changes are reported message by message: a record that comes and goes is two changes. */
static void on_pushed(void *arg, uint64_t now_ms)
{
	struct client_feed *f = arg;

	(void)now_ms;
	client_interests_flush(f->shared->interests);
}

static void on_marked(void *arg, uint32_t mark, uint64_t now_ms)
{
	struct client_feed *f = arg;

	(void)now_ms;
	unmarked_take(f, is_marked, &mark);
	client_interests_flush(f->shared->interests);
}

static const struct client_link_calls link_calls = {
	.on_up = on_up,
	.on_down = on_down,
	.on_pushless = on_pushless,
	.on_response = on_response,
	.on_notice = on_notice,
	.on_answer = on_answer,
	.on_pushed = on_pushed,
	.on_marked = on_marked,
};

/* ---- time ---- */

uint64_t client_feed_deadline(const struct client_feed *f)
{
	uint64_t link = client_link_deadline(f->link);

	if (f->needs_mark && client_link_state(f->link) == CLIENT_LINK_UP)
		return 0;
	return link < f->retry_ms ? link : f->retry_ms;
}

static void refused_retry(struct client_feed *f, struct client_interest *i, uint64_t now_ms)
{
	if (i->push != CLIENT_PUSH_REFUSED)
		return;
	if (now_ms >= i->refused_until_ms) {
		push_set(f, i, CLIENT_PUSH_NONE);
		subscribe(f, i, now_ms);
	} else if (i->refused_until_ms < f->retry_ms) {
		f->retry_ms = i->refused_until_ms;
	}
}

/* Subscribes again to what was refused, if it is time. */
static void refused_tick(struct client_feed *f, uint64_t now_ms)
{
	if (now_ms < f->retry_ms)
		return;
	f->retry_ms = UINT64_MAX;
	each(f, refused_retry, now_ms);
	link_want(f, now_ms);
}

void client_feed_tick(struct client_feed *f, uint64_t now_ms)
{
	client_link_tick(f->link, now_ms);
	refused_tick(f, now_ms);
	if (f->needs_mark && client_link_state(f->link) == CLIENT_LINK_UP)
		mark_send(f, now_ms);
}

bool client_feed_needs_polling(const struct client_feed *f, const struct client_interest *i)
{
	return i->is_hidden || i->push == CLIENT_PUSH_REFUSED ||
	       (i->push == CLIENT_PUSH_NONE && client_link_is_pushless(f->link));
}

/* ---- the feed ---- */

int client_feed_new(struct client_feed **out, const struct client_feed_shared *shared,
		    const struct resolve_endpoint *endpoints, size_t nendpoints)
{
	struct client_feed *f = calloc(1, sizeof(*f));
	int ret;

	if (f == NULL)
		return -ENOMEM;
	f->shared = shared;
	f->unmarked_end = &f->unmarked;
	f->retry_ms = UINT64_MAX;
	ret = client_link_new(&f->link, shared->events, endpoints, nendpoints, shared->tls,
			      &shared->timeouts, &link_calls, f);
	if (ret < 0) {
		free(f);
		return ret;
	}
	client_link_set_retry(f->link, shared->retry_most_ms);
	*out = f;
	return 0;
}

void client_feed_free(struct client_feed *f)
{
	if (f == NULL)
		return;
	client_link_free(f->link);
	free(f);
}
