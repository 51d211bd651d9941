/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "lan/poll.h"

#include <assert.h>
#include <ev.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"

struct lan_poll {
	struct ev_loop *loop;
	uint64_t *calling_since_us;
	unsigned depth, ntimeouts;
	AvahiPoll api;

	pthread_mutex_t lock;
	AvahiWatch *watches; /* under `lock` for changes, and for other threads */
	bool is_connecting;  /* under `lock`: a connection is made whose descriptor is not known */
	bool is_interrupted; /* atomic; set under `lock` */
	bool is_abandoned;   /* under `lock`: what is beyond this room may be gone */
};

/* Unlocks; a thread that is to come back no more then waits for the end of the process. */
static void unlock(struct lan_poll *p)
{
	bool is_abandoned = p->is_abandoned;

	pthread_mutex_unlock(&p->lock);
	while (is_abandoned)
		pause();
}

/* ---- descriptors ---- */

/* libdbus frees a watch before it closes the descriptor. So libev never waits for a closed one, and
 * the descriptors of the list are open as long as the lock is held. */
struct AvahiWatch {
	struct lan_poll *poll;
	AvahiWatch *next, **prev;
	struct ev_io io;
	AvahiWatchEvent happened;
	AvahiWatchCallback callback;
	void *arg;
};

static void watch_want(AvahiWatch *w, AvahiWatchEvent wanted)
{
	int events = ((wanted & AVAHI_WATCH_IN) != 0 ? EV_READ : 0) |
		     ((wanted & AVAHI_WATCH_OUT) != 0 ? EV_WRITE : 0);

	ev_io_stop(w->poll->loop, &w->io);
	ev_io_set(&w->io, w->io.fd, events);
	if (events != 0)
		ev_io_start(w->poll->loop, &w->io);
}

/* The callback may free the watch. */
static void on_ready(struct ev_loop *loop, struct ev_io *io, int revents)
{
	AvahiWatch *w = io->data;
	struct lan_poll *p = w->poll;
	int happened = 0;

	(void)loop;
	happened |= (revents & EV_READ) != 0 ? AVAHI_WATCH_IN : 0;
	happened |= (revents & EV_WRITE) != 0 ? AVAHI_WATCH_OUT : 0;
	happened |= (revents & EV_ERROR) != 0 ? AVAHI_WATCH_ERR : 0;
	w->happened = (AvahiWatchEvent)happened;
	lan_poll_enter(p, false);
	w->callback(w, w->io.fd, w->happened, w->arg);
	lan_poll_leave(p);
}

static AvahiWatch *watch_new(const AvahiPoll *api, int fd, AvahiWatchEvent wanted,
			     AvahiWatchCallback callback, void *arg)
{
	struct lan_poll *p = api->userdata;
	AvahiWatch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->poll = p;
	w->callback = callback;
	w->arg = arg;
	ev_io_init(&w->io, on_ready, fd, 0);
	w->io.data = w;
	watch_want(w, wanted);
	pthread_mutex_lock(&p->lock);
	w->next = p->watches;
	w->prev = &p->watches;
	if (w->next != NULL)
		w->next->prev = &w->next;
	p->watches = w;
	p->is_connecting = false;
	if (p->is_interrupted)
		shutdown(fd, SHUT_RDWR);
	unlock(p);
	return w;
}

static void watch_update(AvahiWatch *w, AvahiWatchEvent wanted)
{
	watch_want(w, wanted);
}

static AvahiWatchEvent watch_get_events(AvahiWatch *w)
{
	return w->happened;
}

static void watch_free(AvahiWatch *w)
{
	struct lan_poll *p = w->poll;

	ev_io_stop(p->loop, &w->io);
	pthread_mutex_lock(&p->lock);
	*w->prev = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	pthread_mutex_unlock(&p->lock);
	free(w);
}

/* ---- times ---- */

struct AvahiTimeout {
	struct lan_poll *poll;
	struct ev_timer timer;
	AvahiTimeoutCallback callback;
	void *arg;
};

/* The callback may free the timeout. */
static void on_due(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	AvahiTimeout *t = timer->data;
	struct lan_poll *p = t->poll;

	(void)loop;
	(void)revents;
	lan_poll_enter(p, false);
	t->callback(t, t->arg);
	lan_poll_leave(p);
}

