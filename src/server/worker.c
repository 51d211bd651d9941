/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "server/worker.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/rcu.h"
#include "fabric/cache.h"
#include "server/rules.h"

void server_worker_turn(struct server_worker *w)
{
	/* First: what is read after it is of this edition at least. */
	uint64_t edition = atomic_load_explicit(&w->shared->edition, memory_order_acquire);
	struct server_rules *rules = atomic_load_explicit(&w->shared->rules, memory_order_acquire);

	w->turn.edition = edition;
	w->turn.now_ms = base_clock_steady_ms();
	w->turn.rules = rules;
	w->turn.registrar = w->shared->registrar;
	w->turn.replay = w->shared->replay;
	w->turn.refusals = w->shared->refusals;
	w->turn.gate = &w->gate;
	w->turn.revoked = atomic_load_explicit(&w->shared->revoked, memory_order_acquire);
	w->turn.responder.now_s = base_clock_wall_s();
	w->turn.responder.payload = (uint16_t)rules->options.udp_payload;
	w->turn.responder.nsid = *rules->options.nsid != '\0' ? rules->options.nsid : NULL;
}

/* ---- the channels ---- */

void server_worker_receive(struct server_worker *w)
{
	for (unsigned i = 0; w->channels[i] != NULL; i++)
		if (w->channels[i]->receive != NULL)
			w->channels[i]->receive(w);
}

static void rules_changed(struct server_worker *w)
{
	for (unsigned i = 0; w->channels[i] != NULL; i++)
		if (w->channels[i]->rules_changed != NULL)
			w->channels[i]->rules_changed(w);
}

static void drain(struct server_worker *w)
{
	for (unsigned i = 0; w->channels[i] != NULL; i++)
		if (w->channels[i]->drain != NULL)
			w->channels[i]->drain(w);
}

static unsigned nopen(const struct server_worker *w)
{
	unsigned n = 0;

	for (unsigned i = 0; w->channels[i] != NULL; i++)
		if (w->channels[i]->nopen != NULL)
			n += w->channels[i]->nopen(w);
	return n;
}

/* ---- the loop ---- */

void server_worker_run_calls(struct server_worker *w)
{
	struct base_queue_link *link = base_queue_take(&w->calls), *next;

	for (; link != NULL; link = next) {
		struct server_call *call = (struct server_call *)link;

		next = link->next;
		call->run(w, call);
	}
}

static void on_wake(struct ev_loop *loop, struct ev_async *async, int events)
{
	struct server_worker *w = async->data;

	(void)events;
	server_worker_turn(w);
	rules_changed(w);
	server_updates_answer(&w->updates, &w->turn);
	for (unsigned i = 0; w->channels[i] != NULL; i++)
		if (w->channels[i]->flush != NULL)
			w->channels[i]->flush(w);
	server_worker_run_calls(w);
	if (atomic_load_explicit(&w->shared->is_stopping, memory_order_acquire))
		ev_feed_event(loop, &w->stop_timer, EV_TIMER);
}

void server_worker_call(struct server_worker *w, struct server_call *call)
{
	if (base_queue_put(&w->calls, &call->link))
		server_worker_wake(w);
}

void server_worker_wake(struct server_worker *w)
{
	ev_async_send(w->loop, &w->wake);
}

/* A worker that waits for events must not delay grace periods. */
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

/* While stopping: ends the loop when everything has been answered. */
static void on_stop_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct server_worker *w = timer->data;

	(void)events;
	if (!w->is_stopping) {
		w->is_stopping = true;
		for (struct server_socket *s = w->sockets; s != NULL; s = s->next)
			ev_io_stop(loop, &s->io);
		server_worker_turn(w);
		drain(w);
		ev_timer_start(loop, timer);
	}
	if (w->updates.nwaiting == 0 && nopen(w) == 0)
		ev_break(loop, EVBREAK_ALL);
}

static void *worker_main(void *arg)
{
	struct server_worker *w = arg;

	base_rcu_register();
	server_worker_turn(w);
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
	int error, ret = 0;

	for (unsigned i = 0; w->channels[i] != NULL && ret == 0; i++)
		if (w->channels[i]->init != NULL)
			ret = w->channels[i]->init(w);
	if (ret < 0)
		return ret;
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

struct server_worker *server_worker_new(struct server_shared *shared,
					const struct server_channel *const *channels,
					unsigned number)
{
	struct server_worker *w = calloc(1, sizeof(*w));

	if (w == NULL || (w->turn.keys = fabric_cache_new()) == NULL ||
	    (w->loop = ev_loop_new(EVBACKEND_EPOLL)) == NULL) {
		if (w != NULL)
			fabric_cache_free(w->turn.keys);
		free(w);
		return NULL;
	}
	w->shared = shared;
	fabric_cache_share(w->turn.keys, shared->uses);
	w->channels = channels;
	w->number = number;
	server_updates_init(&w->updates);
	base_queue_init(&w->calls);
	server_changes_init(&w->changes, &shared->watchers);
	return w;
}

void server_worker_free(struct server_worker *w)
{
	if (w == NULL)
		return;
	for (unsigned i = 0; w->channels[i] != NULL; i++)
		if (w->channels[i]->fini != NULL)
			w->channels[i]->fini(w);
	server_updates_fini(&w->updates);
	server_changes_fini(&w->changes);
	fabric_cache_free(w->turn.keys);
	ev_loop_destroy(w->loop);
	free(w);
}
