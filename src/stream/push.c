/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The way of a subscription:
 *
 * 1. SUBSCRIBE is checked: form, zone, permission, limits. The worker counts itself as a watcher of
 *    the zone (server/changes.h), and then reads the version that is current.
 * 2. After the response follows what this version has. What does not fit one message is written as
 *    the socket takes it, from the pinned version; changes that come meanwhile are held back.
 * 3. The registrar hands over each changeset of a zone that is watched. The worker matches them one
 *    after the other, in slices, and sends the messages or queues them (push/delivery.h).
 * 4. A session for which too many bytes are unsent when the next change comes is ended.
 * 5. New rules, revoked keys and new delegations have each session check its subscriptions. One
 *    that is not permitted any more ends the session: RFC 8765 has no other way to say so. */
#include "stream/push_priv.h"

#include <stdlib.h>

#include "base/log.h"
#include "dns/dso.h"
#include "dns/type.h"
#include "fabric/revoked.h"
#include "server/changes.h"
#include "zone/catalog.h"
#include "zone/look.h"
#include "zone/zone.h"

enum { REFUSED_MS = 300000 }; /* least delay after other errors (RFC 8765 section 6.2.2) */

/* ---- who may subscribe to what ---- */

/* Finds the zone of a name and a type. DS records are the parent zone's (RFC 4035 section
 * 3.1.4.1). Returns its rules, or NULL. */
static const struct server_zone *zone_find(const struct server_rules *rules,
					   const struct dns_question *q)
{
	struct zone *zone = zone_catalog_find(rules->catalog, q, DNS_LABELS_MAX), *parent;

	if (zone != NULL && q->type == DNS_TYPE_DS && q->nlabels > 0 &&
	    dns_name_equal(zone_name(zone), q->lower) &&
	    (parent = zone_catalog_find(rules->catalog, q, q->nlabels - 1u)) != NULL)
		zone = parent;
	return zone == NULL ? NULL : server_rules_zone(rules, zone);
}

/* Returns the key that the client has proved to have, or NULL. */
static const struct dns_tsig_key *key_of(const struct stream_session *s)
{
	return server_peer_key(&s->connection->peer, &stream_push_worker(s)->turn);
}

/* Returns NOERROR if the client may have changes of the name and type from a version. */
static uint8_t permit(const struct stream_session *s, const struct server_zone *z,
		      const struct zone_snapshot *snapshot, const uint8_t *name, uint16_t type)
{
	const struct stream_connection *c = s->connection;

	if (!server_rules_may_subscribe(z, key_of(s), c->peer.address))
		return DNS_RCODE_REFUSED;
	switch (zone_look_authority(snapshot, name)) {
	case ZONE_AUTHORITY:
		return DNS_RCODE_NOERROR;
	case ZONE_AUTHORITY_CUT:
		return type == DNS_TYPE_DS ? DNS_RCODE_NOERROR : DNS_RCODE_NOTAUTH;
	case ZONE_AUTHORITY_BELOW:
		break;
	}
	return DNS_RCODE_NOTAUTH;
}

/* ---- subscriptions ---- */

static bool client_take(struct stream_session *s)
{
	_Atomic unsigned *n = &s->connection->client->nsubscriptions;

	if (atomic_fetch_add_explicit(n, 1, memory_order_relaxed) <
	    stream_push_options(s)->subscriptions_per_client)
		return true;
	atomic_fetch_sub_explicit(n, 1, memory_order_relaxed);
	return false;
}

static void client_release(struct stream_session *s)
{
	atomic_fetch_sub_explicit(&s->connection->client->nsubscriptions, 1, memory_order_relaxed);
}

static void count_subscriptions(struct stream_push *p)
{
	base_counter_set(&p->stream->worker->stats.push_subscriptions, push_index_count(p->index));
}

static struct stream_subscriber *subscriber_of(struct stream_session *s)
{
	struct stream_subscriber *sub = s->data;

