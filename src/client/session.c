/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "client/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "dns/edns.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "resolve/message.h"

/* A message goes through these steps; each may end the session:
 *
 * 1. What is not DSO may answer a query, and is ignored else; but for an edns-tcp-keepalive option
 *    (RFC 8490 section 5.4.6).
 * 2. The form: counts, TLVs (section 5.4).
 * 3. A response must have the id of an operation (5.5.2), and what its request demands.
 * 4. A request of the server is answered DSOTYPENI if its type is unknown; no known type is one
 *    (RFC 8490 section 8.2, RFC 8765 section 6.6).
 * 5. A unidirectional message is a Keepalive, a Retry Delay or a PUSH.
 *
 * "Fatal" errors of the RFCs are CLIENT_SESSION_ABORT. */

enum {
	PAGE_IDS = 256, /* ids have a table of two levels, made as they are used */
	REQUEST_MAX = DNS_HEADER_SIZE + DNS_DSO_TLV_SIZE + DNS_NAME_MAX + 4 + DNS_DSO_PAD_REQUEST,
};

/* What a message id is used for. */
enum use {
	FREE,
	KEEPALIVE,   /* a Keepalive request awaits its response */
	SUBSCRIBING, /* a SUBSCRIBE does */
	SUBSCRIBED,  /* its subscription is active */
	CANCELLED,   /* as SUBSCRIBING, but nobody wants it any more */
	QUERYING,    /* a query awaits its answer */
	ABANDONED,   /* as QUERYING, but nobody wants it any more */
	LINGERING,   /* was active: a cancellation of the server may have crossed ours */
};

struct slot {
	enum use use;
	union {
		void *operation; /* of a subscription or a query */
		uint32_t mark;	 /* of a Keepalive; 0: none */
	};
};

struct client_session {
	const struct client_session_calls *calls;
	void *arg;
	struct slot *pages[UINT16_MAX / PAGE_IDS + 1];
	uint16_t last_id;
	uint32_t last_mark;
	bool is_established, is_padded;
	struct dns_dso_timeouts wanted, timeouts;
	unsigned nactive;      /* subscriptions, also those that await their response */
	unsigned noutstanding; /* requests without a response, */
	unsigned nqueries;     /* and the queries among them */
	uint64_t message_ms;   /* of the last message, sent or received: the keepalive timer */
	uint64_t active_ms;    /* of the last activity: the inactivity timer */
	uint64_t heard_ms;     /* of the last message received, or of a request when none was
				  outstanding */
	struct client_session_end end;
};

static enum client_session_verdict session_end(struct client_session *s,
					       enum client_session_verdict verdict, const char *why)
{
	s->end.why = why;
	return verdict;
}

static enum client_session_verdict fatal(struct client_session *s, const char *why)
{
	return session_end(s, CLIENT_SESSION_ABORT, why);
}

/* ---- message ids ---- */

static struct slot *slot_find(const struct client_session *s, uint16_t id)
{
	struct slot *page = s->pages[id / PAGE_IDS];

	return page == NULL ? NULL : &page[id % PAGE_IDS];
}

/* Returns a slot that is free, with its id, or NULL with the reason in `error`. */
static struct slot *slot_take(struct client_session *s, uint16_t *id, int *error)
{
	for (unsigned tries = 0; tries < UINT16_MAX; tries++) {
		struct slot **page, *slot;

		if (++s->last_id == 0)
			s->last_id = 1; /* 0 is the id of unidirectional messages */
		*id = s->last_id;
		page = &s->pages[*id / PAGE_IDS];
		if (*page == NULL)
			*page = calloc(PAGE_IDS, sizeof(**page));
		if (*page == NULL) {
			*error = -ENOMEM;
			return NULL;
		}
		slot = &(*page)[*id % PAGE_IDS];
		if (slot->use == FREE || slot->use == LINGERING)
			return slot;
	}
	*error = -ENOSPC;
	return NULL;
}

/* ---- sending ---- */

static int message_send(struct client_session *s, struct base_out *o, uint64_t now_ms)
{
	int ret;

	if (s->is_padded)
		dns_dso_pad(o, DNS_DSO_PAD_REQUEST);
	ret = s->calls->send(s->arg, o->start, base_out_nbytes(o));
	if (ret == 0)
		s->message_ms = now_ms;
	return ret;
}

