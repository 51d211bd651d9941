/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* When a change has arrived: the worker has delivered it, so all its bytes are at the connection.
 * Their end is marked, as the count of bytes that the connection will have sent. When these are
 * sent, what the kernel has of them and what the peer has acknowledged is the count of bytes up to
 * which the peer must acknowledge. Whatever is sent meanwhile does not matter. */
#include "stream/survey.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/grow.h"
#include "dns/type.h"
#include "fabric/tls.h"
#include "push/change.h"
#include "server/changes.h"
#include "stream/push_priv.h"

enum { SESSIONS_AT_ONCE = 64 };

/* ---- whether a change has arrived ---- */

static bool is_older(const struct push_change *c, const struct stream_survey_change *change)
{
	return c != NULL && c->number <= change->number;
}

/* Whether the change, or one before it, waits in the worker. */
static bool is_delivering(const struct stream *st, const struct stream_survey_change *change)
{
	const struct stream_push *p = st->push;

	if (p == NULL)
		return false;
	return is_older(push_delivery_change(p->delivery), change) ||
	       (p->first != NULL && is_older(p->first->change, change));
}

static uint64_t nacked(const struct stream_connection *c)
{
	struct tcp_info info = {0};
	socklen_t nbytes = sizeof(info);

	getsockopt(c->io.fd, IPPROTO_TCP, TCP_INFO, &info, &nbytes);
	return info.tcpi_bytes_acked;
}

/* Returns up to which byte the peer must acknowledge to have what the kernel has. Returns 0, so
 * that the session stays outstanding and is looked at again, if that cannot be found out now:
 * something was acknowledged between two calls, or the kernel does not permit them. */
static uint64_t nacked_at_end(const struct stream_connection *c)
{
	uint64_t before = nacked(c);
	int nbytes;

	if (ioctl(c->io.fd, SIOCOUTQ, &nbytes) < 0 || nacked(c) != before)
		return 0;
	return before + (uint64_t)nbytes;
}

static bool is_sent(const struct stream_connection *c, const struct stream_subscriber *sub)
{
	return c->nsent >= sub->marked_nsent && sub->filling == NULL &&
	       (c->tls == NULL || fabric_tls_nunsent(c->tls) == 0);
}

/* Returns whether the session has got all changes up to this number, which have been delivered. */
static bool has_got(const struct stream_connection *c, struct stream_subscriber *sub,
		    uint64_t number)
{
	if (sub->marked <= sub->acked && sub->acked < number) {
		sub->marked = number;
		sub->marked_nsent = c->nsent + c->nunsent;
		sub->marked_nacked = 0;
	}
	if (sub->marked > sub->acked && sub->marked_nacked == 0 && is_sent(c, sub))
		sub->marked_nacked = nacked_at_end(c);
	if (sub->marked > sub->acked && sub->marked_nacked > 0 && nacked(c) >= sub->marked_nacked)
		sub->acked = sub->marked;
	return sub->acked >= number;
}

/* ---- which sessions ---- */

/* Whether one of the session's subscriptions at the name is older than the change. */
static bool is_at(const struct push_index *x, const struct stream_subscriber *sub,
		  const struct stream_survey_change *change, const uint8_t *name)
{
	const struct push_name *n = push_index_name(x, change->zone, name, dns_name_nbytes(name));
	const struct push_subscription *one;

	if (n == NULL)
		return false;
	SLIST_FOREACH (one, &sub->push.subscriptions, by_subscriber)
		if (one->topic->name == n && one->version < change->version)
			return true;
	return false;
}

static bool is_concerned(const struct stream_session *s, const struct stream_survey_change *change)
{
	const struct stream_push *p = s->connection->worker->stream->push;
	const struct stream_subscriber *sub = s->data;

	for (size_t at = 0; sub != NULL && at < change->nbytes;
	     at += dns_name_nbytes(change->names + at))
		if (is_at(p->index, sub, change, change->names + at))
			return true;
	return false;
}

