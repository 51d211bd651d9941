/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What a message of the client leads to, in this order; sections are those of RFC 8490:
 *
 * 1. After a Retry Delay message everything is ignored (6.6.1.1).
 * 2. A response is a fatal error: the server has sent no request (5.5.2).
 * 3. A malformed message is answered FORMERR (5.4); if it is unidirectional it must not be answered
 *    (5.4.3), and is a fatal error.
 * 4. A unidirectional message is a fatal error unless the session is established (5.1) and its type
 *    is one that clients send so (5.4.1, 5.4.5).
 * 5. A request is a fatal error if its type is known, but not one of requests of clients (5.4.1,
 *    7.2.1), or if its id is in use (5.4.1).
 * 6. Other requests are answered: NOTIMP where DSO is not served (5.1.1), DSOTYPENI if the type is
 *    unknown (5.4.5), a Keepalive with the timeouts that are granted (7.1). */
#include "push/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"

enum { OPERATIONS = 4 }; /* first capacity */

void push_session_init(struct push_session *s)
{
	*s = (struct push_session){
		.timeout = {DNS_DSO_TIMEOUT_DEFAULT_MS, DNS_DSO_TIMEOUT_DEFAULT_MS},
	};
}

void push_session_fini(struct push_session *s)
{
	free(s->operations);
	s->operations = NULL;
	s->noperations = s->operations_size = 0;
}

/* ---- timeouts ---- */

static void touch_keepalive(struct push_session *s, uint64_t now_ms)
{
	s->heard_ms = now_ms;
}

