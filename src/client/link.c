/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "client/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "client/backoff.h"
#include "dns/type.h"

/* One server. */
struct candidate {
	struct resolve_endpoint endpoint;
	uint64_t not_before_ms; /* of the next attempt */
	unsigned nfailures;	/* since a session lasted */
	unsigned ndrops;	/* connections that ended after our first DSO message */
	bool has_pushed;	/* there was a session */
	bool has_no_dso;	/* it answered, and has no DSO; or it breaks the rules */
	bool was_tried;		/* since the last session of the link */
	bool is_down; /* nobody was there at the last attempt, or its session fell silent */
};

struct client_link {
	struct resolve_events *events;
	struct fabric_tls_context *tls;
	struct dns_dso_timeouts timeouts;
	const struct client_link_calls *calls;
	void *arg;
	struct resolve_stream stream;
	struct client_session *session;
	struct candidate *candidates;
	size_t ncandidates, at; /* the candidate of the session, or of the last attempt */
	enum client_link_state state;
	bool is_wanted, is_pushless;
	bool is_broken;		/* memory was short for the session: the tick ends it */
	const char *gives_up;	/* why the tick is to mark the server; NULL: it is not */
	bool is_lasting;	/* between on_up and on_down */
	uint64_t deadline_ms;	/* of connecting, or of the wait */
	uint64_t without_ms;	/* since when there is no session */
	uint64_t up_ms;		/* since when there is one */
	uint32_t retry_most_ms; /* the longest wait after an error of the network */
	char why[CLIENT_LINK_WHY_MAX];
};

static struct candidate *candidate_of(const struct client_link *l)
{
	return &l->candidates[l->at];
}

static uint32_t random32(void)
{
	uint32_t random;

	base_secret_random(&random, sizeof(random));
	return random;
}

/* ---- whether to poll ---- */

/* Returns when the patience of the owner ends; UINT64_MAX if there is a session, or none is wanted.
 */
static uint64_t patience_end(const struct client_link *l)
{
	if (l->is_lasting || l->state == CLIENT_LINK_IDLE || l->is_pushless)
		return UINT64_MAX;
	return l->without_ms + CLIENT_LINK_PATIENCE_MS;
}

/* Whether each endpoint was tried in vain, and is down or never had a session: there is nothing to
 * be patient for. */
static bool is_hopeless(const struct client_link *l)
{
	for (size_t i = 0; i < l->ncandidates; i++) {
		const struct candidate *c = &l->candidates[i];

		if (!c->was_tried || (c->has_pushed && !c->has_no_dso && !c->is_down))
			return false;
	}
	return true;
}

static void pushless_set(struct client_link *l, uint64_t now_ms)
{
	bool is_pushless = !l->is_lasting && l->state != CLIENT_LINK_IDLE &&
			   (l->is_pushless || is_hopeless(l) || now_ms >= patience_end(l));

	if (is_pushless == l->is_pushless)
		return;
	l->is_pushless = is_pushless;
	l->calls->on_pushless(l->arg, now_ms);
}

/* ---- the end of a session or of an attempt ---- */

/* Waits for the first endpoint that may be tried. */
static void wait_begin(struct client_link *l)
{
	l->state = l->is_wanted ? CLIENT_LINK_WAITING : CLIENT_LINK_IDLE;
	l->deadline_ms = UINT64_MAX;
	for (size_t i = 0; i < l->ncandidates && l->is_wanted; i++)
		if (l->candidates[i].not_before_ms < l->deadline_ms)
			l->deadline_ms = l->candidates[i].not_before_ms;
}

/* The session or the attempt is over, for which `why` is known already; the stream is closed. */
static void over(struct client_link *l, uint64_t wait_ms, uint64_t now_ms)
{
	struct candidate *candidate = candidate_of(l);
	bool was_lasting = l->is_lasting;

	client_session_free(l->session);
	l->session = NULL;
	l->is_broken = l->is_lasting = false;
	l->gives_up = NULL;
	candidate->was_tried = true;
	candidate->not_before_ms = now_ms + wait_ms;
	wait_begin(l);
	if (was_lasting) {
		l->without_ms = now_ms;
		l->calls->on_down(l->arg, now_ms);
	}
	pushless_set(l, now_ms);
}

static void why_set(struct client_link *l, const char *why)
{
	snprintf(l->why, sizeof(l->why), "%s", why);
}

