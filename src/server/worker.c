/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "server/worker.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rcu.h"
#include "dns/type.h"
#include "fabric/ring.h"

enum { UPDATE_ROOM = 1472, FREE_UPDATES_MAX = 4096, WAITING_MAX = 16384 };

void server_turn_begin(struct server_worker *w)
{
	struct server_rules *rules = atomic_load_explicit(&w->server->rules, memory_order_acquire);

	w->turn.now_ms = base_clock_steady_ms();
	w->turn.rules = rules;
	w->turn.responder.now_s = base_clock_wall_s();
	if (rules != NULL) {
		w->turn.responder.payload = rules->udp_payload;
		w->turn.responder.nsid = rules->nsid;
	}
	w->turn.registrar = w->server->registrar;
	w->turn.revoked = atomic_load_explicit(&w->server->revoked, memory_order_acquire);
}

/* ---- updates on their way ---- */

/* Called in the registrar's thread. */
static void on_reply(struct registry_request *request)
{
	struct server_worker *w = ((struct server_update *)request)->worker;

	/* Once it is in the queue the worker may answer it and use its memory again. */
	base_queue_put(&w->replies, &request->link);
	atomic_store_explicit(&w->is_replied, true, memory_order_release);
}

static struct server_update *update_take(struct server_worker *w, size_t nbytes)
{
	struct server_update *u = w->free_updates;
	size_t room = nbytes > UPDATE_ROOM ? nbytes : UPDATE_ROOM;

	if (nbytes <= UPDATE_ROOM && u != NULL) {
		w->free_updates = u->next_free;
		w->nfree_updates--;
		return u;
	}
	u = malloc(sizeof(*u) + room);
	if (u != NULL)
		u->room = room;
	return u;
}

struct server_update *server_update_new(struct server_worker *w, const struct server_query *q,
					const struct server_peer *peer)
{
	const struct server_request *r = &q->request;
	const struct dns_tsig_key *key = server_request_key(r);
	const struct server_zone *rules = server_rules_zone(w->turn.rules, q->zone);
	struct server_update *u;

	/* Updates that come faster than the disk writes are dropped: the client asks again. */
	if (w->nwaiting >= WAITING_MAX)
		return NULL;
	u = update_take(w, r->nbytes);
	if (u == NULL)
		return NULL;
	memcpy(u->msg, r->msg, r->nbytes);
	u->worker = w;
	u->rules = w->turn.rules;
	atomic_fetch_add_explicit(&u->rules->nupdates, 1, memory_order_relaxed);
	u->socket = NULL;
	u->connection = NULL;
	u->ncontrol = 0;
	u->transport = peer->transport;
	memcpy(&u->peer, peer->address, base_address_nbytes(peer->address));
	base_address_to_text(u->client, peer->address);
	u->query = *q;
	u->query.request.msg = u->msg;
	u->query.request.response.question = u->msg + (r->question.name - r->msg);
	if (key != NULL) {
		u->key = *key;
		u->query.request.response.tsig.key = &u->key;
	}
	u->request = (struct registry_request){
		.zone = q->zone,
		.policy = rules->policy,
		.msg = u->msg,
		.nbytes = r->tsig_offset > 0 ? r->tsig_offset : r->nbytes,
		.key = key != NULL ? u->key.name : NULL,
		.client = u->client,
		.lease_rule = &rules->lease,
		.services_rule = &rules->services,
		.lease = {.is_present = r->edns.has_lease,
			  .has_key = r->edns.has_key_lease,
			  .lease_s = r->edns.lease_s,
			  .key_lease_s = r->edns.key_lease_s},
		.print = q->print,
		.reply = on_reply,
	};
	return u;
}

void server_update_put(struct server_update *u)
{
	struct server_worker *w = u->worker;

	w->nwaiting++;
	server_count(&w->stats.updates, 1);
	registry_registrar_put(w->server->registrar, &u->request);
}

void server_update_free(struct server_update *u)
{
	struct server_worker *w = u->worker;

	atomic_fetch_sub_explicit(&u->rules->nupdates, 1, memory_order_release);
	if (u->room > UPDATE_ROOM || w->nfree_updates >= FREE_UPDATES_MAX) {
		free(u);
		return;
	}
	u->next_free = w->free_updates;
	w->free_updates = u;
	w->nfree_updates++;
}