/* Sends a request, whose slot is to be used. */
static int request_send(struct client_session *s, struct base_out *o, uint64_t now_ms)
{
	int ret = message_send(s, o, now_ms);

	if (ret < 0)
		return ret;
	if (s->noutstanding++ == 0)
		s->heard_ms = now_ms;
	return 0;
}

static int keepalive_send(struct client_session *s, uint32_t mark, uint64_t now_ms)
{
	uint8_t bytes[REQUEST_MAX];
	struct base_out o = base_out_over(bytes, sizeof(bytes));
	struct slot *slot;
	uint16_t id;
	int ret;

	slot = slot_take(s, &id, &ret);
	if (slot == NULL)
		return ret;
	dns_dso_header_write(&o, id, DNS_RCODE_NOERROR);
	dns_dso_keepalive_write(&o, &s->wanted);
	ret = request_send(s, &o, now_ms);
	if (ret == 0)
		*slot = (struct slot){.use = KEEPALIVE, .mark = mark};
	return ret;
}

uint32_t client_session_mark(struct client_session *s, uint64_t now_ms)
{
	if (++s->last_mark == 0)
		s->last_mark = 1;
	return keepalive_send(s, s->last_mark, now_ms) == 0 ? s->last_mark : 0;
}

int client_session_subscribe(struct client_session *s, const uint8_t *name, uint16_t type,
			     void *operation, uint16_t *id, uint64_t now_ms)
{
	uint8_t bytes[REQUEST_MAX];
	struct base_out o = base_out_over(bytes, sizeof(bytes));
	struct slot *slot;
	size_t tlv;
	int ret;

	slot = slot_take(s, id, &ret);
	if (slot == NULL)
		return ret;
	dns_dso_header_write(&o, *id, DNS_RCODE_NOERROR);
	tlv = dns_dso_tlv_begin(&o, DNS_DSO_SUBSCRIBE);
	base_out_bytes(&o, name, dns_name_nbytes(name));
	base_out_u16(&o, type);
	base_out_u16(&o, DNS_CLASS_IN);
	dns_dso_tlv_end(&o, tlv);
	ret = request_send(s, &o, now_ms);
	if (ret < 0)
		return ret;
	*slot = (struct slot){.use = SUBSCRIBING, .operation = operation};
	s->nactive++;
	s->active_ms = now_ms;
	return 0;
}

int client_session_query(struct client_session *s, const uint8_t *name, uint16_t type,
			 void *operation, uint16_t *id, uint64_t now_ms)
{
	uint8_t bytes[RESOLVE_MESSAGE_QUERY_MAX];
	struct slot *slot;
	int ret;

	slot = slot_take(s, id, &ret);
	if (slot == NULL)
		return ret;
	ret = s->calls->send(s->arg, bytes, resolve_message_query(bytes, *id, name, type));
	if (ret < 0)
		return ret;
	*slot = (struct slot){.use = QUERYING, .operation = operation};
	s->nqueries++;
	if (s->noutstanding++ == 0)
		s->heard_ms = now_ms;
	s->message_ms = s->active_ms = now_ms;
	return 0;
}

void client_session_abandon(struct client_session *s, uint16_t id)
{
	struct slot *slot = slot_find(s, id);

	if (slot != NULL && slot->use == QUERYING)
		*slot = (struct slot){.use = ABANDONED};
}

void client_session_unsubscribe(struct client_session *s, uint16_t id, uint64_t now_ms)
{
	uint8_t bytes[REQUEST_MAX];
	struct base_out o = base_out_over(bytes, sizeof(bytes));
	struct slot *slot = slot_find(s, id);
	size_t tlv;

	if (slot == NULL || (slot->use != SUBSCRIBING && slot->use != SUBSCRIBED))
		return;
	dns_dso_header_write(&o, 0, DNS_RCODE_NOERROR);
	tlv = dns_dso_tlv_begin(&o, DNS_DSO_UNSUBSCRIBE);
	base_out_u16(&o, id);
	dns_dso_tlv_end(&o, tlv);
	message_send(s, &o, now_ms); /* if not, the connection is about to end */
	slot->use = slot->use == SUBSCRIBING ? CANCELLED : LINGERING;
	slot->operation = NULL;
	s->nactive--;
	s->active_ms = now_ms;
}