	if (sub != NULL)
		return sub;
	sub = calloc(1, sizeof(*sub));
	if (sub != NULL)
		sub->session = s;
	s->data = sub;
	return sub;
}

/* Undoes what counts a subscription, which is about to be removed. */
static void subscription_release(struct stream_session *s, const struct push_subscription *sub)
{
	server_changes_unwatch(&stream_push_worker(s)->changes, sub->topic->name->number);
	client_release(s);
}

/* Adds a subscription to the index and to the session. Returns false, with nothing changed, if
 * memory is short. */
static bool subscription_add(struct stream_session *s, const struct push_question *q, uint16_t id,
			     const struct zone_snapshot *snapshot)
{
	struct stream_push *p = stream_push_worker(s)->stream->push;
	struct stream_subscriber *subscriber = subscriber_of(s);
	struct push_subscription *sub = NULL;

	if (subscriber != NULL)
		sub = push_index_add(p->index, &subscriber->push, q, id,
				     zone_snapshot_version(snapshot));
	if (sub == NULL)
		return false;
	if (push_session_add(&s->push, &sub->operation) < 0) {
		push_index_remove(p->index, sub);
		return false;
	}
	count_subscriptions(p);
	return true;
}

static bool is_over_limit(const struct stream_session *s)
{
	const struct stream_subscriber *sub = s->data;

	return sub != NULL && sub->push.count >= stream_push_options(s)->subscriptions_per_session;
}

/* Accepts a subscription: counts the worker as a watcher of the zone, reads the version, and adds
 * it. Returns the RCODE; with NOERROR the version, pinned, in `snapshot`. */
static uint8_t accept_one(struct stream_session *s, const struct push_question *q,
			  struct zone *zone, uint16_t id, const struct zone_snapshot **snapshot)
{
	struct server_changes *changes = &stream_push_worker(s)->changes;

	if (is_over_limit(s) || !client_take(s))
		return DNS_RCODE_SERVFAIL;
	if (!server_changes_watch(changes, zone, stream_push_options(s)->subscriptions)) {
		client_release(s);
		return DNS_RCODE_SERVFAIL;
	}
	*snapshot = zone_acquire(zone);
	if (subscription_add(s, q, id, *snapshot))
		return DNS_RCODE_NOERROR;
	zone_release(zone, *snapshot);
	server_changes_unwatch(changes, q->number);
	client_release(s);
	return DNS_RCODE_SERVFAIL;
}

/* RFC 8765 section 6.2.2. */
static uint32_t delay_of(uint8_t rcode)
{
	return rcode == DNS_RCODE_SERVFAIL ? STREAM_DSO_OVERLOAD_MS : REFUSED_MS;
}

static void refuse(struct stream_session *s, const struct dns_dso *m, uint8_t rcode)
{
	server_count(&stream_push_stats(s)->push_refused, 1);
	stream_dso_respond(s, m, rcode, delay_of(rcode));
}

static void answer_subscribe(struct stream_session *s, const struct dns_dso *m,
			     const struct push_question *q, const struct server_zone *z)
{
	const struct zone_snapshot *snapshot = zone_current(z->zone);
	uint8_t rcode =
		snapshot == NULL ? DNS_RCODE_SERVFAIL : permit(s, z, snapshot, q->name, q->type);

	if (rcode == DNS_RCODE_NOERROR)
		rcode = accept_one(s, q, z->zone, m->id, &snapshot);
	if (rcode != DNS_RCODE_NOERROR) {
		refuse(s, m, rcode);
		return;
	}
	server_count(&stream_push_stats(s)->push_subscribed, 1);
	stream_dso_respond(s, m, DNS_RCODE_NOERROR, 0);
	stream_fill_begin(s, z->zone, snapshot, q);
}

