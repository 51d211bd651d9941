/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The life of a handshake:
 *
 * 1. The worker puts the accepted connection into `arrived`, unless too many are there or under
 *    way: then it closes it at once, which costs little.
 * 2. The thread takes some connections at a time, and between them looks at those under way, so
 *    that a flood of new ones does not keep it from completing those that it has begun.
 * 3. At a limit the oldest one, of the client if it is the client's limit, makes way for the new
 *    one if it has had EVICT_MS; else the new one is closed. So a flood cannot have each handshake
 *    evicted just before it is done.
 * 4. A handshake that takes longer than its timeout is given up. All have the same timeout but for
 *    a reload, so the oldest is due first.
 * 5. When it is done the worker gets it, and is woken. */
#include "stream/handshake.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "fabric/tls.h"
#include "server/worker.h"
#include "stream/clients.h"

enum {
	NICER = 10, /* than the workers: a tenth of a CPU that they use up, too */
	TAKE = 16, /* new ones that are begun between two looks at the others */
	EVICT_MS = 1000,
	WAITING_MAX = 2, /* times the limit: in all, those that have not begun included */
	TICK_MS = 250,
};

TAILQ_HEAD(handshake_list, stream_handshake);

struct stream_handshakes {
	/* set before the thread starts */
	struct server_shared *shared;
	unsigned nworkers;
	pthread_t thread;
	bool is_started;
	struct ev_loop *loop;

	/* the thread only */
	struct base_queue_link *taken; /* from `arrived`, the oldest first */
	struct handshake_list list;    /* under way, the oldest first */
	unsigned count;		       /* of them */
	struct ev_async wake;
	struct ev_idle more; /* active while `taken` is not empty */
	struct ev_timer tick;

	/* any thread, atomic */
	struct base_queue arrived;
	atomic_uint nall; /* arrived or under way */
	atomic_bool is_stopping;

	struct base_queue done[]; /* for each worker */
};

/* ---- ending ---- */

/* Closes a connection that no worker gets, and frees it. */
static void handshake_close(struct stream_handshakes *hs, struct stream_handshake *h)
{
	fabric_tls_free(h->tls);
	fabric_tls_context_release(h->context);
	close(h->fd);
	stream_clients_remove(hs->shared->stream_clients, h->client);
	free(h);
}

/* Likewise for one that is not done. */
static void handshake_drop(struct stream_handshakes *hs, struct stream_handshake *h)
{
	atomic_fetch_sub_explicit(&hs->nall, 1, memory_order_relaxed);
	handshake_close(hs, h);
}

/* Takes a handshake that has begun out of the list. */
static void handshake_remove(struct stream_handshakes *hs, struct stream_handshake *h)
{
	ev_io_stop(hs->loop, &h->io);
	TAILQ_REMOVE(&hs->list, h, by_age);
	h->client->nhandshakes--;
	hs->count--;
	__atomic_store_n(&hs->shared->stats.tls_handshaking, hs->count, __ATOMIC_RELAXED);
}

static void log_failure(const struct stream_handshake *h, const char *reason, const char *why)
{
	char client[BASE_ADDRESS_TEXT_MAX];

	base_log(BASE_LOG_DEBUG, "server", "handshake-failed client=%s reason=%s why=\"%s\"",
		 base_address_to_text(client, &h->address.any), reason, why);
}

static void handshake_fail(struct stream_handshakes *hs, struct stream_handshake *h)
{
	enum fabric_tls_failure failure = fabric_tls_failure(h->tls);
	char why[FABRIC_TLS_EXPLAIN_MAX];

	server_count(&hs->shared->stats.tls_failed[failure], 1);
	log_failure(h, fabric_tls_failure_to_text(failure), fabric_tls_explain(h->tls, why));
	handshake_remove(hs, h);
	handshake_drop(hs, h);
}

static void handshake_evict(struct stream_handshakes *hs, struct stream_handshake *h)
{
	server_count(&hs->shared->stats.tls_failed[SERVER_TLS_OVERLOAD], 1);
	log_failure(h, "overload", "too many handshakes are under way");
	handshake_remove(hs, h);
	handshake_drop(hs, h);
}

static void handshake_complete(struct stream_handshakes *hs, struct stream_handshake *h)
{
	struct server_worker *w = h->worker;

	server_count(&hs->shared->stats.tls_handshakes, 1);
	if (fabric_tls_is_resumed(h->tls))
		server_count(&hs->shared->stats.tls_resumed, 1);
	handshake_remove(hs, h);
	fabric_tls_context_release(h->context);
	h->context = NULL;
	atomic_fetch_sub_explicit(&hs->nall, 1, memory_order_relaxed);
	if (base_queue_put(&hs->done[w->number], &h->link))
		server_worker_wake(w);
}