/* ---- responses ---- */

static enum client_session_verdict timeouts_set(struct client_session *s,
						const struct dns_dso_tlv *tlv)
{
	struct dns_dso_timeouts timeouts;

	if (!dns_dso_keepalive_parse(tlv, &timeouts))
		return fatal(s, "a Keepalive TLV of the wrong length");
	if (timeouts.keepalive_ms < DNS_DSO_KEEPALIVE_LEAST_MS)
		return fatal(s, "a keepalive interval below 10 seconds");
	s->timeouts = timeouts;
	return CLIENT_SESSION_GOES_ON;
}

static enum client_session_verdict keepalive_response(struct client_session *s,
						      const struct dns_dso *m, uint32_t mark,
						      uint64_t now_ms)
{
	enum client_session_verdict verdict;
	struct dns_dso_tlv second;

	if (m->rcode != DNS_RCODE_NOERROR)
		return fatal(s, "a Keepalive is refused in an established session");
	if (!m->has_tlv || m->primary.type != DNS_DSO_KEEPALIVE)
		return fatal(s, "a response to Keepalive without its TLV");
	if (dns_dso_find(m, DNS_DSO_KEEPALIVE, &second))
		return fatal(s, "a response to Keepalive with two of its TLV");
	verdict = timeouts_set(s, &m->primary);
	if (verdict != CLIENT_SESSION_GOES_ON)
		return verdict;
	if (!s->is_established) {
		s->is_established = true;
		s->calls->on_established(s->arg, now_ms);
	}
	if (mark != 0)
		s->calls->on_marked(s->arg, mark, now_ms);
	return CLIENT_SESSION_GOES_ON;
}

/* Finds a Retry Delay TLV in a response: it is the first one, too, if there is no other. */
static bool retry_delay_find(const struct dns_dso *m, struct dns_dso_tlv *tlv)
{
	if (m->has_tlv && m->primary.type == DNS_DSO_RETRY_DELAY) {
		*tlv = m->primary;
		return true;
	}
	return m->has_tlv && dns_dso_find(m, DNS_DSO_RETRY_DELAY, tlv);
}

static enum client_session_verdict subscribe_response(struct client_session *s,
						      const struct dns_dso *m, void *operation,
						      uint64_t now_ms)
{
	struct dns_dso_tlv tlv;
	uint32_t retry_ms;
	bool has_retry = retry_delay_find(m, &tlv);

	if (has_retry && !dns_dso_retry_delay_parse(&tlv, &retry_ms))
		return fatal(s, "a Retry Delay TLV of the wrong length");
	if (m->rcode != DNS_RCODE_NOERROR)
		s->nactive--;
	s->calls->on_response(s->arg, operation, m->rcode, has_retry ? &retry_ms : NULL, now_ms);
	return CLIENT_SESSION_GOES_ON;
}

static enum client_session_verdict response_take(struct client_session *s, const struct dns_dso *m,
						 uint64_t now_ms)
{
	struct slot *slot = slot_find(s, m->id);
	struct slot was = slot == NULL ? (struct slot){.use = FREE} : *slot;
	bool is_refused = m->rcode != DNS_RCODE_NOERROR;

	if (m->id == 0)
		return fatal(s, "a response with message id 0");
	switch (was.use) {
	case FREE:
	case QUERYING:
	case ABANDONED:
		return fatal(s, "a response to no request");
	case KEEPALIVE:
		slot->use = FREE;
		s->noutstanding--;
		return keepalive_response(s, m, was.mark, now_ms);
	case SUBSCRIBING:
		slot->use = is_refused ? FREE : SUBSCRIBED;
		s->noutstanding--;
		return subscribe_response(s, m, was.operation, now_ms);
	case SUBSCRIBED:
		if (!is_refused)
			return fatal(s, "a subscription is accepted twice");
		slot->use = FREE;
		return subscribe_response(s, m, was.operation, now_ms);
	case CANCELLED:
		slot->use = FREE;
		s->noutstanding--;
		return CLIENT_SESSION_GOES_ON;
	case LINGERING:
		if (!is_refused)
			return fatal(s, "a response to no request");
		slot->use = FREE;
		return CLIENT_SESSION_GOES_ON;
	}
	return CLIENT_SESSION_GOES_ON;
}

