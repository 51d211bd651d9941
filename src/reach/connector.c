/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "reach/connector.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"

struct reach_connector {
	struct resolve_events *events;
	struct reach_memory *memory;
	struct find_watch *watch;
	reach_connector_fn on_event;
	void *arg;
	void *key; /* NULL: instances are ordered by weight */
	size_t nkey;
	bool is_known; /* that which the watch has is all there is, or was */
	bool is_lost;
	unsigned version;	    /* of what is known: changes with each change of an instance */
	bool has_instances;	    /* READY was reported */
	struct find_instance *last; /* of the last connection, as it is now; or NULL */
	struct sockaddr_storage last_address;
	bool is_last_new;	   /* and was not compared with what is known */
	bool was_better_reported;  /* since the last connection */
	struct resolve_timer look; /* when to look what has become of it, or is better */
	struct reach_connector_attempt *attempts;
};

struct reach_connector_attempt {
	struct reach_connector *connector; /* NULL: was freed */
	struct resolve_events *events;
	struct reach_options options;
	reach_connect_fn done;
	reach_failed_fn on_failed;
	void *arg;
	struct reach *reach;	    /* NULL: waits for instances */
	unsigned version;	    /* with which that was begun */
	struct resolve_timer timer; /* while it waits */
	struct reach_connector_attempt *next, **link;
};

/* ---- instances ---- */

/* Returns the instances in the order in which to try them, each one borrowed; to be freed. Returns
 * NULL if memory is short. */
static struct find_instance **instances_ordered(const struct reach_connector *c, size_t *n)
{
	struct find_instance *const *known = find_watch_instances(c->watch, n);
	struct find_instance **all = malloc((*n + 1) * sizeof(struct find_instance *));

	if (all == NULL)
		return NULL;
	if (*n > 0)
		memcpy(all, known, *n * sizeof(struct find_instance *));
	if (c->key != NULL)
		find_order_sticky(all, *n, c->key, c->nkey);
	else
		find_order(all, *n);
	return all;
}

static bool instances_are_known(const struct reach_connector *c)
{
	size_t n;

	find_watch_instances(c->watch, &n);
	return c->is_known && n > 0;
}

static bool is_last(const struct reach_connector *c, const struct find_instance *i)
{
	return c->last != NULL && i != NULL && dns_name_equal(i->name, c->last->name);
}

/* Returns the first instance, as they are ordered, that is up and is not the last one; NULL if
 * there is none, or memory is short. */
static const struct find_instance *instance_to_go_to(const struct reach_connector *c)
{
	const struct find_instance *best = NULL;
	size_t n;
	struct find_instance **all = instances_ordered(c, &n);

	for (size_t k = 0; all != NULL && k < n && best == NULL; k++)
		if (all[k]->state == DNSSD_UP && !is_last(c, all[k]))
			best = all[k];
	free(all);
	return best;
}

static void last_set(struct reach_connector *c, const struct find_instance *i)
{
	struct find_instance *acquired = i != NULL ? find_instance_acquire(i) : NULL;

	find_instance_release(c->last);
	c->last = acquired;
	if (i == NULL)
		resolve_timer_clear(&c->events->timers, &c->look);
}

/* Reports an event: the last thing that a caller does, as the function may free the connector. */
static void event_report(struct reach_connector *c, enum reach_connector_event event,
			 const struct find_instance *i)
{
	const struct find_instance *held = i != NULL ? find_instance_acquire(i) : NULL;

	if (c->on_event != NULL)
		c->on_event(c->arg, event, held);
	find_instance_release(held);
}

/* Has the connector look, at the next turn, what has become of the last instance, and whether a
 * better one is there. */
static void look_ask(struct reach_connector *c)
{
	if (c->last != NULL)
		resolve_timer_set(&c->events->timers, &c->look, 0);
}

/* ---- attempts ---- */

static void attempt_unlink(struct reach_connector_attempt *a)
{
	if (a->connector == NULL)
		return;
	*a->link = a->next;
	if (a->next != NULL)
		a->next->link = a->link;
	a->connector = NULL;
}

static void on_failed(void *arg, const struct find_instance *i, int error)
{
	struct reach_connector_attempt *a = arg;

	if (a->on_failed != NULL)
		a->on_failed(a->arg, i, error);
}

static void on_reached(void *arg, int error, int fd, const struct find_instance *to,
		       const char *why, uint64_t now_ms)
{
	struct reach_connector_attempt *a = arg;
	struct reach_connector *c = a->connector;
	socklen_t n = sizeof(c->last_address);

	if (c != NULL && error != 0 && a->version != c->version &&
	    now_ms < a->options.deadline_ms) {
		/* What was tried may be where the service was before it moved. */
		reach_free(a->reach);
		a->reach = NULL;
		resolve_timer_set(&a->events->timers, &a->timer, 0);
		return;
	}
	attempt_unlink(a);
	if (c != NULL && error == 0) {
		c->last_address = (struct sockaddr_storage){0};
		(void)getpeername(fd, (struct sockaddr *)&c->last_address, &n);
		last_set(c, to);
		c->is_last_new = true;
		c->was_better_reported = false;
		look_ask(c);
	}
	a->done(a->arg, REACH_CONNECTING, error, fd, to, why, now_ms);
}