/* ---- going on ---- */

static void handshake_step(struct stream_handshakes *hs, struct stream_handshake *h)
{
	int result = fabric_tls_handshake(h->tls), events;

	/* A worker that waits for this CPU waits for one step, not for the kernel's next tick. */
	sched_yield();
	if (result == 0) {
		handshake_complete(hs, h);
		return;
	}
	if (result != FABRIC_TLS_WANTS_READ && result != FABRIC_TLS_WANTS_WRITE) {
		handshake_fail(hs, h);
		return;
	}
	events = result == FABRIC_TLS_WANTS_READ ? EV_READ : EV_WRITE;
	if (ev_is_active(&h->io) && (h->io.events & (EV_READ | EV_WRITE)) == events)
		return;
	ev_io_stop(hs->loop, &h->io);
	ev_io_modify(&h->io, events);
	ev_io_start(hs->loop, &h->io);
}

/* The session is made when the peer has sent something: it takes some 40 KiB until the handshake is
 * done. */
static void on_socket(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct stream_handshake *h = io->data;

	(void)loop;
	(void)events;
	if (h->tls != NULL || fabric_tls_accept(&h->tls, h->context, h->fd) == 0)
		handshake_step(h->all, h);
	else
		handshake_evict(h->all, h);
}

/* ---- beginning ---- */

static struct stream_handshake *oldest_of(struct stream_handshakes *hs,
					  const struct stream_client *client)
{
	struct stream_handshake *h;

	TAILQ_FOREACH (h, &hs->list, by_age)
		if (h->client == client)
			return h;
	return NULL;
}

/* Makes room for a new handshake, if there is none. Returns false if that is not possible. */
static bool make_room(struct stream_handshakes *hs, const struct stream_handshake *h,
		      uint64_t now_ms)
{
	struct stream_handshake *old = NULL;

	if (h->client->nhandshakes >= h->limits.handshakes_per_client)
		old = oldest_of(hs, h->client);
	else if (hs->count >= h->limits.handshakes)
		old = TAILQ_FIRST(&hs->list);
	else
		return true;
	if (old == NULL || now_ms - old->since_ms < EVICT_MS)
		return false;
	handshake_evict(hs, old);
	return true;
}

static void handshake_begin(struct stream_handshakes *hs, struct stream_handshake *h)
{
	h->since_ms = base_clock_steady_ms();
	if (!make_room(hs, h, h->since_ms)) {
		server_count(&hs->shared->stats.tls_failed[SERVER_TLS_OVERLOAD], 1);
		handshake_drop(hs, h);
		return;
	}
	h->all = hs;
	ev_io_init(&h->io, on_socket, h->fd, EV_READ);
	h->io.data = h;
	TAILQ_INSERT_TAIL(&hs->list, h, by_age);
	h->client->nhandshakes++;
	hs->count++;
	__atomic_store_n(&hs->shared->stats.tls_handshaking, hs->count, __ATOMIC_RELAXED);
	ev_io_start(hs->loop, &h->io);
}

static void on_more(struct ev_loop *loop, struct ev_idle *idle, int events)
{
	struct stream_handshakes *hs = idle->data;

	(void)events;
	for (unsigned i = 0; i < TAKE; i++) {
		struct base_queue_link *link = hs->taken;

		if (link == NULL)
			link = base_queue_take(&hs->arrived);
		if (link == NULL) {
			ev_idle_stop(loop, idle);
			return;
		}
		hs->taken = link->next;
		handshake_begin(hs, (struct stream_handshake *)link);
	}
}

static void on_wake(struct ev_loop *loop, struct ev_async *async, int events)
{
	struct stream_handshakes *hs = async->data;

	(void)events;
	if (atomic_load_explicit(&hs->is_stopping, memory_order_acquire))
		ev_break(loop, EVBREAK_ALL);
	else
		ev_idle_start(loop, &hs->more);
}

/* Gives up what takes too long. */
static void on_tick(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct stream_handshakes *hs = timer->data;
	uint64_t now_ms = base_clock_steady_ms();
	struct stream_handshake *h;

	(void)loop;
	(void)events;
	while ((h = TAILQ_FIRST(&hs->list)) != NULL &&
	       now_ms - h->since_ms >= 1000ull * h->limits.handshake_timeout_s) {
		server_count(&hs->shared->stats.tls_failed[SERVER_TLS_TIMEOUT], 1);
		log_failure(h, "timeout", "the peer took too long");
		handshake_remove(hs, h);
		handshake_drop(hs, h);
	}
}

/* ---- the thread ---- */