/* ---- PUSH ---- */

/* Reads one change notification into `notice`, whose name and rdata are in `name` and `rdata`.
 * Returns NULL, or what is fatal. `is_ignored`: the notification is passed over. */
static const char *notice_parse(struct base_buf *b, struct client_notice *notice,
				uint8_t name[static DNS_NAME_MAX], struct base_out *rdata,
				bool *is_ignored)
{
	uint16_t rrclass, rdlength;
	struct base_buf inner;

	dns_name_parse(b, name);
	notice->type = base_buf_u16(b);
	rrclass = base_buf_u16(b);
	notice->ttl = base_buf_u32(b);
	rdlength = base_buf_u16(b);
	inner = *b;
	base_buf_take(b, rdlength);
	if (b->has_failed)
		return "a malformed PUSH";
	notice->name = name;
	notice->rdata = rdata->at;
	notice->nbytes = 0;
	*is_ignored = rrclass != DNS_CLASS_IN;

	if (notice->ttl == DNS_DSO_TTL_REMOVE_ALL) {
		if (rdlength != 0)
			return "a collective removal with rdata";
		notice->kind = CLIENT_NOTICE_REMOVE_TYPE;
		if (rrclass == DNS_CLASS_ANY) { /* the type is ignored then */
			notice->type = DNS_TYPE_ANY;
			*is_ignored = false;
		}
		return NULL;
	}
	if (notice->ttl > DNS_DSO_TTL_MAX && notice->ttl != DNS_DSO_TTL_REMOVE) {
		*is_ignored = true;
		return NULL;
	}
	if (notice->type == DNS_TYPE_ANY || rrclass == DNS_CLASS_ANY)
		return "a record of type or class ANY";
	notice->kind = notice->ttl == DNS_DSO_TTL_REMOVE ? CLIENT_NOTICE_REMOVE : CLIENT_NOTICE_ADD;
	if (!*is_ignored &&
	    dns_rdata_parse(&inner, notice->type, rdlength, rdata) == dns_rdata_malformed)
		return "malformed rdata in a PUSH";
	notice->nbytes = (uint16_t)base_out_nbytes(rdata);
	return NULL;
}

/* Goes through the notifications, and reports them if `is_report`. Returns NULL or what is fatal.
 */
static const char *push_walk(struct client_session *s, struct base_buf b, bool is_report,
			     uint64_t now_ms)
{
	uint8_t name[DNS_NAME_MAX], *bytes = malloc(DNS_RDATA_MAX);
	const char *wrong = bytes == NULL ? "out of memory" : NULL;

	while (wrong == NULL && base_buf_left(&b) > 0) {
		struct base_out rdata = base_out_over(bytes, DNS_RDATA_MAX);
		struct client_notice notice;
		bool is_ignored;

		wrong = notice_parse(&b, &notice, name, &rdata, &is_ignored);
		if (wrong == NULL && is_report && !is_ignored)
			s->calls->on_notice(s->arg, &notice, now_ms);
	}
	free(bytes);
	return wrong;
}

static enum client_session_verdict push_take(struct client_session *s, const struct dns_dso *m,
					     size_t nbytes, uint64_t now_ms)
{
	const char *wrong;

	if (nbytes > DNS_DSO_PUSH_MAX)
		return fatal(s, "a PUSH of more than 16382 bytes");
	if (base_buf_left(&m->primary.data) == 0)
		return fatal(s, "a PUSH without a change");
	wrong = push_walk(s, m->primary.data, false, now_ms);
	if (wrong == NULL)
		wrong = push_walk(s, m->primary.data, true, now_ms);
	if (wrong != NULL)
		return fatal(s, wrong);
	s->calls->on_pushed(s->arg, now_ms);
	return CLIENT_SESSION_GOES_ON;
}

/* ---- other messages of the server ---- */

static enum client_session_verdict retry_delay_take(struct client_session *s,
						    const struct dns_dso *m)
{
	if (!dns_dso_retry_delay_parse(&m->primary, &s->end.retry_ms))
		return fatal(s, "a Retry Delay TLV of the wrong length");
	s->end.has_retry_delay = true;
	s->end.rcode = m->rcode;
	return session_end(s, CLIENT_SESSION_CLOSE, "the server asks to come back later");
}

