/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "follow/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum {
	/* The least that RFC 8490 permits (section 6.5.2): a server that hangs is noticed within
	 * two of these. */
	KEEPALIVE_MS = 10000,
	CHECK_MS = 5000, /* between two looks at the registries while nothing is pushed */
	CHECK_PUSHED_MS = 60000,
	AGAIN_MS = 500,	      /* after memory was short */
	EAGER_MS = 1000,      /* between two attempts, if registries have to be known to be back */
	EAGER_POLL_MS = 5000, /* between two queries for what is polled then */
};

struct follow {
	struct resolve_events *events;
	struct locate *locate;
	struct client *client;
	struct resolve_descriptor descriptor; /* a copy of the client's */
	struct resolve_timer timer;
	struct locate_waiter waiter;
	client_state_fn on_state; /* of follow_on_state, or NULL */
	void *state_arg;
	struct follow_user *users, *ended;
	struct follow_user *dirty, **dirty_end;
	struct resolve_endpoint registries[LOCATE_REGISTRIES_MAX]; /* that are used */
	size_t nregistries;
	bool are_given; /* one of them pushes over TLS: no other servers are looked for */
	struct resolve_endpoint server; /* that pushes, */
	bool is_pushed;			/* if there is one */
	bool is_waiting, has_none, is_settling;
	uint64_t check_ms, wake_ms;
	uint64_t now_ms; /* of the turn */
};

/* ---- which servers ---- */

static bool has_registry(const struct locate_registry *all, size_t n,
			 const struct resolve_endpoint *endpoint)
{
	for (size_t i = 0; i < n; i++)
		if (resolve_endpoint_equal(&all[i].endpoint, endpoint))
			return true;
	return false;
}

/* Whether the client is to have these registries instead of those it has. Their order is of no
 * matter: it changes with their health, and the client tries all. */
static bool is_other(const struct follow *f, const struct locate_registry *all, size_t n)
{
	bool is_same = n == f->nregistries;

	for (size_t i = 0; i < f->nregistries && is_same; i++)
		is_same = has_registry(all, n, &f->registries[i]);
	if (is_same)
		return false;
	/* A session that is well goes on. */
	return !f->is_pushed || (f->are_given && !has_registry(all, n, &f->server));
}

static void servers_set(struct follow *f, const struct locate_registry *all, size_t n)
{
	struct resolve_endpoint *r = f->registries;
	int ret;

	client_forget_servers(f->client);
	client_set_tls(f->client, locate_tls(f->locate)); /* made no earlier than needed */
	f->is_pushed = f->are_given = false;
	f->nregistries = n < LOCATE_REGISTRIES_MAX ? n : LOCATE_REGISTRIES_MAX;
	for (size_t i = 0; i < f->nregistries; i++) {
		r[i] = all[i].endpoint;
		f->are_given |= r[i].is_tls;
	}
	if (f->are_given) {
		ret = client_set_servers(f->client, r, f->nregistries, r, f->nregistries);
	} else {
		ret = client_set_others(f->client, r, f->nregistries);
		if (ret == 0)
			ret = client_set_resolvers(f->client, r, f->nregistries);
	}
	if (ret == 0)
		return;
	f->nregistries = 0; /* memory is short */
	f->check_ms = f->now_ms + AGAIN_MS;
}

static void on_known(void *arg, int error, uint64_t now_ms)
{
	struct follow *f = arg;
	size_t n = 0;
	const struct locate_registry *all = locate_registries(f->locate, &n);

	f->is_waiting = false;
	f->now_ms = now_ms;
	f->check_ms = now_ms + (f->is_pushed ? CHECK_PUSHED_MS : CHECK_MS);
	f->has_none = n == 0 || error < 0;
	if (f->has_none && f->nregistries == 0)
		for (struct follow_user *u = f->users; u != NULL; u = u->next)
			follow_touch(f, u);
	else if (!f->has_none && is_other(f, all, n))
		servers_set(f, all, n);
	resolve_timer_set(&f->events->timers, &f->timer, 0);
}

/* Looks whether the registries are others now. */
static void check(struct follow *f)
{
	f->check_ms = UINT64_MAX; /* on_known sets it */
	if (f->locate == NULL || f->users == NULL || f->is_waiting)
		return;
	f->is_waiting = true;
	locate_wait(f->locate, &f->waiter);
}

static void state_take(struct follow *f, const struct client_state *state)
{
	if (state->kind == CLIENT_STATE_REFUSED)
		return; /* of one name */
	f->is_pushed = state->kind == CLIENT_STATE_PUSH && state->server != NULL;
	if (f->is_pushed)
		f->server = *state->server;
	else if (!f->is_waiting && f->check_ms > f->now_ms + CHECK_MS)
		f->check_ms = f->now_ms + CHECK_MS;
	if (state->kind == CLIENT_STATE_LOST && state->server != NULL && f->users != NULL &&
	    f->locate != NULL)
		locate_failed(f->locate, state->server, f->now_ms);
}

static void on_state(void *arg, const struct client_state *state)
{
	struct follow *f = arg;

	state_take(f, state);
	if (f->on_state != NULL)
		f->on_state(f->state_arg, state);
}

/* ---- turns ---- */

static void on_turn(void *arg)
{
	struct follow *f = arg;

	for (struct follow_user *u = f->users; u != NULL; u = u->next)
		if (u->wants_turns)
			follow_touch(f, u);
}

static void rearm(struct follow *f)
{
	uint64_t due_ms = client_deadline(f->client);

	if (f->check_ms < due_ms)
		due_ms = f->check_ms;
	if (f->wake_ms < due_ms)
		due_ms = f->wake_ms;
	if (f->dirty != NULL)
		due_ms = 0;
	if (due_ms == UINT64_MAX)
		resolve_timer_clear(&f->events->timers, &f->timer);
	else
		resolve_timer_set(&f->events->timers, &f->timer, due_ms);
}