/* Begins to connect to what is known. Returns 0 or -ENOMEM. */
static int attempt_begin(struct reach_connector_attempt *a)
{
	struct reach_connector *c = a->connector;
	size_t n;
	struct find_instance **all = instances_ordered(c, &n);
	int ret;

	if (all == NULL)
		return -ENOMEM;
	ret = reach_new(&a->reach, c->events, c->memory, all, n, &a->options, on_reached, on_failed,
			a);
	free(all);
	a->version = c->version;
	if (ret == 0)
		resolve_timer_clear(&c->events->timers, &a->timer);
	return ret;
}

/* Returns why an attempt has to end without instances; 0: it need not. */
static int attempt_error(const struct reach_connector_attempt *a, uint64_t now_ms)
{
	const struct reach_connector *c = a->connector;

	if (c == NULL)
		return -ECANCELED;
	if (find_watch_is_current(c->watch))
		return -ENOENT;
	if (now_ms < a->options.deadline_ms)
		return 0;
	return c->is_lost ? -EHOSTUNREACH : -ETIMEDOUT;
}

static const char *why_of(int error)
{
	switch (error) {
	case -ENOENT:
		return "there are no instances";
	case -EHOSTUNREACH:
		return "no registry answers";
	case -ETIMEDOUT:
		return "the instances are not known yet";
	case -ECANCELED:
		return "the connector was freed";
	default:
		return "";
	}
}

static void on_attempt_due(void *arg, uint64_t now_ms)
{
	struct reach_connector_attempt *a = arg;
	int error;

	if (a->connector != NULL && instances_are_known(a->connector))
		error = attempt_begin(a);
	else
		error = attempt_error(a, now_ms);
	if (a->reach != NULL)
		return;
	if (error == 0) {
		resolve_timer_set(&a->events->timers, &a->timer, a->options.deadline_ms);
		return;
	}
	attempt_unlink(a);
	a->done(a->arg, REACH_FINDING, error, -1, NULL, why_of(error), now_ms);
}

static void attempts_wake(struct reach_connector *c)
{
	for (struct reach_connector_attempt *a = c->attempts; a != NULL; a = a->next)
		if (a->reach == NULL)
			resolve_timer_set(&c->events->timers, &a->timer, 0);
}

int reach_connector_connect(struct reach_connector_attempt **out, struct reach_connector *c,
			    const struct reach_options *options, reach_connect_fn done,
			    reach_failed_fn failed, void *arg)
{
	struct reach_connector_attempt *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return -ENOMEM;
	*a = (struct reach_connector_attempt){
		.connector = c,
		.events = c->events,
		.options = *options,
		.done = done,
		.on_failed = failed,
		.arg = arg,
		.timer = {.on_due = on_attempt_due, .arg = a},
		.next = c->attempts,
		.link = &c->attempts,
	};
	if (a->next != NULL)
		a->next->link = &a->next;
	c->attempts = a;
	resolve_timer_set(&c->events->timers, &a->timer, 0);
	*out = a;
	return 0;
}

void reach_connector_attempt_free(struct reach_connector_attempt *a)
{
	if (a == NULL)
		return;
	attempt_unlink(a);
	resolve_timer_clear(&a->events->timers, &a->timer);
	reach_free(a->reach);
	free(a);
}

/* ---- what the watch reports ---- */

/* Returns whether the connection to the last instance, as it was, is one to `now`. */
static bool last_is_at(const struct reach_connector *c, const struct find_instance *now)
{
	if (c->last->port != now->port || c->last->incarnation != now->incarnation ||
	    !dns_name_equal(c->last->target, now->target))
		return false;
	for (size_t k = 0; k < now->naddresses; k++)
		if (base_address_equal((const struct sockaddr *)&c->last_address,
				       (const struct sockaddr *)&now->addresses[k]))
			return true;
	/* Addresses that are not known are not known to be others. */
	return now->naddresses == 0;
}

static bool state_is_to_leave(enum dnssd_state state)
{
	return state == DNSSD_DRAINING || state == DNSSD_FAILED;
}