static bool is_of(const struct stream_session *s, const char *client)
{
	char text[BASE_ADDRESS_TEXT_MAX];
	size_t n = strlen(client);

	base_address_to_text(text, s->connection->peer.address);
	return strncmp(text, client, n) == 0 && (text[n] == '\0' || text[n] == '@');
}

static bool is_wanted(struct stream_session *s, const struct stream_survey *v)
{
	if (v->client != NULL && !is_of(s, v->client))
		return false;
	if (v->change == NULL)
		return true;
	return is_concerned(s, v->change) && !has_got(s->connection, s->data, v->change->number);
}

/* ---- copying ---- */

static bool has_name(const struct stream_survey_change *change, const uint8_t *name)
{
	for (size_t at = 0; at < change->nbytes; at += dns_name_nbytes(change->names + at))
		if (dns_name_equal(change->names + at, name))
			return true;
	return false;
}

static int add_names(struct stream_survey *v, struct stream_surveyed *to,
		     const struct stream_subscriber *sub)
{
	const struct push_subscription *one;

	SLIST_FOREACH (one, &sub->push.subscriptions, by_subscriber) {
		const struct push_name *name = one->topic->name;
		uint8_t *names;

		if (v->change != NULL && !has_name(v->change, name->bytes))
			continue;
		names = base_grow_bytes(v->names, v->nnames, &v->names_capacity, 2u + name->nbytes);
		if (names == NULL)
			return -1;
		v->names = names;
		base_store16(names + v->nnames, one->topic->type);
		memcpy(names + v->nnames + 2, name->bytes, name->nbytes);
		v->nnames += 2u + name->nbytes;
		to->count++;
	}
	return 0;
}

static int add(struct stream_survey *v, const struct stream_session *s)
{
	struct stream_surveyed *items = base_grow(v->items, v->count, &v->capacity, sizeof(*items));
	const struct stream_connection *c = s->connection;
	const struct dns_tsig_key *key = server_peer_key(&c->peer, &c->worker->turn);
	const struct stream_subscriber *sub = s->data;
	struct stream_surveyed *one;

	if (items == NULL)
		return -1;
	v->items = items;
	one = &items[v->count];
	memset(one, 0, sizeof(*one));
	base_address_to_text(one->client, c->peer.address);
	if (key != NULL)
		memcpy(one->key, key->name, key->name_nbytes);
	one->transport = c->peer.transport;
	one->age_ms = c->worker->turn.now_ms - s->began_ms;
	one->nunsent = c->nunsent;
	one->at = v->nnames;
	if (sub != NULL) {
		one->nsubscriptions = sub->push.count;
		one->nunsent += stream_fill_held(sub);
		if (v->has_names && add_names(v, one, sub) < 0)
			return -1;
	}
	v->count++;
	return 0;
}

/* ---- the survey ---- */

/* Looks at some sessions. Returns whether there are more. */
static bool look(struct stream_survey *v)
{
	struct stream_session *s = NULL;

	for (unsigned i = 0; i < SESSIONS_AT_ONCE && (s = stream_dso_walk_next(&v->walk)) != NULL;
	     i++)
		if (is_wanted(s, v) && add(v, s) < 0)
			v->is_short = true;
	return s != NULL;
}

void stream_survey_run(struct server_worker *w, struct server_call *call)
{
	struct stream_survey *v = (struct stream_survey *)call;

	if (!v->has_begun)
		stream_dso_walk(w->stream, &v->walk);
	v->has_begun = true;
	v->is_delivering = v->change != NULL && is_delivering(w->stream, v->change);
	if (!v->is_delivering && look(v)) {
		server_worker_call(w, call);
		return;
	}
	stream_dso_walk_end(&v->walk);
	v->has_begun = false;
	v->done(v);
}

void stream_survey_fini(struct stream_survey *v)
{
	free(v->items);
	free(v->names);
	v->items = NULL;
	v->names = NULL;
	v->count = v->capacity = v->nnames = v->names_capacity = 0;
}

const uint8_t *stream_survey_name(const struct stream_survey *v, size_t *at, uint16_t *type)
{
	const uint8_t *name = v->names + *at + 2;

	*type = base_load16(v->names + *at);
	*at += 2 + dns_name_nbytes(name);
	return name;
}
