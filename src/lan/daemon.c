/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "lan/daemon.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <avahi-common/error.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "dns/name.h"
#include "lan/daemon_priv.h"
#include "lan/poll.h"

/* The connections, from start to end:
 *
 * 1. A first client is made; while D-Bus is away, that is tried again once a second. With
 *    AVAHI_CLIENT_NO_FAIL it waits for the daemon by itself.
 * 2. Once it is connected, objects have their turns. Further clients are made when Avahi refuses
 *    one more object, until it refuses a client.
 * 3. When a client has failed, or a call was not answered in time, all objects forget what they
 *    had, all clients are freed, and it begins with 1.
 *
 * Clients are freed from the turn only, never within a call of Avahi's. */

enum {
	RETRY_MS = 1000,       /* while there is no D-Bus */
	AGAIN_MS = 100,	       /* after a connection has failed, if it had lasted */
	REFUSED_MS = 30000,    /* Avahi may have room without our noticing */
	HANG_MS = 5000,	       /* a call that fails after that was not answered */
	TURN_OBJECTS_MAX = 32, /* of a turn, and */
	TURN_MS = 5,	       /* how long it goes on */
	ROOM_TRIES = 8,	       /* objects that are tried when room has come */
	LOG_LINES_MAX = 5,     /* in 10 s, about one thing */
};

TAILQ_HEAD(objects, lan_object);

struct lan_daemon {
	struct ev_loop *loop;
	struct lan_poll *poll;
	void (*on_state)(void *arg, bool is_running);
	void *arg;
	struct ev_timer turn, retry, room;

	TAILQ_HEAD(, lan_client) clients; /* the first one is made by `retry` */
	bool is_running, was_running;
	bool has_failed;       /* a client has; it is dealt with in the next turn */
	bool may_be_renamed;   /* this machine on the LAN, and it is to be reported */
	bool has_no_clients;   /* Avahi or D-Bus do not take another client */
	uint64_t connected_ms; /* steady clock */
	uint64_t call_us;      /* when the present call began */
	unsigned entries_max;

	struct objects objects; /* all, farewells first */
	int ninterfaces;	/* that are named */
	bool has_interfaces;	/* there have been several */
	struct objects due, refused;
	unsigned nrefused, nroom; /* how many of them may be tried, as there may be room */

	struct lan_stats stats; /* any thread reads */
};

static bool is_connected(AvahiClientState state)
{
	return state == AVAHI_CLIENT_S_REGISTERING || state == AVAHI_CLIENT_S_RUNNING ||
	       state == AVAHI_CLIENT_S_COLLISION;
}

static void turn_start(struct lan_daemon *d)
{
	if (ev_is_active(&d->turn))
		return;
	ev_timer_set(&d->turn, 0, 0);
	ev_timer_start(d->loop, &d->turn);
}

static void retry_start(struct lan_daemon *d, unsigned ms)
{
	ev_timer_stop(d->loop, &d->retry);
	ev_now_update(d->loop);
	ev_timer_set(&d->retry, ms / 1e3, 0);
	ev_timer_start(d->loop, &d->retry);
}

/* ---- clients ---- */

/* Calls on the other connections end at once: if the daemon hangs, each would wait for it anew. */
static void fail(struct lan_daemon *d)
{
	if (d->has_failed)
		return;
	d->has_failed = true;
	lan_poll_shut(d->poll);
	turn_start(d);
}

/* Is called within the making of the client, too. What the state of avahi-daemon's own host name is
 * does not matter to groups; but it may be another one when it is established. */
static void on_client(AvahiClient *avahi, AvahiClientState state, void *arg)
{
	struct lan_client *c = arg;

	(void)avahi;
	c->state = state;
	if (c->avahi == NULL)
		return;
	if (state == AVAHI_CLIENT_FAILURE)
		fail(c->daemon);
	else
		turn_start(c->daemon);
	c->daemon->may_be_renamed |= state == AVAHI_CLIENT_S_RUNNING;
}

static struct lan_client *client_new(struct lan_daemon *d, int *error)
{
	struct lan_client *c = calloc(1, sizeof(*c));

	*error = AVAHI_ERR_NO_MEMORY;
	if (c == NULL)
		return NULL;
	c->daemon = d;
	c->state = AVAHI_CLIENT_CONNECTING;
	lan_poll_enter(d->poll, true);
	c->avahi =
		avahi_client_new(lan_poll_api(d->poll), AVAHI_CLIENT_NO_FAIL, on_client, c, error);
	lan_poll_leave(d->poll);
	if (c->avahi == NULL) {
		free(c);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&d->clients, c, link);
	base_counter_add(&d->stats.nclients, 1);
	if (c->state == AVAHI_CLIENT_FAILURE)
		fail(d);
	return c;
}