/* Counts the end of a session or of an attempt. Returns how many have followed each other. */
static unsigned failure_count(struct client_link *l, uint64_t now_ms)
{
	struct candidate *candidate = candidate_of(l);

	if (l->is_lasting && now_ms - l->up_ms >= CLIENT_LINK_STEADY_MS)
		candidate->nfailures = 0;
	return ++candidate->nfailures;
}

/* After an error of the network, or of a server that may be back soon. */
static void failed(struct client_link *l, const char *why, uint64_t now_ms)
{
	uint32_t wait_ms = client_backoff_ms(failure_count(l, now_ms), random32());

	why_set(l, why);
	if (wait_ms > l->retry_most_ms) /* not all that wait come back at the same time */
		wait_ms = l->retry_most_ms - random32() % (l->retry_most_ms / 2 + 1);
	over(l, wait_ms, now_ms);
}

/* After a session that was closed as the rules have it: waits for as long as the server demands. A
 * server that does so again and again is not asked faster than one that fails. */
static void closed(struct client_link *l, const struct client_session_end *end, uint64_t now_ms)
{
	unsigned n = failure_count(l, now_ms);
	uint32_t wait_ms = end->has_retry_delay ? end->retry_ms : 0;
	uint32_t least_ms = n > 1 ? client_backoff_ms(n, random32()) : 0;
	char why[CLIENT_LINK_WHY_MAX];

	snprintf(why, sizeof(why), "%s%s%s", end->why, end->rcode != 0 ? ": " : "",
		 end->rcode != 0 ? dns_rcode_text(end->rcode) : "");
	why_set(l, why);
	over(l, wait_ms > least_ms ? wait_ms : least_ms, now_ms);
}

/* Of a server that does not do what we need: for an hour, or less in the proportion in which other
 * waits are shorter. */
static void useless(struct client_link *l, const char *why, uint64_t now_ms)
{
	uint64_t wait_ms = (uint64_t)CLIENT_LINK_NO_DSO_MS * l->retry_most_ms;

	why_set(l, why);
	candidate_of(l)->has_no_dso = true;
	over(l, wait_ms / CLIENT_BACKOFF_MOST_MS, now_ms);
}

/* Does what the session demands. Returns whether it goes on. */
static bool verdict_obey(struct client_link *l, enum client_session_verdict verdict,
			 uint64_t now_ms)
{
	const struct client_session_end *end = client_session_end(l->session);
	char why[CLIENT_LINK_WHY_MAX];

	switch (verdict) {
	case CLIENT_SESSION_GOES_ON:
		return true;
	case CLIENT_SESSION_CLOSE:
		resolve_stream_close(&l->stream);
		closed(l, end, now_ms);
		return false;
	case CLIENT_SESSION_NO_DSO:
		resolve_stream_close(&l->stream);
		snprintf(why, sizeof(why), "no DNS Stateful Operations there: %s",
			 dns_rcode_text(end->rcode));
		useless(l, why, now_ms);
		return false;
	case CLIENT_SESSION_ABORT:
		break;
	}
	resolve_stream_abort(&l->stream);
	if (end->is_silent && l->is_lasting) {
		candidate_of(l)->is_down = true;
		failed(l, end->why, now_ms);
	} else if (end->is_silent) {
		useless(l, "no answer to DNS Stateful Operations", now_ms);
	} else {
		snprintf(why, sizeof(why), "the server breaks the protocol: %s", end->why);
		useless(l, why, now_ms);
	}
	return false;
}

/* ---- the session ---- */

static int session_sends(void *arg, const uint8_t *msg, size_t nbytes)
{
	struct client_link *l = arg;
	int ret = resolve_stream_send(&l->stream, msg, nbytes);

	if (ret < 0)
		client_link_break(l);
	return ret;
}

static void session_established(void *arg, uint64_t now_ms)
{
	struct client_link *l = arg;

	l->state = CLIENT_LINK_UP;
	l->is_lasting = true;
	l->up_ms = now_ms;
	l->why[0] = '\0';
	candidate_of(l)->has_pushed = true;
	candidate_of(l)->has_no_dso = candidate_of(l)->is_down = false;
	candidate_of(l)->ndrops = 0;
	for (size_t i = 0; i < l->ncandidates; i++)
		l->candidates[i].was_tried = false;
	l->calls->on_up(l->arg, now_ms);
	pushless_set(l, now_ms);
}

