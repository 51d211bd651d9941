/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "server/update.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "dns/type.h"
#include "guard/replay.h"
#include "server/channel.h"
#include "server/refuse.h"
#include "server/rules.h"

enum {
	UPDATE_SIZE = 1472, /* a datagram without fragments: updates of this size are reused */
	FREE_MAX = 4096,
};

void server_updates_init(struct server_updates *us)
{
	us->free = NULL;
	us->nfree = us->nwaiting = 0;
	base_queue_init(&us->replies);
	atomic_init(&us->is_replied, false);
}

void server_updates_fini(struct server_updates *us)
{
	while (us->free != NULL) {
		struct server_update *next = us->free->next_free;

		free(us->free);
		us->free = next;
	}
}

/* Called in the registrar's thread. */
static void on_reply(struct registry_request *request)
{
	struct server_updates *us = ((struct server_update *)request)->updates;

	/* Once it is in the queue the worker may answer the update and use its memory again. */
	base_queue_put(&us->replies, &request->link);
	atomic_store_explicit(&us->is_replied, true, memory_order_release);
}

static struct server_update *update_alloc(struct server_updates *us, size_t nbytes)
{
	struct server_update *u = us->free;
	size_t size = nbytes > UPDATE_SIZE ? nbytes : UPDATE_SIZE;

	if (nbytes <= UPDATE_SIZE && u != NULL) {
		us->free = u->next_free;
		us->nfree--;
		return u;
	}
	u = malloc(sizeof(*u) + size);
	if (u != NULL)
		u->size = size;
	return u;
}

/* Frees the memory of an update, or keeps it for another one. */
static void update_dispose(struct server_updates *us, struct server_update *u)
{
	if (u->size > UPDATE_SIZE || us->nfree >= FREE_MAX) {
		free(u);
		return;
	}
	u->next_free = us->free;
	us->free = u;
	us->nfree++;
}

/* Makes an update for a message of `nbytes` from `source` that has room in the registrar's queue.
 * Returns NULL if it has none, or memory is short: `why` is set to the reason. */
static struct server_update *update_admit(struct server_updates *us, const struct server_turn *turn,
					  uint64_t source, size_t nbytes, const char **why)
{
	struct server_update *u = update_alloc(us, nbytes);

	*why = "out of memory";
	if (u == NULL)
		return NULL;
	u->request.source = source;
	u->request.nwaiting = sizeof(*u) + u->size;
	if (registry_registrar_admit(turn->registrar, &u->request))
		return u;
	*why = "too many updates are waiting: try again later";
	update_dispose(us, u);
	return NULL;
}

/* Copies the query, so that it outlives the turn: its pointers go to the message and the key in
 * `u`. */
static void copy_query(struct server_update *u, const struct server_query *q,
		       const struct dns_tsig_key *key)
{
	const struct server_request *r = &q->request;

	memcpy(u->msg, r->msg, r->nbytes);
	u->query = *q;
	u->query.request.msg = u->msg;
	u->query.request.response.question = u->msg + (r->question.name - r->msg);
	if (key == NULL)
		return;
	u->key = *key;
	if (server_request_is_signed(r))
		u->query.request.response.tsig.key = &u->key;
	else
		u->query.request.peer_key = &u->key;
}

/* Makes the registrar's request from the copied query. */
static void make_request(struct server_update *u, struct server_query *q,
			 const struct server_turn *turn, const struct server_zone *rules,
			 const struct dns_tsig_key *key, uint64_t source)
{
	const struct server_request *r = &q->request;

	u->request = (struct registry_request){
		.zone = q->zone,
		.policy = rules->policy,
		.msg = u->msg,
		.nbytes = server_request_unsigned_nbytes(r),
		.key = key != NULL ? u->key.name : NULL,
		.old_epoch = key != NULL ? r->old_epoch : 0,
		.ahead_s = server_query_ahead_s(q, turn),
		.client = u->client,
		.lease_rule = &rules->lease,
		.view_rule = &rules->view_rule,
		.lease = {.is_present = r->edns.has_lease,
			  .has_key = r->edns.has_key_lease,
			  .lease_s = r->edns.lease_s,
			  .key_lease_s = r->edns.key_lease_s},
		.print = q->print,
		.source = source,
		.arrived_us = base_clock_steady_us(),
		.nwaiting = sizeof(*u) + u->size,
		.reply = on_reply,
	};
}

struct server_update *server_update_new(struct server_updates *us, const struct server_turn *turn,
					struct server_query *q, const struct server_peer *peer)
{
	const struct server_request *r = &q->request;
	const struct dns_tsig_key *key = server_request_key(r);
	uint64_t source =
		registry_registrar_source(turn->registrar, key == NULL ? NULL : key->name);
	const char *why;
	struct server_update *u = update_admit(us, turn, source, r->nbytes, &why);

	if (u == NULL) {
		dns_response_explain(&q->request.response, DNS_EDE_OTHER, why);
		server_refuse(&q->request, turn, peer, GUARD_QUEUE_FULL);
		if (server_request_is_signed(r) && turn->replay != NULL)
			guard_replay_end(turn->replay, &r->response.tsig, NULL);
		return NULL;
	}
	u->updates = us;
	u->registrar = turn->registrar;
	u->replay = server_request_is_signed(r) ? turn->replay : NULL;
	u->rules = server_rules_acquire(turn->rules);
	memcpy(&u->peer, peer->address, base_address_nbytes(peer->address));
	base_address_to_text(u->client, peer->address);
	copy_query(u, q, key);
	make_request(u, q, turn, server_rules_zone(turn->rules, q->zone), key, source);
	u->socket = NULL;
	u->connection = NULL;
	u->ncontrol = 0;
	return u;
}

void server_update_put(struct server_update *u, const struct server_turn *turn)
{
	u->updates->nwaiting++;
	server_count(&turn->stats->updates, 1);
	registry_registrar_put(turn->registrar, &u->request);
}

/* Records the answer to a signed update, so that the update is not done again. */
static void remember(struct server_update *u)
{
	const struct guard_replay_answer answer = {
		.rcode = (uint8_t)u->request.result.rcode,
		.lease = u->request.lease,
	};

	if (u->replay != NULL)
		guard_replay_end(u->replay, &u->query.request.response.tsig,
				 u->request.is_unknown ? NULL : &answer);
}

void server_updates_answer(struct server_updates *us, const struct server_turn *turn)
{
	struct server_peer peer = {.transport = SERVER_UDP};
	struct base_queue_link *link, *next;

	for (link = base_queue_take(&us->replies); link != NULL; link = next) {
		struct server_update *u = (struct server_update *)link;
		const struct update_result *result = &u->request.result;

		next = link->next;
		us->nwaiting--;
		u->request.lease.is_present &= result->rcode == DNS_RCODE_NOERROR;
		remember(u);
		server_query_grant(&u->query, &u->request.lease);
		dns_response_explain(&u->query.request.response, result->ede, result->text);
		peer.address = (const struct sockaddr *)&u->peer;
		if (!u->request.is_unknown)
			server_refuse_result(&u->query.request, turn, &peer, result);
		u->channel->answer(u);
	}
}

void server_update_free(struct server_update *u)
{
	registry_registrar_release(u->registrar, &u->request);
	server_rules_release(u->rules);
	update_dispose(u->updates, u);
}

bool server_updates_take_replied(struct server_updates *us)
{
	return atomic_exchange_explicit(&us->is_replied, false, memory_order_acq_rel);
}
