/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "client/polling.h"

#include <errno.h>
#include <stdlib.h>

#include "base/secret.h"
#include "client/backoff.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "resolve/lookup.h"

enum {
	NEGATIVE_TTL_S = 60, /* of an answer without records and without an SOA */
	FAILURES_LEAST = 4,  /* failed polls wait as after that many failures: some seconds */
};

void client_polling_init(struct client_polling *p, struct resolve_events *events,
			 struct client_interests *interests,
			 const struct client_polling_calls *calls, void *arg)
{
	*p = (struct client_polling){
		.events = events,
		.interests = interests,
		.calls = calls,
		.arg = arg,
		.due_ms = UINT64_MAX,
	};
}

/* ---- look-ups in flight ---- */

static void flying_end(struct client_polling *p, struct client_poll *poll)
{
	for (unsigned k = 0; k < p->nflying; k++)
		if (p->flying[k] == poll) {
			p->flying[k] = p->flying[--p->nflying];
			break;
		}
	resolve_lookup_free(poll->lookup);
	poll->lookup = NULL;
	poll->is_flying = false;
	p->due_ms = 0; /* there is room for another: look which one */
}

void client_polling_lose(struct client_polling *p, struct client_interest *i)
{
	for (unsigned k = 0; k < i->npolls; k++)
		if (i->polls[k].is_flying && i->polls[k].lookup == NULL)
			flying_end(p, &i->polls[k]);
}

void client_polling_forget(struct client_polling *p, struct client_interest *i)
{
	for (unsigned k = 0; k < i->npolls; k++) {
		struct client_poll *poll = &i->polls[k];

		if (poll->is_flying && poll->lookup == NULL)
			p->calls->abandon(p->arg, poll);
		if (poll->is_flying)
			flying_end(p, poll);
	}
}

void client_polling_fini(struct client_polling *p)
{
	while (p->nflying > 0)
		flying_end(p, p->flying[0]);
}

void client_polling_again(struct client_polling *p, struct client_interest *i)
{
	client_polling_forget(p, i);
	for (unsigned k = 0; k < i->npolls; k++)
		i->polls[k].due_ms = 0;
	client_polling_wake(p);
}

void client_polling_retry(struct client_polling *p, uint64_t now_ms)
{
	for (struct client_interest *i = p->interests->first; i != NULL; i = i->next)
		for (unsigned k = 0; k < i->npolls; k++)
			if (i->polls[k].nfailures > 0 && !i->polls[k].was_refused)
				i->polls[k].due_ms = now_ms;
	client_polling_wake(p);
}

enum client_polled client_polling_state(const struct client_interest *i, uint64_t now_ms)
{
	enum client_polled worst = CLIENT_POLLED_ANSWERED;

	for (unsigned k = 0; k < i->npolls; k++) {
		const struct client_poll *poll = &i->polls[k];
		enum client_polled is = CLIENT_POLLED_ANSWERED;

		if (poll->nfailures > 0)
			is = poll->was_refused ? CLIENT_POLLED_REFUSED : CLIENT_POLLED_UNREACHED;
		else if (poll->is_flying || !poll->was_answered || poll->due_ms <= now_ms)
			is = CLIENT_POLLED_NOT_YET;
		if (is > worst)
			worst = is;
	}
	return worst;
}

void client_polling_wake(struct client_polling *p)
{
	p->due_ms = 0;
}

/* ---- answers ---- */

uint32_t client_polling_wait_s(uint32_t ttl_s)
{
	return ttl_s < CLIENT_POLLING_MOST_S - CLIENT_POLLING_AFTER_S
		       ? ttl_s + CLIENT_POLLING_AFTER_S
		       : CLIENT_POLLING_MOST_S;
}

/* Makes the records of the type what the answer has, and writes the TTL of the answer to `ttl_s`.
 * Returns 0, or -ENOMEM with records added, but none removed. */
static int answer_apply(struct client_interest *i, uint16_t type, struct resolve_answer *answer,
			struct resolve_answer_record *r, uint32_t *ttl_s)
{
	enum client_ttl kind = answer->is_authoritative ? CLIENT_TTL_IS_SET : CLIENT_TTL_IS_AGE;
	uint32_t negative_s = NEGATIVE_TTL_S;

	*ttl_s = UINT32_MAX;
	client_records_doubt(&i->records, type);
	client_records_doubt(&i->records, DNS_TYPE_CNAME);
	while (resolve_message_next(answer, r)) {
		if (r->type == DNS_TYPE_SOA && r->section == RESOLVE_AUTHORITY) {
			struct dns_soa soa = dns_soa_read(r->rdata, r->nbytes);

			negative_s = soa.minimum < r->ttl ? soa.minimum : r->ttl; /* RFC 2308 5 */
		}
		if (r->section != RESOLVE_ANSWER || !dns_name_equal(r->owner, i->name) ||
		    (type != DNS_TYPE_ANY && r->type != type && r->type != DNS_TYPE_CNAME))
			continue;
		if (client_records_add(&i->records, r->type, r->ttl, kind, r->rdata, r->nbytes) < 0)
			return -ENOMEM;
		if (r->ttl < *ttl_s)
			*ttl_s = r->ttl;
	}
	client_records_confirm(&i->records, type);
	client_records_confirm(&i->records, DNS_TYPE_CNAME);
	if (*ttl_s == UINT32_MAX)
		*ttl_s = negative_s;
	return 0;
}