static enum client_session_verdict unidirectional_take(struct client_session *s,
						       const struct dns_dso *m, size_t nbytes,
						       uint64_t now_ms)
{
	switch (m->primary.type) {
	case DNS_DSO_KEEPALIVE:
		return timeouts_set(s, &m->primary);
	case DNS_DSO_RETRY_DELAY:
		return retry_delay_take(s, m);
	case DNS_DSO_PUSH:
		return push_take(s, m, nbytes, now_ms);
	default:
		return fatal(s, "a unidirectional message that no server sends");
	}
}

/* Answers a request of the server with an error. */
static enum client_session_verdict request_refuse(struct client_session *s, const struct dns_dso *m,
						  uint8_t rcode, uint64_t now_ms)
{
	uint8_t bytes[REQUEST_MAX];
	struct base_out o = base_out_over(bytes, sizeof(bytes));

	dns_dso_response_write(&o, m->id, rcode);
	message_send(s, &o, now_ms);
	return CLIENT_SESSION_GOES_ON;
}

/* ---- a message ---- */

/* Gives an answer to its query. */
static void answer_take(struct client_session *s, uint16_t id, const uint8_t *msg, size_t nbytes,
			uint64_t now_ms)
{
	struct slot *slot = slot_find(s, id);
	struct slot was = slot == NULL ? (struct slot){.use = FREE} : *slot;

	if (was.use != QUERYING && was.use != ABANDONED)
		return;
	slot->use = FREE;
	s->noutstanding--;
	s->nqueries--;
	if (was.use == QUERYING)
		s->calls->on_answer(s->arg, was.operation, msg, nbytes, now_ms);
}

/* What is not DSO: answers to queries that nobody has asked are ignored. */
static enum client_session_verdict other_take(struct client_session *s, const uint8_t *msg,
					      size_t nbytes, uint64_t now_ms)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	struct dns_header h = dns_header_parse(&b);
	struct dns_edns edns = {0};
	struct dns_question q;
	size_t tsig;

	for (unsigned i = 0; i < h.qdcount && !b.has_failed; i++)
		dns_question_parse(&b, &q);
	if (b.has_failed)
		return fatal(s, "a malformed message");
	dns_msg_scan(&b, &h, &edns, &tsig);
	if (edns.has_keepalive)
		return fatal(s, "an edns-tcp-keepalive option in a DSO session");
	if (h.flags & DNS_FLAG_QR)
		answer_take(s, h.id, msg, nbytes, now_ms);
	return CLIENT_SESSION_GOES_ON;
}

/* Whether the message is the response to the first request that means no DSO: older servers leave
 * out or add what they like (RFC 8490 section 5.1.1). */
static bool is_no_dso(const struct client_session *s, const struct dns_header *h)
{
	const struct slot *slot = slot_find(s, h->id);

	return !s->is_established && h->flags & DNS_FLAG_QR && slot != NULL &&
	       slot->use == KEEPALIVE && (h->flags & DNS_FLAG_RCODE) != DNS_RCODE_NOERROR;
}

static enum client_session_verdict message_take(struct client_session *s, const uint8_t *msg,
						size_t nbytes, uint64_t now_ms)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	struct dns_header h = dns_header_parse(&b);
	enum dns_dso_fault fault;
	struct dns_dso m;

	if (b.has_failed)
		return fatal(s, "a message that is too short");
	if (is_no_dso(s, &h)) {
		s->end.rcode = h.flags & DNS_FLAG_RCODE;
		return session_end(s, CLIENT_SESSION_NO_DSO, "the server has no DSO");
	}
	if (dns_flags_opcode(h.flags) != DNS_OPCODE_DSO)
		return other_take(s, msg, nbytes, now_ms);
	fault = dns_dso_parse(msg, nbytes, &m);
	if (fault == DNS_DSO_COUNTS && !m.is_response && m.id != 0)
		return request_refuse(s, &m, DNS_RCODE_FORMERR, now_ms);
	if (fault != DNS_DSO_VALID)
		return fatal(s, "a malformed DSO message");
	if (m.is_response)
		return response_take(s, &m, now_ms);
	if (!s->is_established)
		return fatal(s, "a message before the session is established");
	if (m.id == 0)
		return unidirectional_take(s, &m, nbytes, now_ms);
	if (dns_dso_uses(m.primary.type) == 0)
		return request_refuse(s, &m, DNS_RCODE_DSOTYPENI, now_ms);
	return fatal(s, "a request that no server sends");
}