/* Frees nothing of Avahi's by calls: the connection is closed first. */
static void client_free(struct lan_client *c)
{
	struct lan_daemon *d = c->daemon;

	TAILQ_REMOVE(&d->clients, c, link);
	base_counter_set(&d->stats.nclients, d->stats.nclients - 1);
	avahi_client_free(c->avahi);
	free(c);
}

int lan_client_find(struct lan_daemon *d, struct lan_client **out)
{
	struct lan_client *c;
	int error;

	if (!d->is_running || d->has_failed || lan_poll_is_interrupted(d->poll))
		return -EAGAIN;
	TAILQ_FOREACH (c, &d->clients, link)
		if (!c->is_full && is_connected(c->state))
			break;
	if (c == NULL && d->has_no_clients)
		return -ENOSPC;
	if (c == NULL) {
		c = client_new(d, &error);
		if (d->has_failed || (c != NULL && !is_connected(c->state))) {
			fail(d);
			return -EAGAIN;
		}
		if (c == NULL) {
			d->has_no_clients = true;
			if (base_log_may_few("bridge-clients", LOG_LINES_MAX))
				base_log(BASE_LOG_WARNING, "bridge",
					 "connection-refused why=\"%s\"", avahi_strerror(error));
			return -ENOSPC;
		}
	}
	*out = c;
	return 0;
}

void lan_client_enter(struct lan_client *c)
{
	c->daemon->call_us = base_clock_steady_us();
	lan_poll_enter(c->daemon->poll, false);
}

void lan_client_leave(struct lan_client *c)
{
	lan_poll_leave(c->daemon->poll);
}

void lan_client_add(struct lan_client *c)
{
	c->nobjects++;
	base_counter_add(&c->daemon->stats.nobjects, 1);
}

static void has_room(struct lan_daemon *d)
{
	d->nroom = ROOM_TRIES;
	if (d->nrefused > 0)
		turn_start(d);
}

void lan_client_remove(struct lan_client *c)
{
	struct lan_daemon *d = c->daemon;

	assert(c->nobjects > 0);
	c->nobjects--;
	c->is_full = false;
	base_counter_set(&d->stats.nobjects, d->stats.nobjects - 1);
	has_room(d);
	if (c->nobjects == 0)
		turn_start(d);
}

int lan_client_fault(struct lan_client *c, int error)
{
	struct lan_daemon *d = c->daemon;

	if (d->has_failed || !is_connected(avahi_client_get_state(c->avahi)) ||
	    base_clock_steady_us() - d->call_us > HANG_MS * UINT64_C(1000)) {
		fail(d);
		return -EAGAIN;
	}
	switch (error) {
	case AVAHI_ERR_DISCONNECTED:
	case AVAHI_ERR_NO_DAEMON:
	case AVAHI_ERR_TIMEOUT:
		fail(d);
		return -EAGAIN;
	case AVAHI_ERR_TOO_MANY_CLIENTS:
		d->has_no_clients = true;
		c->is_full = true;
		return -ENOSPC;
	case AVAHI_ERR_TOO_MANY_OBJECTS:
		d->has_no_clients |= c->nobjects == 0;
		c->is_full = true;
		return -ENOSPC;
	case AVAHI_ERR_TOO_MANY_ENTRIES:
		return -E2BIG;
	case AVAHI_ERR_COLLISION:
		return -EEXIST;
	case AVAHI_ERR_NO_NETWORK:
		return -ENETDOWN;
	default:
		return -EINVAL;
	}
}

unsigned lan_daemon_entries_max(const struct lan_daemon *d)
{
	return d->entries_max;
}

void lan_daemon_set_entries_max(struct lan_daemon *d, unsigned max)
{
	d->entries_max = max;
}

/* ---- objects ---- */

static void dequeue(struct lan_object *o)
{
	struct lan_daemon *d = o->daemon;

	if (o->queue == LAN_DUE)
		TAILQ_REMOVE(&d->due, o, queued);
	if (o->queue == LAN_REFUSED) {
		TAILQ_REMOVE(&d->refused, o, queued);
		base_counter_set(&d->stats.nrefused, --d->nrefused);
	}
	o->queue = LAN_IDLE;
}

void lan_object_init(struct lan_object *o, struct lan_daemon *d, const struct lan_interfaces *where)
{
	o->daemon = d;
	o->where = where;
	o->queue = LAN_IDLE;
	if (o->is_farewell)
		TAILQ_INSERT_HEAD(&d->objects, o, link);
	else
		TAILQ_INSERT_TAIL(&d->objects, o, link);
}