static bool is_answered(const struct client_interest *i)
{
	for (unsigned k = 0; k < i->npolls; k++)
		if (!i->polls[k].was_answered)
			return false;
	return true;
}

/* Returns when a poll is due that would be after `wait_ms`. */
static uint64_t due_after(const struct client_polling *p, const struct client_poll *poll,
			  uint64_t wait_ms, uint64_t now_ms)
{
	if (p->most_ms > 0 && wait_ms > p->most_ms)
		wait_ms = p->most_ms;
	if (poll->interest->poll_most_ms > 0 && wait_ms > poll->interest->poll_most_ms)
		wait_ms = poll->interest->poll_most_ms;
	return now_ms + wait_ms;
}

static void poll_failed(struct client_polling *p, struct client_poll *poll, int error,
			unsigned rcode, uint64_t now_ms)
{
	uint32_t random;

	base_secret_random(&random, sizeof(random));
	poll->due_ms = due_after(
		p, poll, client_backoff_ms(FAILURES_LEAST + poll->nfailures++, random), now_ms);
	poll->was_refused = error == 0;
	poll->needs_lookup = poll->lookup == NULL;
	p->calls->on_polled(p->arg, poll->interest, error, rcode, now_ms);
}

/* Takes an answer that can be used. */
static void answer_take(struct client_polling *p, struct client_poll *poll,
			struct resolve_answer *answer, struct resolve_answer_record *r,
			uint64_t now_ms)
{
	struct client_interest *i = poll->interest;
	uint32_t ttl_s;

	if (answer_apply(i, poll->type, answer, r, &ttl_s) < 0) {
		poll_failed(p, poll, -ENOMEM, 0, now_ms);
		return;
	}
	poll->nfailures = 0;
	poll->was_answered = true;
	poll->due_ms = due_after(p, poll, client_polling_wait_s(ttl_s) * UINT64_C(1000), now_ms);
	i->is_current |= is_answered(i);
	i->is_hidden = false;
	client_interests_touch(p->interests, i);
	p->calls->on_polled(p->arg, i, 0, 0, now_ms);
}

static void answered(void *arg, struct resolve_answer *answer, int error, uint64_t now_ms)
{
	struct client_poll *poll = arg;
	struct client_polling *p = poll->polling;
	struct resolve_answer_record *r = NULL;

	if (!p->calls->needs_polling(p->arg, poll->interest)) {
		flying_end(p, poll); /* what was pushed meanwhile is newer */
		return;
	}
	if (error == 0 && (r = malloc(sizeof(*r))) == NULL)
		error = -ENOMEM;
	if (error < 0)
		poll_failed(p, poll, error, 0, now_ms);
	else if (answer->rcode != DNS_RCODE_NOERROR && answer->rcode != DNS_RCODE_NXDOMAIN)
		poll_failed(p, poll, 0, answer->rcode, now_ms);
	else
		answer_take(p, poll, answer, r, now_ms);
	free(r);
	flying_end(p, poll);
}

void client_polling_answer(struct client_polling *p, struct client_poll *poll, const uint8_t *msg,
			   size_t nbytes, uint64_t now_ms)
{
	struct resolve_answer answer;
	bool is_answer = resolve_message_parse(&answer, msg, nbytes, poll->id, poll->interest->name,
					       poll->type);

	poll->polling = p;
	answered(poll, &answer, is_answer ? 0 : -EBADMSG, now_ms);
}

/* ---- time ---- */

uint64_t client_polling_deadline(const struct client_polling *p)
{
	return p->nflying < CLIENT_POLLING_FLYING ? p->due_ms : UINT64_MAX;
}

/* Begins the look-up of a poll that is due. Returns false if it could not. */
static bool poll_begin(struct client_polling *p, struct client_poll *poll, uint64_t now_ms)
{
	bool is_stream = poll->type == DNS_TYPE_ANY; /* over UDP it may be refused (RFC 8482) */

	poll->polling = p;
	if ((poll->needs_lookup || !p->calls->ask(p->arg, poll, now_ms)) &&
	    resolve_lookup_new(&poll->lookup, p->events, poll->interest->servers,
			       poll->interest->name, poll->type, is_stream, answered, poll) < 0) {
		poll->due_ms = now_ms + CLIENT_BACKOFF_LEAST_MS;
		return false;
	}
	poll->is_flying = true;
	p->flying[p->nflying++] = poll;
	return true;
}

/* Begins the look-ups that are due, as many as may be in flight, and finds out when the next is. */
static void due_begin(struct client_polling *p, uint64_t now_ms)
{
	p->due_ms = UINT64_MAX;
	for (struct client_interest *i = p->interests->first; i != NULL; i = i->next) {
		if (i->servers == NULL || i->is_ended || !p->calls->needs_polling(p->arg, i))
			continue;
		for (unsigned k = 0; k < i->npolls; k++) {
			struct client_poll *poll = &i->polls[k];

			if (poll->is_flying)
				continue;
			if (p->nflying < CLIENT_POLLING_FLYING && now_ms >= poll->due_ms &&
			    poll_begin(p, poll, now_ms))
				continue;
			if (poll->due_ms < p->due_ms)
				p->due_ms = poll->due_ms;
		}
	}
}

void client_polling_tick(struct client_polling *p, uint64_t now_ms)
{
	if (now_ms >= p->due_ms && p->nflying < CLIENT_POLLING_FLYING)
		due_begin(p, now_ms);
}