static void answer_update(struct server_update *u)
{
	struct update_result *result = &u->request.result;

	u->worker->nwaiting--;
	u->request.lease.is_present &= result->rcode == DNS_RCODE_NOERROR;
	server_query_grant(&u->query, &u->request.lease);
	dns_response_explain(&u->query.request.response, result->ede, result->text);
	if (u->transport == SERVER_UDP)
		server_udp_answer_update(u);
	else
		server_tcp_answer_update(u);
}

static void on_wake(struct ev_loop *loop, struct ev_async *async, int events)
{
	struct server_worker *w = async->data;
	struct base_queue_link *link, *next;

	(void)events;
	server_turn_begin(w);
	server_tcp_rules_changed(w);
	for (link = base_queue_take(&w->replies); link != NULL; link = next) {
		next = link->next;
		answer_update((struct server_update *)link);
	}
	server_udp_flush_updates(w);
	server_tcp_flush_updates(w);
	if (atomic_load_explicit(&w->server->is_stopping, memory_order_acquire))
		ev_feed_event(loop, &w->stop_timer, EV_TIMER);
}

void server_on_replied(void *server)
{
	struct server *s = server;

	for (unsigned i = 0; i < s->nworkers; i++)
		if (atomic_exchange_explicit(&s->workers[i]->is_replied, false,
					     memory_order_acq_rel))
			ev_async_send(s->workers[i]->loop, &s->workers[i]->wake);
}

/* ---- the loop ---- */

/* A worker that waits holds up nobody's grace period. */
static void on_prepare(struct ev_loop *loop, struct ev_prepare *prepare, int events)
{
	(void)loop;
	(void)prepare;
	(void)events;
	base_rcu_offline();
}

static void on_check(struct ev_loop *loop, struct ev_check *check, int events)
{
	(void)loop;
	(void)check;
	(void)events;
	base_rcu_online();
}

/* While stopping: ends the loop when nothing is left to be answered. */
static void on_stop_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct server_worker *w = timer->data;

	(void)events;
	if (!w->is_stopping) {
		w->is_stopping = true;
		for (struct server_socket *s = w->sockets; s != NULL; s = s->next)
			ev_io_stop(loop, &s->io);
		server_turn_begin(w);
		server_tcp_drain(w);
		ev_timer_start(loop, timer);
	}
	if (w->nwaiting == 0 && server_tcp_busy(w) == 0)
		ev_break(loop, EVBREAK_ALL);
}

static void *worker_main(void *arg)
{
	struct server_worker *w = arg;

	base_rcu_register();
	server_turn_begin(w);
	ev_run(w->loop, 0);
	base_rcu_unregister();
	return NULL;
}

static void start_sockets(struct server_worker *w)
{
	for (struct server_socket *s = w->sockets; s != NULL; s = s->next)
		ev_io_start(w->loop, &s->io);
}

int server_worker_start(struct server_worker *w)
{
	int error, r = server_udp_init(w);

	if (r == 0)
		r = server_tcp_init(w);
	if (r < 0)
		return r;
	w->turn.stats = &w->stats;
	start_sockets(w);
	ev_prepare_init(&w->prepare, on_prepare);
	ev_prepare_start(w->loop, &w->prepare);
	ev_check_init(&w->check, on_check);
	ev_set_priority(&w->check, EV_MAXPRI);
	ev_check_start(w->loop, &w->check);
	ev_async_init(&w->wake, on_wake);
	w->wake.data = w;
	ev_async_start(w->loop, &w->wake);
	ev_timer_init(&w->stop_timer, on_stop_timer, 0.01, 0.01);
	w->stop_timer.data = w;
	error = pthread_create(&w->thread, NULL, worker_main, w);
	if (error == 0)
		pthread_setname_np(w->thread, "worker");
	return -error;
}

struct server_worker *server_worker_new(struct server *server, unsigned number)
{
	struct server_worker *w = calloc(1, sizeof(*w));

	if (w == NULL || (w->turn.keys = fabric_cache_new()) == NULL ||
	    (w->loop = ev_loop_new(EVBACKEND_EPOLL)) == NULL) {
		if (w != NULL)
			fabric_cache_free(w->turn.keys);
		free(w);
		return NULL;
	}
	w->server = server;
	w->number = number;
	base_queue_init(&w->replies);
	return w;
}

void server_worker_free(struct server_worker *w)
{
	if (w == NULL)
		return;
	server_tcp_fini(w);
	server_udp_fini(w);
	while (w->free_updates != NULL) {
		struct server_update *next = w->free_updates->next_free;

		free(w->free_updates);
		w->free_updates = next;
	}
	fabric_cache_free(w->turn.keys);
	ev_loop_destroy(w->loop);
	free(w);
}