void lan_object_fini(struct lan_object *o)
{
	dequeue(o);
	TAILQ_REMOVE(&o->daemon->objects, o, link);
}

void lan_object_schedule(struct lan_object *o, bool is_soon)
{
	struct lan_daemon *d = o->daemon;

	if (o->queue == LAN_DUE && !is_soon)
		return;
	dequeue(o);
	o->queue = LAN_DUE;
	if (is_soon)
		TAILQ_INSERT_HEAD(&d->due, o, queued);
	else
		TAILQ_INSERT_TAIL(&d->due, o, queued);
	turn_start(d);
}

void lan_object_refuse(struct lan_object *o)
{
	struct lan_daemon *d = o->daemon;

	dequeue(o);
	o->queue = LAN_REFUSED;
	TAILQ_INSERT_TAIL(&d->refused, o, queued);
	base_counter_set(&d->stats.nrefused, ++d->nrefused);
	if (ev_is_active(&d->room))
		return;
	ev_timer_set(&d->room, REFUSED_MS / 1e3, 0);
	ev_timer_start(d->loop, &d->room);
}

void lan_daemon_move(struct lan_daemon *d, const struct lan_interfaces *where)
{
	struct lan_object *o;

	TAILQ_FOREACH (o, &d->objects, link)
		if (o->where == where) {
			o->is_moved = true;
			lan_object_schedule(o, false);
		}
}

struct lan_object *lan_daemon_farewell(struct lan_daemon *d, struct lan_object *o)
{
	o = o == NULL ? TAILQ_FIRST(&d->objects) : TAILQ_NEXT(o, link);
	return o != NULL && o->is_farewell ? o : NULL;
}

bool lan_daemon_has_answered(const struct lan_daemon *d)
{
	return d->is_running && !d->has_failed && !lan_poll_is_interrupted(d->poll);
}

void lan_daemon_count_interfaces(struct lan_daemon *d, int more)
{
	d->ninterfaces += more;
	d->has_interfaces |= d->ninterfaces > 1;
}

bool lan_daemon_has_interfaces(const struct lan_daemon *d)
{
	return d->has_interfaces;
}

void lan_daemon_count_collision(struct lan_daemon *d)
{
	base_counter_add(&d->stats.ncollisions, 1);
}

struct ev_loop *lan_daemon_loop(const struct lan_daemon *d)
{
	return d->loop;
}

/* ---- turns ---- */

/* Forgets all clients. */
static void reset(struct lan_daemon *d)
{
	uint64_t lasted_ms = base_clock_steady_ms() - d->connected_ms;
	struct lan_object *o;

	TAILQ_FOREACH (o, &d->objects, link)
		o->lose(o);
	while (!TAILQ_EMPTY(&d->clients))
		client_free(TAILQ_FIRST(&d->clients));
	base_counter_set(&d->stats.nobjects, 0);
	d->has_failed = d->has_no_clients = false;
	d->entries_max = UINT32_MAX;
	d->nroom = 0;
	retry_start(d, d->is_running && lasted_ms > RETRY_MS ? AGAIN_MS : RETRY_MS);
}

static void report(struct lan_daemon *d, bool is_running)
{
	struct lan_object *o;

	d->is_running = is_running;
	base_counter_set(&d->stats.is_running, is_running);
	if (is_running) {
		base_counter_add(&d->stats.nreconnects, d->was_running);
		d->was_running = true;
		d->connected_ms = base_clock_steady_ms();
	}
	TAILQ_FOREACH (o, &d->objects, link)
		lan_object_schedule(o, false);
	if (d->on_state != NULL)
		d->on_state(d->arg, is_running);
}

/* Further clients that have become empty are closed if others have room. One of which Avahi had an
 * object leaves room for another client. */
static void clients_prune(struct lan_daemon *d)
{
	struct lan_client *c = TAILQ_FIRST(&d->clients), *next;
	bool has_other = false;

	for (; c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c != TAILQ_FIRST(&d->clients) && c->nobjects == 0 &&
		    (has_other || c->is_full)) {
			d->has_no_clients &= c->is_full;
			client_free(c);
		} else {
			has_other |= !c->is_full;
		}
	}
}

/* Does the work of an object. One that was refused and is not any more shows that there may be room
 * for others; but what a refused one has freed of its own was too little. */
static void object_run(struct lan_daemon *d, struct lan_object *o)
{
	bool was_refused = o->queue == LAN_REFUSED;
	unsigned nroom = d->nroom, nrefused;

	dequeue(o);
	nrefused = d->nrefused;
	o->work(o);
	if (d->nrefused > nrefused)
		d->nroom = nroom;
	else if (was_refused)
		d->nroom = ROOM_TRIES;
}