static void session_response(void *arg, void *operation, unsigned rcode, const uint32_t *retry_ms,
			     uint64_t now_ms)
{
	struct client_link *l = arg;

	l->calls->on_response(l->arg, operation, rcode, retry_ms, now_ms);
}

static void session_notice(void *arg, const struct client_notice *notice, uint64_t now_ms)
{
	struct client_link *l = arg;

	l->calls->on_notice(l->arg, notice, now_ms);
}

static void session_answer(void *arg, void *operation, const uint8_t *msg, size_t nbytes,
			   uint64_t now_ms)
{
	struct client_link *l = arg;

	l->calls->on_answer(l->arg, operation, msg, nbytes, now_ms);
}

static void session_pushed(void *arg, uint64_t now_ms)
{
	struct client_link *l = arg;

	l->calls->on_pushed(l->arg, now_ms);
}

static void session_marked(void *arg, uint32_t mark, uint64_t now_ms)
{
	struct client_link *l = arg;

	l->calls->on_marked(l->arg, mark, now_ms);
}

static const struct client_session_calls session_calls = {
	.send = session_sends,
	.on_established = session_established,
	.on_response = session_response,
	.on_notice = session_notice,
	.on_answer = session_answer,
	.on_pushed = session_pushed,
	.on_marked = session_marked,
};

/* ---- the connection ---- */

static bool stream_opened(void *arg, uint64_t now_ms)
{
	struct client_link *l = arg;
	int ret = client_session_new(&l->session, &session_calls, l, &l->timeouts,
				     candidate_of(l)->endpoint.is_tls, now_ms);

	l->deadline_ms = UINT64_MAX; /* the session has its own */
	if (ret == 0)
		return true;
	resolve_stream_close(&l->stream);
	failed(l, strerror(-ret), now_ms);
	return false;
}

static bool stream_message(void *arg, const uint8_t *msg, size_t nbytes, uint64_t now_ms)
{
	struct client_link *l = arg;

	return verdict_obey(l, client_session_receive(l->session, msg, nbytes, now_ms), now_ms);
}

/* A connection that ends after our first message, before it is answered, may be how a server
 * without DSO answers it; or the server was just stopped. An alert of TLS means
 * neither. */
static void stream_ended(void *arg, int error, const char *why, uint64_t now_ms)
{
	struct client_link *l = arg;
	struct candidate *candidate = candidate_of(l);
	bool is_drop = l->session != NULL && !l->is_lasting && error != -EPROTO;

	candidate->is_down = l->session == NULL || error == -ETIMEDOUT;
	if (is_drop && ++candidate->ndrops >= 2 && !candidate->has_pushed)
		useless(l, "the connection ends with the first DNS Stateful Operation", now_ms);
	else
		failed(l, why, now_ms);
}

static const struct resolve_stream_calls stream_calls = {stream_opened, stream_message,
							 stream_ended};

/* Connects to the first endpoint that may be tried, or waits. */
static void attempt(struct client_link *l, uint64_t now_ms)
{
	int ret;

	l->at = 0;
	while (l->at < l->ncandidates && candidate_of(l)->not_before_ms > now_ms)
		l->at++;
	if (l->at == l->ncandidates) {
		l->at = 0;
		wait_begin(l);
		return;
	}
	l->state = CLIENT_LINK_CONNECTING;
	l->deadline_ms = now_ms + CLIENT_LINK_CONNECT_MS;
	ret = resolve_stream_connect(&l->stream, &candidate_of(l)->endpoint, l->tls);
	if (ret == 0)
		return;
	candidate_of(l)->is_down = true;
	failed(l, strerror(-ret), now_ms);
}

/* ---- time ---- */

uint64_t client_link_deadline(const struct client_link *l)
{
	uint64_t first = l->deadline_ms, patience = patience_end(l);
	uint64_t session = l->session == NULL ? UINT64_MAX : client_session_deadline(l->session);

	if (l->is_broken || l->gives_up != NULL)
		return 0;
	if (session < first)
		first = session;
	return patience < first ? patience : first;
}

void client_link_tick(struct client_link *l, uint64_t now_ms)
{
	bool is_due = now_ms >= l->deadline_ms;

	if (l->is_broken) {
		resolve_stream_close(&l->stream);
		failed(l, "out of memory", now_ms);
	} else if (l->gives_up != NULL) {
		resolve_stream_close(&l->stream);
		useless(l, l->gives_up, now_ms);
	} else if (l->session != NULL) {
		verdict_obey(l, client_session_tick(l->session, now_ms), now_ms);
	} else if (l->state == CLIENT_LINK_WAITING && is_due) {
		attempt(l, now_ms);
	} else if (l->state == CLIENT_LINK_CONNECTING && is_due) {
		resolve_stream_abort(&l->stream);
		candidate_of(l)->is_down = true;
		failed(l, "no connection within 5 seconds", now_ms);
	}
	pushless_set(l, now_ms);
}