/* Avahi's library names times by the clock of gettimeofday, which may be set: they are counted from
 * now, not from when the loop woke up. */
static void timeout_update(AvahiTimeout *t, const struct timeval *due)
{
	struct lan_poll *p = t->poll;
	struct timeval now;
	double left_s;

	ev_timer_stop(p->loop, &t->timer);
	if (due == NULL)
		return;
	gettimeofday(&now, NULL);
	left_s = (double)(due->tv_sec - now.tv_sec) + (double)(due->tv_usec - now.tv_usec) / 1e6;
	if (left_s > 0)
		ev_now_update(p->loop);
	ev_timer_set(&t->timer, left_s > 0 ? left_s : 0, 0);
	ev_timer_start(p->loop, &t->timer);
}

static AvahiTimeout *timeout_new(const AvahiPoll *api, const struct timeval *due,
				 AvahiTimeoutCallback callback, void *arg)
{
	AvahiTimeout *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->poll = api->userdata;
	t->callback = callback;
	t->arg = arg;
	ev_timer_init(&t->timer, on_due, 0, 0);
	t->timer.data = t;
	t->poll->ntimeouts++;
	timeout_update(t, due);
	return t;
}

static void timeout_free(AvahiTimeout *t)
{
	ev_timer_stop(t->poll->loop, &t->timer);
	t->poll->ntimeouts--;
	free(t);
}

/* ---- all of it ---- */

struct lan_poll *lan_poll_new(struct ev_loop *loop, uint64_t *calling_since_us)
{
	struct lan_poll *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->loop = loop;
	p->calling_since_us = calling_since_us;
	pthread_mutex_init(&p->lock, NULL);
	p->api = (AvahiPoll){
		.userdata = p,
		.watch_new = watch_new,
		.watch_update = watch_update,
		.watch_get_events = watch_get_events,
		.watch_free = watch_free,
		.timeout_new = timeout_new,
		.timeout_update = timeout_update,
		.timeout_free = timeout_free,
	};
	return p;
}

const AvahiPoll *lan_poll_api(struct lan_poll *p)
{
	return &p->api;
}

void lan_poll_enter(struct lan_poll *p, bool is_first)
{
	if (is_first) {
		pthread_mutex_lock(&p->lock);
		p->is_connecting = true;
		pthread_mutex_unlock(&p->lock);
	}
	if (p->depth++ == 0)
		base_counter_set(p->calling_since_us, base_clock_steady_us());
}

void lan_poll_leave(struct lan_poll *p)
{
	assert(p->depth > 0);
	if (--p->depth > 0)
		return;
	base_counter_set(p->calling_since_us, 0);
	pthread_mutex_lock(&p->lock);
	p->is_connecting = false;
	unlock(p);
}

static void shut(struct lan_poll *p)
{
	for (AvahiWatch *w = p->watches; w != NULL; w = w->next)
		shutdown(w->io.fd, SHUT_RDWR);
}

void lan_poll_shut(struct lan_poll *p)
{
	pthread_mutex_lock(&p->lock);
	shut(p);
	pthread_mutex_unlock(&p->lock);
}

bool lan_poll_interrupt(struct lan_poll *p)
{
	bool is_done;

	pthread_mutex_lock(&p->lock);
	__atomic_store_n(&p->is_interrupted, true, __ATOMIC_RELAXED);
	shut(p);
	is_done = !p->is_connecting;
	pthread_mutex_unlock(&p->lock);
	return is_done;
}

bool lan_poll_abandon(struct lan_poll *p)
{
	bool is_abandoned;

	pthread_mutex_lock(&p->lock);
	is_abandoned = p->is_abandoned = p->is_connecting;
	pthread_mutex_unlock(&p->lock);
	return is_abandoned;
}

bool lan_poll_is_interrupted(const struct lan_poll *p)
{
	return __atomic_load_n(&p->is_interrupted, __ATOMIC_RELAXED);
}

void lan_poll_free(struct lan_poll *p)
{
	if (p == NULL)
		return;
	assert(p->watches == NULL && p->ntimeouts == 0);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