static void objects_run(struct lan_daemon *d)
{
	uint64_t end_us = base_clock_steady_us() + TURN_MS * 1000;

	for (unsigned n = 0; n < TURN_OBJECTS_MAX && !d->has_failed; n++) {
		struct lan_object *o = TAILQ_FIRST(&d->due);

		if (o == NULL && d->nroom > 0) {
			o = TAILQ_FIRST(&d->refused);
			d->nroom--;
		}
		if (o == NULL)
			return;
		object_run(d, o);
		if (base_clock_steady_us() >= end_us)
			break;
	}
	turn_start(d);
}

static void on_turn(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct lan_daemon *d = timer->data;
	bool is_running;

	(void)loop;
	(void)revents;
	if (d->has_failed)
		reset(d);
	is_running = !TAILQ_EMPTY(&d->clients) && is_connected(TAILQ_FIRST(&d->clients)->state);
	if (is_running != d->is_running)
		report(d, is_running);
	else if (is_running && d->may_be_renamed && d->on_state != NULL)
		d->on_state(d->arg, true);
	d->may_be_renamed = false;
	objects_run(d);
	if (!d->has_failed)
		clients_prune(d);
}

static void on_retry(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct lan_daemon *d = timer->data;
	int error;

	(void)loop;
	(void)revents;
	if (lan_poll_is_interrupted(d->poll))
		return;
	if (client_new(d, &error) == NULL)
		retry_start(d, RETRY_MS);
	else
		turn_start(d);
}

/* Room may have come of which nothing was seen: other programs have clients of their own. */
static void on_room(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct lan_daemon *d = timer->data;
	struct lan_client *c;

	(void)loop;
	(void)revents;
	d->has_no_clients = false;
	TAILQ_FOREACH (c, &d->clients, link)
		c->is_full = false;
	has_room(d);
	if (d->nrefused == 0)
		return;
	ev_timer_set(&d->room, REFUSED_MS / 1e3, 0);
	ev_timer_start(d->loop, &d->room);
}

/* ---- the daemon ---- */

struct lan_daemon *lan_daemon_new(struct ev_loop *loop,
				  void (*on_state)(void *arg, bool is_running), void *arg)
{
	struct lan_daemon *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->poll = lan_poll_new(loop, &d->stats.calling_since_us);
	if (d->poll == NULL) {
		free(d);
		return NULL;
	}
	d->loop = loop;
	d->on_state = on_state;
	d->arg = arg;
	d->entries_max = UINT32_MAX;
	TAILQ_INIT(&d->clients);
	TAILQ_INIT(&d->objects);
	TAILQ_INIT(&d->due);
	TAILQ_INIT(&d->refused);
	ev_timer_init(&d->turn, on_turn, 0, 0);
	ev_timer_init(&d->retry, on_retry, 0, 0);
	ev_timer_init(&d->room, on_room, 0, 0);
	d->turn.data = d->retry.data = d->room.data = d;
	retry_start(d, 0);
	return d;
}

bool lan_daemon_is_running(const struct lan_daemon *d)
{
	return d->is_running;
}

bool lan_daemon_host(struct lan_daemon *d, uint8_t out[static DNS_NAME_MAX])
{
	struct lan_client *c = TAILQ_FIRST(&d->clients);
	const char *name;

	if (!d->is_running || d->has_failed || lan_poll_is_interrupted(d->poll))
		return false;
	lan_client_enter(c);
	name = avahi_client_get_host_name_fqdn(c->avahi);
	lan_client_leave(c);
	if (name == NULL)
		lan_client_fault(c, avahi_client_errno(c->avahi));
	return name != NULL && dns_name_from_text(out, name, strlen(name), NULL) > 0;
}

bool lan_daemon_interrupt(struct lan_daemon *d)
{
	return lan_poll_interrupt(d->poll);
}

bool lan_daemon_abandon(struct lan_daemon *d)
{
	return lan_poll_abandon(d->poll);
}

void lan_daemon_stats_get(const struct lan_daemon *d, struct lan_stats *out)
{
	base_counters_get((uint64_t *)out, (const uint64_t *)&d->stats,
			  sizeof(*out) / sizeof(uint64_t));
}

void lan_daemon_free(struct lan_daemon *d)
{
	if (d == NULL)
		return;
	assert(TAILQ_EMPTY(&d->objects));
	while (!TAILQ_EMPTY(&d->clients))
		client_free(TAILQ_FIRST(&d->clients));
	ev_timer_stop(d->loop, &d->turn);
	ev_timer_stop(d->loop, &d->retry);
	ev_timer_stop(d->loop, &d->room);
	lan_poll_free(d->poll);
	free(d);
}
