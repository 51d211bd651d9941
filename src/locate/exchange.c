/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/exchange.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/buf.h"
#include "dns/msg.h"
#include "dns/type.h"
#include "locate/exchange_priv.h"
#include "locate/locate_priv.h"

/* How an exchange goes:
 *
 * 1. When registries are known, they are copied: the candidates. The first one is asked.
 * 2. When a candidate refuses or fails, or has been silent for longer than usual, the next one is
 *    asked; the silent one may still answer.
 * 3. A silent candidate is asked again at growing intervals. Each time is an attempt of its own,
 *    with another port and id, so that an answer shows which message it is for.
 * 4. The first good answer ends it. A candidate that was silent for longer than usual has failed:
 *    later exchanges ask it last. */

enum {
	SIZE_DEFAULT = 512,
	DATAGRAM_MAX = 4096, /* octets of an answer over UDP */
	DATAGRAMS_MAX = 16,  /* that are read at once; others wait */
};

/* ---- the owner may free the exchange from within any of its calls ---- */

static void enter(struct locate_exchange *x)
{
	x->depth++;
}

static void leave(struct locate_exchange *x)
{
	if (--x->depth > 0 || !x->is_freed)
		return;
	free(x->candidates);
	free(x->message);
	free(x);
}

/* ---- the end ---- */

static void timer_clear(struct locate_exchange *x)
{
	resolve_timer_clear(&x->locate->events->timers, &x->timer);
}

/* Appends to `why` what is known of a candidate. */
static void explain(struct locate_exchange *x, const struct locate_exchange_candidate *c)
{
	size_t used = strlen(x->why);

	if (used > 0)
		used += (size_t)snprintf(x->why + used, sizeof(x->why) - used, "; ");
	if (used < sizeof(x->why))
		locate_exchange_candidate_explain(c, x->why + used, sizeof(x->why) - used);
}

static void finish(struct locate_exchange *x, int error, uint64_t now_ms)
{
	x->is_over = true;
	timer_clear(x);
	locate_wait_end(x->locate, &x->waiter);
	for (size_t i = 0; i < x->ncandidates; i++) {
		struct locate_exchange_candidate *c = &x->candidates[i];

		if (c == x->answered || c->state == LOCATE_CANDIDATE_UNTRIED)
			continue;
		explain(x, c);
		if (c->state == LOCATE_CANDIDATE_IN_FLIGHT &&
		    (now_ms >= c->silent_ms || error == -ETIMEDOUT))
			locate_failed(x->locate, &c->endpoint, now_ms);
	}
	if (x->answered != NULL)
		base_address_to_text(x->why,
				     (const struct sockaddr *)&x->answered->endpoint.address);
	if (error == -ENOENT)
		snprintf(x->why, sizeof(x->why), "no registry is known");
	locate_exchange_attempts_end(x, NULL, now_ms);
	x->calls->done(x->arg, error, now_ms);
}

/* Returns the error if all candidates are over. */
static int error_of(const struct locate_exchange *x)
{
	bool has_refused = false, is_untrusted = false;

	for (size_t i = 0; i < x->ncandidates; i++) {
		has_refused |= x->candidates[i].has_refused;
		is_untrusted |= x->candidates[i].is_untrusted;
	}
	return is_untrusted && !has_refused ? -EPROTO : -EHOSTUNREACH;
}

/* ---- going on ---- */