/* Reads NAME, TYPE and CLASS, which are all of a TLV. Returns false if they are not. */
static bool question_parse(struct base_buf b, uint8_t name[static DNS_NAME_MAX], uint16_t *type,
			   uint16_t *rrclass)
{
	dns_name_parse(&b, name);
	*type = base_buf_u16(&b);
	*rrclass = base_buf_u16(&b);
	return !b.has_failed && base_buf_left(&b) == 0;
}

/* Returns whether records of the type can be subscribed to: ANY stands for all (RFC 8765 section
 * 6.2.1). */
static bool is_record_type(uint16_t type)
{
	return type == DNS_TYPE_ANY || !dns_type_is_meta(type);
}

/* Returns false if the message is a fatal error. */
static bool subscribe(struct stream_session *s, const struct dns_dso *m)
{
	const struct server_rules *rules = stream_push_worker(s)->turn.rules;
	struct push_question q = {0};
	struct dns_question question;
	uint8_t name[DNS_NAME_MAX];
	const struct server_zone *z;

	if (!question_parse(m->primary.data, name, &q.type, &q.rrclass) ||
	    !is_record_type(q.type)) {
		refuse(s, m, DNS_RCODE_FORMERR);
		return true;
	}
	dns_question_make(&question, name, q.type, q.rrclass);
	z = zone_find(rules, &question);
	if (z == NULL || (q.rrclass != DNS_CLASS_IN && q.rrclass != DNS_CLASS_ANY)) {
		refuse(s, m, DNS_RCODE_NOTAUTH);
		return true;
	}
	if (stream_push_options(s)->subscriptions == 0) {
		refuse(s, m, DNS_RCODE_REFUSED);
		return true;
	}
	q.zone = z->zone;
	q.number = zone_number(z->zone);
	q.name = name;
	if (stream_deliver_begin(stream_push_worker(s)->stream) == NULL) {
		refuse(s, m, DNS_RCODE_SERVFAIL);
		return true;
	}
	/* A duplicate is fatal (RFC 8765 section 6.2.1). */
	if (s->data != NULL &&
	    push_index_find(stream_push_worker(s)->stream->push->index,
			    &((struct stream_subscriber *)s->data)->push, &q) != NULL)
		return false;
	answer_subscribe(s, m, &q, z);
	return true;
}

/* ---- the other messages ---- */

/* An old client of Apple's sends name, type and class of the subscription where the message ID
 * belongs: its session ends, so that it comes back without the subscription. */
static bool unsubscribe_otherwise(struct stream_session *s, const struct dns_dso *m)
{
	uint8_t name[DNS_NAME_MAX];
	uint16_t type, rrclass;

	if (!question_parse(m->primary.data, name, &type, &rrclass))
		return false;
	stream_dso_end(s, SERVER_SESSION_ERROR, DNS_RCODE_FORMERR);
	return true;
}

/* A subscription that is not known was refused, which the client could not know (RFC 8765 section
 * 6.4.1). */
static bool unsubscribe(struct stream_session *s, const struct dns_dso *m)
{
	struct base_buf b = m->primary.data;
	struct push_operation *op;

	if (base_buf_left(&b) != 2)
		return unsubscribe_otherwise(s, m);
	op = push_session_find(&s->push, base_buf_u16(&b));
	if (op == NULL)
		return true;
	push_session_remove(&s->push, op, stream_push_worker(s)->turn.now_ms);
	subscription_release(s, push_index_of(op));
	push_index_remove(stream_push_worker(s)->stream->push->index, push_index_of(op));
	count_subscriptions(stream_push_worker(s)->stream->push);
	return true;
}

static void log_reconfirm(const struct stream_session *s, const uint8_t *name, uint16_t type)
{
	char client[BASE_ADDRESS_TEXT_MAX], text[DNS_NAME_TEXT_MAX], type_text[DNS_TYPE_TEXT_MAX];
	uint64_t now_s = stream_push_worker(s)->turn.responder.now_s;

	if (!guard_gate_take(stream_push_worker(s)->turn.gate, false, now_s))
		return;
	base_address_to_text(client, s->connection->peer.address);
	dns_name_to_text(text, name);
	base_log(BASE_LOG_INFO, "server", "reconfirm name=%s type=%s client=%s", text,
		 dns_type_to_text(type_text, type), client);
}