static void *handshakes_main(void *arg)
{
	struct stream_handshakes *hs = arg;

	/* Of this thread alone: the kernel's priorities are those of threads. */
	(void)setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + NICER);
	ev_run(hs->loop, 0);
	return NULL;
}

/* The loop uses poll(2): with epoll, libev leaves a descriptor that is handed over in the kernel's
 * set, and removes it at an event that concerns only the worker, which may have closed it by then.
 */
int stream_handshakes_share(struct server_shared *shared, unsigned nworkers)
{
	struct stream_handshakes *hs = calloc(1, sizeof(*hs) + nworkers * sizeof(hs->done[0]));

	if (hs == NULL || (hs->loop = ev_loop_new(EVBACKEND_POLL)) == NULL) {
		free(hs);
		return -ENOMEM;
	}
	hs->shared = shared;
	hs->nworkers = nworkers;
	TAILQ_INIT(&hs->list);
	base_queue_init(&hs->arrived);
	for (unsigned i = 0; i < nworkers; i++)
		base_queue_init(&hs->done[i]);
	shared->stream_handshakes = hs;
	return 0;
}

int stream_handshakes_start(struct server_shared *shared)
{
	struct stream_handshakes *hs = shared->stream_handshakes;
	int error;

	if (hs->is_started)
		return 0;
	ev_async_init(&hs->wake, on_wake);
	hs->wake.data = hs;
	ev_async_start(hs->loop, &hs->wake);
	ev_idle_init(&hs->more, on_more);
	hs->more.data = hs;
	ev_timer_init(&hs->tick, on_tick, TICK_MS / 1000., TICK_MS / 1000.);
	hs->tick.data = hs;
	ev_timer_start(hs->loop, &hs->tick);
	error = pthread_create(&hs->thread, NULL, handshakes_main, hs);
	if (error != 0)
		return -error;
	pthread_setname_np(hs->thread, "handshakes");
	hs->is_started = true;
	return 0;
}

static void close_all(struct stream_handshakes *hs, struct base_queue_link *link)
{
	while (link != NULL) {
		struct base_queue_link *next = link->next;

		handshake_close(hs, (struct stream_handshake *)link);
		link = next;
	}
}

void stream_handshakes_stop(struct server_shared *shared)
{
	struct stream_handshakes *hs = shared->stream_handshakes;

	if (hs == NULL)
		return;
	if (hs->is_started) {
		atomic_store_explicit(&hs->is_stopping, true, memory_order_release);
		ev_async_send(hs->loop, &hs->wake);
		pthread_join(hs->thread, NULL);
		hs->is_started = false;
	}
	while (!TAILQ_EMPTY(&hs->list)) {
		struct stream_handshake *h = TAILQ_FIRST(&hs->list);

		handshake_remove(hs, h);
		handshake_close(hs, h);
	}
	close_all(hs, hs->taken);
	hs->taken = NULL;
	close_all(hs, base_queue_take(&hs->arrived));
	for (unsigned i = 0; i < hs->nworkers; i++)
		close_all(hs, base_queue_take(&hs->done[i]));
}

void stream_handshakes_unshare(struct server_shared *shared)
{
	struct stream_handshakes *hs = shared->stream_handshakes;

	if (hs == NULL)
		return;
	ev_loop_destroy(hs->loop);
	free(hs);
	shared->stream_handshakes = NULL;
}

/* ---- the workers ---- */

static struct stream_handshake *handshake_new(const struct server_worker *w, int fd,
					      const struct sockaddr *address)
{
	struct stream_handshake *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->context = fabric_tls_context_acquire(w->turn.rules->tls);
	h->fd = fd;
	h->limits = w->turn.rules->options.tls;
	memcpy(&h->address, address, base_address_nbytes(address));
	return h;
}

bool stream_handshakes_put(struct server_worker *w, const struct server_channel *channel, int fd,
			   const struct sockaddr *address, struct stream_client *client)
{
	struct stream_handshakes *hs = w->shared->stream_handshakes;
	const struct server_rules *rules = w->turn.rules;
	struct stream_handshake *h = NULL;

	if (rules->tls != NULL && atomic_load_explicit(&hs->nall, memory_order_relaxed) <
					  WAITING_MAX * rules->options.tls.handshakes)
		h = handshake_new(w, fd, address);
	if (h == NULL)
		return false;
	h->worker = w;
	h->channel = channel;
	h->client = client;
	atomic_fetch_add_explicit(&hs->nall, 1, memory_order_relaxed);
	if (base_queue_put(&hs->arrived, &h->link))
		ev_async_send(hs->loop, &hs->wake);
	return true;
}

struct base_queue_link *stream_handshakes_take(struct server_worker *w)
{
	return base_queue_take(&w->shared->stream_handshakes->done[w->number]);
}