static void touch_both(struct push_session *s, uint64_t now_ms)
{
	s->heard_ms = s->active_ms = now_ms;
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Grants what the client has asked for, but neither more than the rules nor a keepalive interval
 * that section 6.5.2 forbids. */
static struct dns_dso_timeouts grant(const struct dns_dso_timeouts *asked,
				     const struct push_session_rules *rules)
{
	struct dns_dso_timeouts granted = {
		lesser(asked->inactivity_ms, rules->longest.inactivity_ms),
		lesser(asked->keepalive_ms, rules->longest.keepalive_ms),
	};

	if (granted.keepalive_ms < DNS_DSO_KEEPALIVE_LEAST_MS)
		granted.keepalive_ms = DNS_DSO_KEEPALIVE_LEAST_MS;
	return granted;
}

static uint64_t greater(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Puts timeouts in force. Section 7.1.1: a client that has been inactive for longer than a
 * shortened timeout gets time to close. */
static void put_in_force(struct push_session *s, const struct dns_dso_timeouts *t, uint64_t now_ms)
{
	if (t->inactivity_ms < s->timeout.inactivity_ms)
		s->grace_ms = now_ms + greater(DNS_DSO_GRACE_LEAST_MS, t->inactivity_ms / 4);
	s->timeout = *t;
}

static uint64_t inactive_ms(const struct push_session *s, bool is_busy)
{
	uint32_t timeout_ms = s->timeout.inactivity_ms;

	if (is_busy || s->noperations > 0 || timeout_ms == DNS_DSO_INFINITE)
		return UINT64_MAX;
	return greater(s->active_ms + greater(DNS_DSO_GRACE_LEAST_MS, 2ull * timeout_ms),
		       s->grace_ms);
}

static uint64_t silent_ms(const struct push_session *s)
{
	if (s->timeout.keepalive_ms == DNS_DSO_INFINITE)
		return UINT64_MAX;
	return s->heard_ms + 2ull * s->timeout.keepalive_ms;
}

uint64_t push_session_deadline(const struct push_session *s, bool is_busy)
{
	uint64_t inactive = inactive_ms(s, is_busy), silent = silent_ms(s);

	switch (s->state) {
	case PUSH_SESSION_ESTABLISHED:
		return inactive < silent ? inactive : silent;
	case PUSH_SESSION_ENDING:
		return s->ended_ms + DNS_DSO_CLOSE_MS;
	default:
		return UINT64_MAX;
	}
}

enum push_session_overdue push_session_due(const struct push_session *s, bool is_busy,
					   uint64_t now_ms)
{
	if (now_ms < push_session_deadline(s, is_busy))
		return PUSH_SESSION_NOT_OVERDUE;
	if (s->state == PUSH_SESSION_ENDING)
		return PUSH_SESSION_NOT_CLOSED;
	return now_ms >= inactive_ms(s, is_busy) ? PUSH_SESSION_INACTIVE : PUSH_SESSION_SILENT;
}

/* ---- responses ---- */

static void pad(const struct push_session_rules *rules, const struct dns_dso *m,
		struct base_out *out)
{
	if (m->is_padded && rules->is_encrypted)
		dns_dso_pad(out, DNS_DSO_PAD_RESPONSE);
}

void push_session_respond(struct push_session *s, const struct push_session_rules *rules,
			  const struct dns_dso *m, uint8_t rcode, uint32_t delay_ms,
			  uint64_t now_ms, struct base_out *out)
{
	touch_both(s, now_ms);
	dns_dso_response_write(out, m->id, rcode);
	if (rcode == DNS_RCODE_NOERROR)
		s->state = PUSH_SESSION_ESTABLISHED;
	else if (delay_ms > 0)
		dns_dso_retry_delay_write(out, delay_ms);
	pad(rules, m, out);
}

static enum push_session_verdict refuse(struct push_session *s,
					const struct push_session_rules *rules,
					const struct dns_dso *m, uint8_t rcode, uint64_t now_ms,
					struct base_out *out)
{
	push_session_respond(s, rules, m, rcode, 0, now_ms, out);
	return PUSH_SESSION_REPLY;
}

static enum push_session_verdict keepalive(struct push_session *s,
					   const struct push_session_rules *rules,
					   const struct dns_dso *m, uint64_t now_ms,
					   struct base_out *out)
{
	struct dns_dso_timeouts granted;

	if (!dns_dso_keepalive_parse(&m->primary, &s->asked))
		return refuse(s, rules, m, DNS_RCODE_FORMERR, now_ms, out);
	s->has_asked = true;
	granted = grant(&s->asked, rules);
	put_in_force(s, &granted, now_ms);
	touch_keepalive(s, now_ms);
	if (s->state == PUSH_SESSION_NONE)
		s->active_ms = now_ms;
	s->state = PUSH_SESSION_ESTABLISHED;
	dns_dso_response_write(out, m->id, DNS_RCODE_NOERROR);
	dns_dso_keepalive_write(out, &granted);
	pad(rules, m, out);
	return PUSH_SESSION_REPLY;
}

/* ---- requests ---- */

static enum push_session_verdict unidirectional(struct push_session *s, const struct dns_dso *m,
						uint64_t now_ms)
{
	if (s->state == PUSH_SESSION_NONE ||
	    !(dns_dso_uses(m->primary.type) & DNS_DSO_CLIENT_UNIDIRECTIONAL))
		return PUSH_SESSION_ABORT;
	touch_both(s, now_ms);
	return PUSH_SESSION_OPERATION;
}

static enum push_session_verdict request(struct push_session *s,
					 const struct push_session_rules *rules,
					 const struct dns_dso *m, uint64_t now_ms,
					 struct base_out *out)
{
	unsigned uses = dns_dso_uses(m->primary.type);
	unsigned unidirectional_uses =
		DNS_DSO_CLIENT_UNIDIRECTIONAL | DNS_DSO_SERVER_UNIDIRECTIONAL;

	if ((!(uses & DNS_DSO_CLIENT_REQUEST) && (uses & unidirectional_uses)) ||
	    push_session_find(s, m->id) != NULL)
		return PUSH_SESSION_ABORT;
	if (!rules->is_permitted)
		return refuse(s, rules, m, DNS_RCODE_NOTIMP, now_ms, out);
	if (uses == 0)
		return refuse(s, rules, m, DNS_RCODE_DSOTYPENI, now_ms, out);
	if (!(uses & DNS_DSO_CLIENT_REQUEST)) /* padding, which can only be additional (7.3) */
		return refuse(s, rules, m, DNS_RCODE_FORMERR, now_ms, out);
	if (m->primary.type == DNS_DSO_KEEPALIVE)
		return keepalive(s, rules, m, now_ms, out);
	touch_both(s, now_ms);
	return PUSH_SESSION_OPERATION;
}

enum push_session_verdict push_session_receive(struct push_session *s,
					       const struct push_session_rules *rules,
					       const uint8_t *msg, size_t nbytes, uint64_t now_ms,
					       struct dns_dso *m, struct base_out *out)
{
	enum dns_dso_fault fault = dns_dso_parse(msg, nbytes, m);

	if (s->state == PUSH_SESSION_ENDING)
		return PUSH_SESSION_IGNORE;
	if (fault == DNS_DSO_SHORT || m->is_response)
		return PUSH_SESSION_ABORT;
	if (fault != DNS_DSO_VALID && m->id != 0)
		return refuse(s, rules, m, DNS_RCODE_FORMERR, now_ms, out);
	if (fault != DNS_DSO_VALID)
		return PUSH_SESSION_ABORT;
	return m->id == 0 ? unidirectional(s, m, now_ms) : request(s, rules, m, now_ms, out);
}

bool push_session_other(struct push_session *s, bool has_keepalive, uint64_t now_ms)
{
	if (s->state != PUSH_SESSION_ESTABLISHED)
		return true;
	touch_both(s, now_ms);
	return !has_keepalive;
}

void push_session_sent(struct push_session *s, uint64_t now_ms)
{
	touch_both(s, now_ms);
}

/* ---- what the server begins ---- */

bool push_session_change(struct push_session *s, const struct push_session_rules *rules,
			 uint64_t now_ms, struct base_out *out)
{
	struct dns_dso_timeouts t = grant(&s->asked, rules);

	if (s->state != PUSH_SESSION_ESTABLISHED || !s->has_asked ||
	    (t.inactivity_ms == s->timeout.inactivity_ms &&
	     t.keepalive_ms == s->timeout.keepalive_ms))
		return false;
	put_in_force(s, &t, now_ms);
	touch_keepalive(s, now_ms);
	dns_dso_header_write(out, 0, DNS_RCODE_NOERROR);
	dns_dso_keepalive_write(out, &t);
	return true;
}

void push_session_end(struct push_session *s, uint8_t rcode, uint32_t delay_ms, uint64_t now_ms,
		      struct base_out *out)
{
	s->state = PUSH_SESSION_ENDING;
	s->ended_ms = now_ms;
	dns_dso_header_write(out, 0, rcode);
	dns_dso_retry_delay_write(out, delay_ms);
}

/* ---- operations ---- */

/* Returns the index of the first operation whose id is not less than `id`. */
static size_t index_of(const struct push_session *s, uint16_t id)
{
	size_t low = 0, high = s->noperations;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (s->operations[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int push_session_add(struct push_session *s, struct push_operation *op)
{
	size_t i = index_of(s, op->id);

	if (s->noperations == s->operations_size) {
		size_t size = s->operations_size > 0 ? 2 * s->operations_size : OPERATIONS;
		struct push_operation **ops =
			realloc(s->operations, size * sizeof(struct push_operation *));

		if (ops == NULL)
			return -ENOMEM;
		s->operations = ops;
		s->operations_size = size;
	}
	memmove(&s->operations[i + 1], &s->operations[i],
		(s->noperations - i) * sizeof(struct push_operation *));
	s->operations[i] = op;
	s->noperations++;
	return 0;
}

struct push_operation *push_session_find(const struct push_session *s, uint16_t id)
{
	size_t i = index_of(s, id);

	return i < s->noperations && s->operations[i]->id == id ? s->operations[i] : NULL;
}

void push_session_remove(struct push_session *s, const struct push_operation *op, uint64_t now_ms)
{
	size_t i = index_of(s, op->id);

	s->noperations--;
	memmove(&s->operations[i], &s->operations[i + 1],
		(s->noperations - i) * sizeof(struct push_operation *));
	if (s->noperations > 0)
		return;
	s->active_ms = now_ms;
	push_session_fini(s);
}

void push_session_clear(struct push_session *s)
{
	s->noperations = 0;
}