/* Asks the next candidate that has not been asked, until one is in flight. */
static void next_ask(struct locate_exchange *x, uint64_t now_ms)
{
	for (size_t i = 0; i < x->ncandidates; i++) {
		struct locate_exchange_candidate *c = &x->candidates[i];

		if (c->state != LOCATE_CANDIDATE_UNTRIED)
			continue;
		locate_exchange_candidate_ask(x, c, now_ms);
		if (c->state == LOCATE_CANDIDATE_IN_FLIGHT || x->is_freed)
			return;
	}
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Sets the timer to what is due next, or ends the exchange if nothing can come any more. */
static void go_on(struct locate_exchange *x, uint64_t now_ms)
{
	uint64_t due_ms = x->options.deadline_ms, silent_ms = 0;
	bool is_waiting = false, has_untried = false;

	if (x->is_over || x->is_freed)
		return;
	for (size_t i = 0; i < x->ncandidates; i++) {
		const struct locate_exchange_candidate *c = &x->candidates[i];

		has_untried |= c->state == LOCATE_CANDIDATE_UNTRIED;
		if (c->state != LOCATE_CANDIDATE_IN_FLIGHT)
			continue;
		is_waiting = true;
		due_ms = earlier(due_ms, c->retry_ms);
		if (c->silent_ms > silent_ms)
			silent_ms = c->silent_ms; /* of the one that was asked last */
	}
	if (x->error != 0)
		finish(x, x->error, now_ms);
	else if (!is_waiting)
		finish(x, error_of(x), now_ms);
	else
		resolve_timer_set(&x->locate->events->timers, &x->timer,
				  has_untried ? earlier(due_ms, silent_ms) : due_ms);
}

/* Returns whether every candidate in flight has been silent for longer than usual. */
static bool is_silent(const struct locate_exchange *x, uint64_t now_ms)
{
	for (size_t i = 0; i < x->ncandidates; i++)
		if (x->candidates[i].state == LOCATE_CANDIDATE_IN_FLIGHT &&
		    now_ms < x->candidates[i].silent_ms)
			return false;
	return true;
}

static void on_due(void *arg, uint64_t now_ms)
{
	struct locate_exchange *x = arg;

	enter(x);
	if (now_ms >= x->options.deadline_ms) {
		finish(x, -ETIMEDOUT, now_ms);
		leave(x);
		return;
	}
	if (is_silent(x, now_ms))
		next_ask(x, now_ms);
	for (size_t i = 0; i < x->ncandidates && !x->is_freed; i++) {
		struct locate_exchange_candidate *c = &x->candidates[i];

		if (c->state != LOCATE_CANDIDATE_IN_FLIGHT || now_ms < c->retry_ms)
			continue;
		locate_exchange_candidate_ask_again(x, c, now_ms);
	}
	go_on(x, now_ms);
	leave(x);
}

/* ---- answers ---- */

/* Does what the owner has found about an answer. */
static void verdict_follow(struct locate_exchange_attempt *a, enum locate_verdict verdict,
			   unsigned rcode, uint64_t now_ms)
{
	struct locate_exchange *x = a->exchange;
	struct locate_exchange_candidate *c = a->candidate;
	uint64_t took_us = now_ms > a->sent_ms ? (now_ms - a->sent_ms) * 1000 : 1;

	if (verdict == LOCATE_IGNORED) {
		c->nignored++;
		if (c->is_stream) /* where nobody else can have sent it */
			locate_exchange_candidate_over(x, c, "the answer is malformed");
		return;
	}
	locate_succeeded(x->locate, &c->endpoint,
			 took_us < UINT32_MAX ? (uint32_t)took_us : UINT32_MAX);
	switch (verdict) {
	case LOCATE_DONE:
		x->answered = c;
		locate_known_accepted(&x->locate->known, &c->endpoint, x->options.is_update);
		break;
	case LOCATE_NEXT:
		locate_known_refused(&x->locate->known, &c->endpoint, x->options.is_update, now_ms);
		c->has_refused = true;
		locate_exchange_candidate_over(
			x, c, rcode != 0 ? dns_rcode_text(rcode) : "the answer is not valid");
		break;
	case LOCATE_AGAIN:
		locate_exchange_candidate_renew(a, now_ms);
		break;
	case LOCATE_OVER_TCP:
		locate_exchange_candidate_over_tcp(a, now_ms);
		break;
	case LOCATE_IGNORED:
		break;
	}
}

/* Takes a message to an attempt, with its id. */
static void answer_take(struct locate_exchange_attempt *a, const uint8_t *msg, size_t nbytes,
			uint64_t now_ms)
{
	struct locate_exchange *x = a->exchange;
	enum locate_verdict verdict = LOCATE_IGNORED;
	uint16_t flags = base_load16(msg + 2);

	if (flags & DNS_FLAG_QR)
		verdict = x->calls->read(x->arg, (unsigned)(a - x->attempts), msg, nbytes, now_ms);
	if (!x->is_freed)
		verdict_follow(a, verdict, flags & DNS_FLAG_RCODE, now_ms);
}

/* Goes on after an answer or a failure. */
static void after(struct locate_exchange *x, uint64_t now_ms)
{
	bool is_waiting = false;

	if (x->is_freed || x->is_over)
		return;
	if (x->answered != NULL) {
		finish(x, 0, now_ms);
		return;
	}
	for (size_t i = 0; i < x->ncandidates; i++)
		is_waiting |= x->candidates[i].state == LOCATE_CANDIDATE_IN_FLIGHT &&
			      now_ms < x->candidates[i].silent_ms;
	if (!is_waiting)
		next_ask(x, now_ms);
	go_on(x, now_ms);
}

static void udp_ready(void *arg, uint32_t events, uint64_t now_ms)
{
	struct locate_exchange_attempt *a = arg;
	struct locate_exchange *x = a->exchange;
	uint8_t msg[DATAGRAM_MAX];

	(void)events;
	enter(x);
	for (unsigned i = 0; i < DATAGRAMS_MAX && !x->is_freed && x->answered == NULL &&
			     a->candidate != NULL && a->udp.fd >= 0;
	     i++) {
		ssize_t n = recv(a->udp.fd, msg, sizeof(msg), MSG_TRUNC);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0) /* as when the port is closed */
			locate_exchange_candidate_failed(x, a->candidate, -errno, strerror(errno),
							 now_ms);
		else if (n < DNS_HEADER_SIZE || (size_t)n > sizeof(msg) ||
			 base_load16(msg) != a->id)
			a->candidate->nignored++;
		else
			answer_take(a, msg, (size_t)n, now_ms);
	}
	after(x, now_ms);
	leave(x);
}