/* Touches the users whose time has come. */
static void wake(struct follow *f)
{
	if (f->now_ms < f->wake_ms)
		return;
	f->wake_ms = UINT64_MAX;
	for (struct follow_user *u = f->users; u != NULL; u = u->next)
		if (u->wake_ms <= f->now_ms)
			follow_touch(f, u);
		else if (u->wake_ms < f->wake_ms)
			f->wake_ms = u->wake_ms;
}

/* Settles those that are dirty now; those that become so meanwhile wait for the next turn. */
static void settle(struct follow *f)
{
	struct follow_user *u = f->dirty, *next;

	f->dirty = NULL;
	f->dirty_end = &f->dirty;
	f->is_settling = true;
	for (; u != NULL; u = next) {
		next = u->next_dirty;
		u->is_dirty = false;
		if (!u->is_ended)
			u->settle(u->arg, f->now_ms);
	}
	f->is_settling = false;
	while (f->ended != NULL) {
		u = f->ended;
		f->ended = u->next;
		u->end(u->arg);
	}
}

static void turn(struct follow *f, uint64_t now_ms)
{
	f->now_ms = now_ms;
	client_process(f->client, now_ms);
	if (now_ms >= f->check_ms)
		check(f);
	wake(f);
	settle(f);
	rearm(f);
}

static void on_ready(void *arg, uint32_t events, uint64_t now_ms)
{
	(void)events;
	turn(arg, now_ms);
}

static void on_due(void *arg, uint64_t now_ms)
{
	turn(arg, now_ms);
}

/* ---- users ---- */

static void dirty_remove(struct follow *f, struct follow_user *u)
{
	struct follow_user **at = &f->dirty;

	if (!u->is_dirty)
		return;
	while (*at != NULL && *at != u)
		at = &(*at)->next_dirty;
	if (*at == NULL)
		return; /* it is being settled */
	*at = u->next_dirty;
	if (*at == NULL)
		f->dirty_end = at;
	u->is_dirty = false;
}

void follow_add(struct follow *f, struct follow_user *u)
{
	u->wake_ms = UINT64_MAX;
	u->next = f->users;
	u->link = &f->users;
	if (u->next != NULL)
		u->next->link = &u->next;
	f->users = u;
	if (f->check_ms == UINT64_MAX && !f->is_waiting)
		f->check_ms = 0;
	follow_touch(f, u);
}

void follow_remove(struct follow *f, struct follow_user *u)
{
	*u->link = u->next;
	if (u->next != NULL)
		u->next->link = u->link;
	dirty_remove(f, u);
	u->is_ended = true;
	if (!f->is_settling) {
		u->end(u->arg);
		resolve_timer_set(&f->events->timers, &f->timer, 0);
		return;
	}
	u->next = f->ended;
	f->ended = u;
}

void follow_touch(struct follow *f, struct follow_user *u)
{
	if (u->is_dirty || u->is_ended)
		return;
	u->is_dirty = true;
	u->next_dirty = NULL;
	*f->dirty_end = u;
	f->dirty_end = &u->next_dirty;
	resolve_timer_set(&f->events->timers, &f->timer, 0);
}

void follow_wake(struct follow *f, struct follow_user *u, uint64_t at_ms)
{
	u->wake_ms = at_ms;
	if (at_ms < f->wake_ms)
		f->wake_ms = at_ms;
}

struct client *follow_client(struct follow *f)
{
	return f->client;
}

void follow_on_state(struct follow *f, client_state_fn fn, void *arg)
{
	f->on_state = fn;
	f->state_arg = arg;
}

void follow_set_eager(struct follow *f)
{
	client_set_retry(f->client, EAGER_MS);
	client_set_polling(f->client, EAGER_POLL_MS);
}

bool follow_has_none(const struct follow *f)
{
	return f->has_none && f->nregistries == 0;
}

/* ---- the follower ---- */

/* Has the client's descriptor, of which ours is a copy, wake the caller's loop. */
static int descriptor_add(struct follow *f)
{
	f->descriptor = (struct resolve_descriptor){
		.fd = fcntl(client_fd(f->client), F_DUPFD_CLOEXEC, 0),
		.wanted = EPOLLIN,
		.on_ready = on_ready,
		.arg = f,
	};
	if (f->descriptor.fd < 0)
		return -errno;
	return resolve_events_add(f->events, &f->descriptor);
}

int follow_new(struct follow **out, struct resolve_events *events, struct locate *l)
{
	struct follow *f = calloc(1, sizeof(*f));
	int ret;

	if (f == NULL)
		return -ENOMEM;
	f->events = events;
	f->locate = l;
	f->timer = (struct resolve_timer){.on_due = on_due, .arg = f};
	f->waiter = (struct locate_waiter){.on_known = on_known, .arg = f};
	f->dirty_end = &f->dirty;
	f->check_ms = f->wake_ms = UINT64_MAX;
	ret = client_new(&f->client);
	if (ret == 0)
		ret = descriptor_add(f);
	if (ret < 0) {
		client_free(f->client);
		free(f);
		return ret;
	}
	client_set_keepalive(f->client, KEEPALIVE_MS);
	client_on_state(f->client, on_state, f);
	client_on_turn(f->client, on_turn, f);
	*out = f;
	return 0;
}

void follow_free(struct follow *f)
{
	if (f == NULL)
		return;
	if (f->locate != NULL)
		locate_wait_end(f->locate, &f->waiter);
	resolve_timer_clear(&f->events->timers, &f->timer);
	resolve_events_close(f->events, &f->descriptor);
	client_free(f->client);
	free(f);
}