/* What a zone has does not become invalid by a client's doubt: it is only taken note of (RFC 8765
 * section 6.5). */
static bool reconfirm(struct stream_session *s, const struct dns_dso *m)
{
	struct base_buf b = m->primary.data;
	uint8_t name[DNS_NAME_MAX];
	uint16_t type, rrclass;

	dns_name_parse(&b, name);
	type = base_buf_u16(&b);
	rrclass = base_buf_u16(&b);
	if (b.has_failed || type == DNS_TYPE_ANY || rrclass == DNS_CLASS_ANY)
		return false;
	server_count(&stream_push_stats(s)->push_reconfirms, 1);
	log_reconfirm(s, name, type);
	return true;
}

static bool receive(struct stream_session *s, const struct dns_dso *m)
{
	switch (m->primary.type) {
	case DNS_DSO_SUBSCRIBE:
		return subscribe(s, m);
	case DNS_DSO_UNSUBSCRIBE:
		return unsubscribe(s, m);
	default:
		return reconfirm(s, m);
	}
}

/* ---- checks, and the end ---- */

/* Returns NOERROR if the subscription is permitted by the rules of the turn. */
static uint8_t check_one(const struct stream_session *s, const struct push_subscription *sub)
{
	const struct server_rules *rules = stream_push_worker(s)->turn.rules;
	const struct push_name *name = sub->topic->name;
	const struct zone_snapshot *snapshot;
	const struct server_zone *z;
	struct dns_question q;

	dns_question_make(&q, name->bytes, sub->topic->type, sub->rrclass);
	z = zone_find(rules, &q);
	if (z == NULL || z->zone != name->zone || (snapshot = zone_current(z->zone)) == NULL)
		return DNS_RCODE_NOTAUTH;
	return permit(s, z, snapshot, name->bytes, sub->topic->type);
}

static bool is_key_revoked(const struct stream_session *s)
{
	const struct dns_tsig_key *key = s->connection->peer.key;

	return key != NULL && fabric_revoked_find(stream_push_worker(s)->turn.revoked, key->name,
						  key->name_nbytes) != NULL;
}

static void check(struct stream_session *s)
{
	struct stream_subscriber *subscriber = s->data;
	const struct push_subscription *sub;

	if (is_key_revoked(s)) {
		stream_dso_end(s, SERVER_SESSION_CHANGED, DNS_RCODE_REFUSED);
		return;
	}
	if (subscriber == NULL)
		return;
	if (subscriber->has_missed_one) {
		stream_dso_end(s, SERVER_SESSION_OVERLOAD, DNS_RCODE_SERVFAIL);
		return;
	}
	SLIST_FOREACH (sub, &subscriber->push.subscriptions, by_subscriber) {
		uint8_t rcode = check_one(s, sub);

		if (rcode != DNS_RCODE_NOERROR) {
			stream_dso_end(s, SERVER_SESSION_CHANGED, rcode);
			return;
		}
	}
	stream_fill_move(subscriber, stream_push_worker(s)->turn.rules);
}

static void end(struct stream_session *s)
{
	struct stream_subscriber *subscriber = s->data;
	struct stream_push *p = stream_push_worker(s)->stream->push;
	const struct push_subscription *sub;

	if (subscriber == NULL)
		return;
	push_session_clear(&s->push);
	push_delivery_forget(&subscriber->push);
	SLIST_FOREACH (sub, &subscriber->push.subscriptions, by_subscriber)
		subscription_release(s, sub);
	push_index_clear(p->index, &subscriber->push);
	count_subscriptions(p);
	stream_fill_end(subscriber);
	free(subscriber);
	s->data = NULL;
}

const struct stream_operations stream_push_operations = {
	.receive = receive,
	.check = check,
	.end = end,
};