/* ---- TCP and TLS ---- */

static void call_opened(void *arg, uint64_t now_ms)
{
	struct locate_exchange_attempt *a = arg;
	struct locate_exchange *x = a->exchange;

	enter(x);
	locate_exchange_attempt_send(a, now_ms);
	if (x->error != 0)
		go_on(x, now_ms);
	leave(x);
}

static void call_answered(void *arg, const uint8_t *msg, size_t nbytes, uint64_t now_ms)
{
	struct locate_exchange_attempt *a = arg;
	struct locate_exchange *x = a->exchange;

	enter(x);
	answer_take(a, msg, nbytes, now_ms);
	after(x, now_ms);
	leave(x);
}

static void call_ended(void *arg, int error, const char *why, uint64_t now_ms)
{
	struct locate_exchange_attempt *a = arg;
	struct locate_exchange *x = a->exchange;

	enter(x);
	locate_exchange_candidate_lost(a, error, why, now_ms);
	after(x, now_ms);
	leave(x);
}

static const struct locate_call_fns call_fns = {call_opened, call_answered, call_ended};

/* ---- the beginning ---- */

static int candidates_copy(struct locate_exchange *x, uint64_t now_ms)
{
	const struct locate_registry *all[LOCATE_REGISTRIES_MAX];
	size_t n = x->locate->known.n;

	if (n == 0)
		return -ENOENT;
	x->candidates = calloc(n, sizeof(*x->candidates));
	if (x->candidates == NULL)
		return -ENOMEM;
	x->ncandidates = n;
	locate_known_order(&x->locate->known, x->options.is_update, now_ms, all);
	for (size_t i = 0; i < n; i++)
		x->candidates[i] = (struct locate_exchange_candidate){
			.endpoint = all[i]->endpoint,
			.transport = all[i]->transport,
			.rtt_us = all[i]->rtt_us,
			.is_stream = x->options.is_large || all[i]->transport != LOCATE_UDP,
		};
	return 0;
}

static void on_known(void *arg, int error, uint64_t now_ms)
{
	struct locate_exchange *x = arg;

	enter(x);
	if (error == 0)
		error = candidates_copy(x, now_ms);
	if (error < 0) {
		finish(x, error, now_ms);
	} else {
		locate_refresh(x->locate, now_ms);
		next_ask(x, now_ms);
		go_on(x, now_ms);
	}
	leave(x);
}

int locate_exchange_new(struct locate_exchange **out, struct locate *l,
			const struct locate_exchange_options *options,
			const struct locate_exchange_calls *calls, void *arg)
{
	struct locate_exchange *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return -ENOMEM;
	x->options = *options;
	if (x->options.size == 0)
		x->options.size = SIZE_DEFAULT;
	x->message = malloc(x->options.size);
	if (x->message == NULL) {
		free(x);
		return -ENOMEM;
	}
	x->locate = l;
	x->calls = calls;
	x->arg = arg;
	x->timer = (struct resolve_timer){.on_due = on_due, .arg = x};
	x->waiter = (struct locate_waiter){.on_known = on_known, .arg = x};
	for (size_t i = 0; i < LOCATE_ATTEMPTS_MAX; i++) {
		struct locate_exchange_attempt *a = &x->attempts[i];

		a->exchange = x;
		a->udp = (struct resolve_descriptor){
			.fd = -1, .wanted = EPOLLIN, .on_ready = udp_ready, .arg = a};
		a->call = (struct locate_call){.fns = &call_fns, .arg = a};
	}
	/* The time for which registries are waited for is bounded, too. */
	resolve_timer_set(&l->events->timers, &x->timer, options->deadline_ms);
	locate_wait(l, &x->waiter);
	*out = x;
	return 0;
}

void locate_exchange_free(struct locate_exchange *x)
{
	if (x == NULL)
		return;
	timer_clear(x);
	locate_wait_end(x->locate, &x->waiter);
	locate_exchange_attempts_end(x, NULL, 0);
	x->is_freed = true;
	enter(x);
	leave(x);
}

const char *locate_exchange_why(const struct locate_exchange *x)
{
	return x->why;
}

bool locate_exchange_was_refused(const struct locate_exchange *x)
{
	size_t n = 0;

	while (n < x->ncandidates && x->candidates[n].has_refused)
		n++;
	return n > 0 && n == x->ncandidates;
}