/* ---- the owner's side ---- */

void client_link_set_retry(struct client_link *l, uint32_t most_ms)
{
	l->retry_most_ms = most_ms;
}

int client_link_set_endpoints(struct client_link *l, const struct resolve_endpoint *endpoints,
			      size_t nendpoints)
{
	struct candidate *candidates = calloc(nendpoints, sizeof(*candidates));

	if (candidates == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < nendpoints; i++) {
		candidates[i].endpoint = endpoints[i];
		for (size_t k = 0; k < l->ncandidates; k++)
			if (resolve_endpoint_equal(&l->candidates[k].endpoint, &endpoints[i]))
				candidates[i] = l->candidates[k];
	}
	free(l->candidates);
	l->candidates = candidates;
	l->ncandidates = nendpoints;
	l->at = 0;
	return 0;
}

int client_link_new(struct client_link **out, struct resolve_events *events,
		    const struct resolve_endpoint *endpoints, size_t nendpoints,
		    struct fabric_tls_context *tls, const struct dns_dso_timeouts *timeouts,
		    const struct client_link_calls *calls, void *arg)
{
	struct client_link *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return -ENOMEM;
	l->events = events;
	l->tls = tls;
	l->timeouts = *timeouts;
	l->retry_most_ms = CLIENT_BACKOFF_MOST_MS;
	l->calls = calls;
	l->arg = arg;
	l->deadline_ms = UINT64_MAX;
	resolve_stream_init(&l->stream, events, &stream_calls, l);
	if (client_link_set_endpoints(l, endpoints, nendpoints) < 0) {
		free(l);
		return -ENOMEM;
	}
	*out = l;
	return 0;
}

void client_link_free(struct client_link *l)
{
	if (l == NULL)
		return;
	client_session_free(l->session);
	resolve_stream_close(&l->stream);
	free(l->candidates);
	free(l);
}

void client_link_want(struct client_link *l, bool is_wanted, uint64_t now_ms)
{
	l->is_wanted = is_wanted;
	if (!is_wanted || l->state != CLIENT_LINK_IDLE)
		return;
	l->state = CLIENT_LINK_WAITING;
	l->deadline_ms = l->without_ms = now_ms;
}

enum client_link_state client_link_state(const struct client_link *l)
{
	return l->state;
}

bool client_link_is_pushless(const struct client_link *l)
{
	return l->is_pushless;
}

bool client_link_has_no_dso(const struct client_link *l)
{
	for (size_t i = 0; i < l->ncandidates; i++)
		if (!l->candidates[i].has_no_dso)
			return false;
	return true;
}

void client_link_give_up(struct client_link *l, const char *why)
{
	l->gives_up = why;
}

void client_link_break(struct client_link *l)
{
	l->is_broken = true;
}

const char *client_link_why(const struct client_link *l)
{
	return l->why;
}

const struct resolve_endpoint *client_link_endpoint(const struct client_link *l)
{
	return &candidate_of(l)->endpoint;
}

uint64_t client_link_retry(const struct client_link *l)
{
	return l->state == CLIENT_LINK_WAITING ? l->deadline_ms : UINT64_MAX;
}

int client_link_subscribe(struct client_link *l, const uint8_t *name, uint16_t type,
			  void *operation, uint16_t *id, uint64_t now_ms)
{
	return client_session_subscribe(l->session, name, type, operation, id, now_ms);
}

void client_link_unsubscribe(struct client_link *l, uint16_t id, uint64_t now_ms)
{
	client_session_unsubscribe(l->session, id, now_ms);
}

int client_link_query(struct client_link *l, const uint8_t *name, uint16_t type, void *operation,
		      uint16_t *id, uint64_t now_ms)
{
	return client_session_query(l->session, name, type, operation, id, now_ms);
}

void client_link_abandon(struct client_link *l, uint16_t id)
{
	client_session_abandon(l->session, id);
}

uint32_t client_link_mark(struct client_link *l, uint64_t now_ms)
{
	return client_session_mark(l->session, now_ms);
}