/* Takes what has happened to the last instance. Reports it, if need be, as the last thing. */
static void last_changed(struct reach_connector *c, enum find_watch_event event,
			 const struct find_instance *now)
{
	bool is_there = last_is_at(c, now);
	bool was_left = state_is_to_leave(c->last->state), is_left = state_is_to_leave(now->state);

	if (event == FIND_WATCH_REMOVED) {
		const struct find_instance *to = instance_to_go_to(c);

		last_set(c, NULL);
		event_report(c, REACH_CONNECTOR_GONE, to);
		return;
	}
	last_set(c, now);
	look_ask(c);
	if (is_left && !was_left) {
		event_report(c, REACH_CONNECTOR_DRAINING, instance_to_go_to(c));
		return;
	}
	if (is_there && event != FIND_WATCH_MOVED)
		return;
	if (now->naddresses > 0) /* or the next change would be reported as this one */
		c->last_address = now->addresses[0];
	event_report(c, REACH_CONNECTOR_MOVED, now);
}

/* Reports a better instance than that of the last connection, or sets the time at which to look
 * again. */
static void better_look(struct reach_connector *c, uint64_t now_ms)
{
	const struct find_instance *best = NULL;
	uint64_t again_ms = UINT64_MAX;
	size_t n;
	struct find_instance *const *all = find_watch_instances(c->watch, &n);

	for (size_t k = 0; k < n; k++) {
		uint64_t until_ms = reach_memory_bad_until(c->memory, all[k]);

		if (all[k]->state != DNSSD_UP || all[k]->priority >= c->last->priority)
			continue;
		if (now_ms < until_ms)
			again_ms = until_ms < again_ms ? until_ms : again_ms;
		else if (best == NULL || all[k]->priority < best->priority)
			best = all[k];
	}
	if (best != NULL) {
		c->was_better_reported = true;
		event_report(c, REACH_CONNECTOR_BETTER, best);
	} else if (again_ms != UINT64_MAX) {
		resolve_timer_set(&c->events->timers, &c->look, again_ms);
	}
}

/* What happened to the instance while it was being connected to was not about the last one then. */
static bool last_is_new_and_changed(struct reach_connector *c)
{
	size_t n, k = 0;
	struct find_instance *const *all = find_watch_instances(c->watch, &n);

	if (!c->is_last_new)
		return false;
	c->is_last_new = false;
	while (k < n && !is_last(c, all[k]))
		k++;
	if (k < n && all[k] != c->last)
		last_changed(c, FIND_WATCH_CHANGED, all[k]);
	else if (k == n && find_watch_is_current(c->watch))
		last_changed(c, FIND_WATCH_REMOVED, c->last);
	else
		return false;
	return true;
}

static void on_look_due(void *arg, uint64_t now_ms)
{
	struct reach_connector *c = arg;

	if (!last_is_new_and_changed(c) && !c->was_better_reported)
		better_look(c, now_ms);
}

static void on_watch(void *arg, enum find_watch_event event, const struct find_instance *now,
		     const struct find_instance *before)
{
	struct reach_connector *c = arg;
	bool was_ready = c->has_instances;
	size_t n;

	find_watch_instances(c->watch, &n);
	c->version += now != NULL;
	c->is_known = c->is_known || event == FIND_WATCH_CURRENT || event == FIND_WATCH_LOST;
	c->is_lost = event == FIND_WATCH_LOST || (c->is_lost && event != FIND_WATCH_CURRENT);
	c->has_instances = c->is_known && n > 0;
	attempts_wake(c);
	if (is_last(c, before != NULL ? before : now)) {
		last_changed(c, event, now);
		return;
	}
	look_ask(c);
	if (c->has_instances && !was_ready)
		event_report(c, REACH_CONNECTOR_READY, instance_to_go_to(c));
}

int reach_connector_new(struct reach_connector **out, struct resolve_events *events,
			struct find_follower *f, struct reach_memory *memory,
			const struct find_name *name, reach_connector_fn on_event, void *arg)
{
	struct reach_connector *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return -ENOMEM;
	*c = (struct reach_connector){.events = events,
				      .memory = memory,
				      .on_event = on_event,
				      .arg = arg,
				      .look = {.on_due = on_look_due, .arg = c}};
	if (find_watch_new(&c->watch, f, name, on_watch, c) != 0) {
		free(c);
		return -ENOMEM;
	}
	*out = c;
	return 0;
}

void reach_connector_free(struct reach_connector *c)
{
	if (c == NULL)
		return;
	attempts_wake(c);
	while (c->attempts != NULL)
		attempt_unlink(c->attempts);
	resolve_timer_clear(&c->events->timers, &c->look);
	find_watch_free(c->watch);
	find_instance_release(c->last);
	free(c->key);
	free(c);
}

int reach_connector_set_key(struct reach_connector *c, const void *key, size_t nbytes)
{
	void *copy = NULL;

	if (key != NULL) {
		copy = malloc(nbytes + 1);
		if (copy == NULL)
			return -ENOMEM;
		memcpy(copy, key, nbytes);
	}
	free(c->key);
	c->key = copy;
	c->nkey = nbytes;
	return 0;
}