/* Whether the message resets the keepalive timer alone (RFC 8490 section 6.3). */
static bool is_keepalive(const uint8_t *msg, size_t nbytes)
{
	return nbytes >= DNS_HEADER_SIZE + DNS_DSO_TLV_SIZE &&
	       base_load16(msg + DNS_HEADER_SIZE) == DNS_DSO_KEEPALIVE;
}

enum client_session_verdict client_session_receive(struct client_session *s, const uint8_t *msg,
						   size_t nbytes, uint64_t now_ms)
{
	s->message_ms = s->heard_ms = now_ms;
	if (!is_keepalive(msg, nbytes))
		s->active_ms = now_ms;
	return message_take(s, msg, nbytes, now_ms);
}

/* ---- timers ---- */

/* Returns when the time that has run from `since_ms` for `timeout_ms` is over. */
static uint64_t end_of(uint64_t since_ms, uint32_t timeout_ms)
{
	return timeout_ms == DNS_DSO_INFINITE ? UINT64_MAX : since_ms + timeout_ms;
}

static uint64_t silent_at(const struct client_session *s)
{
	if (s->noutstanding == 0)
		return UINT64_MAX;
	return s->heard_ms +
	       (s->is_established ? (uint64_t)CLIENT_SESSION_RESPONSE_MS : DNS_DSO_ESTABLISH_MS);
}

static uint64_t inactive_at(const struct client_session *s)
{
	return s->nactive > 0 || s->nqueries > 0 ? UINT64_MAX
						 : end_of(s->active_ms, s->timeouts.inactivity_ms);
}

/* A Keepalive that awaits its response is enough. */
static uint64_t keepalive_at(const struct client_session *s)
{
	return s->noutstanding > 0 ? UINT64_MAX : end_of(s->message_ms, s->timeouts.keepalive_ms);
}

uint64_t client_session_deadline(const struct client_session *s)
{
	uint64_t first = silent_at(s), inactive = inactive_at(s), keepalive = keepalive_at(s);

	if (inactive < first)
		first = inactive;
	return keepalive < first ? keepalive : first;
}

enum client_session_verdict client_session_tick(struct client_session *s, uint64_t now_ms)
{
	if (now_ms >= silent_at(s)) {
		s->end.is_silent = true;
		return fatal(s, "the server does not answer");
	}
	if (now_ms >= inactive_at(s))
		return session_end(s, CLIENT_SESSION_CLOSE, "inactive");
	if (now_ms >= keepalive_at(s) && keepalive_send(s, 0, now_ms) < 0)
		return fatal(s, "out of memory");
	return CLIENT_SESSION_GOES_ON;
}

/* ---- the session ---- */

const struct client_session_end *client_session_end(const struct client_session *s)
{
	return &s->end;
}

int client_session_new(struct client_session **out, const struct client_session_calls *calls,
		       void *arg, const struct dns_dso_timeouts *timeouts, bool is_padded,
		       uint64_t now_ms)
{
	struct client_session *s = calloc(1, sizeof(*s));
	int ret;

	if (s == NULL)
		return -ENOMEM;
	s->calls = calls;
	s->arg = arg;
	s->wanted = *timeouts;
	s->timeouts.inactivity_ms = s->timeouts.keepalive_ms = DNS_DSO_TIMEOUT_DEFAULT_MS;
	s->is_padded = is_padded;
	s->message_ms = s->active_ms = s->heard_ms = now_ms;
	base_secret_random(&s->last_id, sizeof(s->last_id));
	ret = keepalive_send(s, 0, now_ms);
	if (ret < 0)
		client_session_free(s);
	else
		*out = s;
	return ret;
}

void client_session_free(struct client_session *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < sizeof(s->pages) / sizeof(*s->pages); i++)
		free(s->pages[i]);
	free(s);
}
