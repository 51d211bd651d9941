/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "reach/connector_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"

enum { PROBE_MS = 2000 };

/* ---- instances ---- */

static void order(const struct reach_connector *c, struct find_instance **all, size_t n)
{
	if (c->key != NULL)
		find_order_sticky(all, n, c->key, c->nkey);
	else
		find_order(all, n);
}

/* Returns the instances in the order in which to try them, each one borrowed; to be freed. Returns
 * NULL if memory is short. */
static struct find_instance **instances_ordered(const struct reach_connector *c, size_t *n)
{
	struct find_instance *const *known = follow_watch_instances(c->watch, n);
	struct find_instance **all = malloc((*n + 1) * sizeof(struct find_instance *));

	if (all == NULL)
		return NULL;
	if (*n > 0)
		memcpy(all, known, *n * sizeof(struct find_instance *));
	order(c, all, *n);
	return all;
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

static void on_connected(struct reach_connector *c, int fd, const struct find_instance *to,
			 bool is_datagram)
{
	socklen_t n = sizeof(c->last_address);

	c->last_address = (struct sockaddr_storage){0};
	(void)getpeername(fd, (struct sockaddr *)&c->last_address, &n);
	last_set(c, to);
	c->last_is_datagram = is_datagram;
	c->is_last_new = true;
	c->was_better_reported = false;
	look_ask(c);
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
	return state == DNSSD_DRAINING || state == DNSSD_FAILED || state == DNSSD_STOPPED;
}

/* Takes what has happened to the last instance. Reports it, if need be, as the last thing. */
static void last_changed(struct reach_connector *c, enum follow_watch_event event,
			 const struct find_instance *now)
{
	bool is_there = last_is_at(c, now);
	bool was_left = state_is_to_leave(c->last->state), is_left = state_is_to_leave(now->state);

	if (event == FOLLOW_WATCH_REMOVED) {
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
	if (is_there && event != FOLLOW_WATCH_MOVED)
		return;
	if (now->naddresses > 0) /* or the next change would be reported as this one */
		c->last_address = now->addresses[0];
	event_report(c, REACH_CONNECTOR_MOVED, now);
}

/* ---- what is better ---- */

static bool is_better(const struct reach_connector *c, const struct find_instance *i)
{
	return i->state == DNSSD_UP && i->priority < c->last->priority;
}

/* Returns the instances that are better and have not failed lately, each one borrowed, in the
 * order in which to try them; to be freed. `again_ms` is when there may be more. Returns NULL if
 * memory is short. */
static struct find_instance **better_ones(const struct reach_connector *c, size_t *n,
					  uint64_t *again_ms, uint64_t now_ms)
{
	size_t nall;
	struct find_instance *const *all = follow_watch_instances(c->watch, &nall);
	struct find_instance **better = malloc((nall + 1) * sizeof(struct find_instance *));

	*n = 0;
	for (size_t k = 0; better != NULL && k < nall; k++) {
		uint64_t until_ms;

		if (!is_better(c, all[k]))
			continue;
		until_ms = reach_memory_bad_until(c->memory, all[k]);
		if (now_ms >= until_ms)
			better[(*n)++] = all[k];
		else if (until_ms < *again_ms)
			*again_ms = until_ms;
	}
	if (better != NULL)
		order(c, better, *n);
	return better;
}

static void better_report(struct reach_connector *c, const struct find_instance *i)
{
	c->was_better_reported = true;
	event_report(c, REACH_CONNECTOR_BETTER, i);
}

/* Returns whether the watch still has the instance as it was. */
static bool is_there(const struct reach_connector *c, const struct find_instance *i)
{
	size_t n, k = 0;
	struct find_instance *const *all = follow_watch_instances(c->watch, &n);

	while (k < n && all[k] != i)
		k++;
	return k < n;
}

static void on_probed(void *arg, int error, int fd, const struct find_instance *to, const char *why,
		      uint64_t now_ms)
{
	struct reach_connector *c = arg;

	(void)why;
	reach_free(c->probe);
	c->probe = NULL;
	if (fd >= 0)
		close(fd);
	if (c->last == NULL || c->was_better_reported)
		return;
	if (error == 0 && is_there(c, to) && is_better(c, to))
		better_report(c, to);
	else /* not every failure is remembered */
		resolve_timer_set(&c->events->timers, &c->look, now_ms + REACH_MEMORY_LEAST_MS);
}

/* Connects to the better instances, since they would be reported for nothing again and again if
 * none of them works; or sets the time at which to look again. Datagrams prove nothing. */
static void better_look(struct reach_connector *c, uint64_t now_ms)
{
	const struct reach_options options = {.deadline_ms = now_ms + PROBE_MS};
	uint64_t again_ms = UINT64_MAX;
	size_t n;
	struct find_instance **all, *best = NULL;

	if (c->probe != NULL)
		return;
	all = better_ones(c, &n, &again_ms, now_ms);
	if (n > 0 && c->last_is_datagram)
		best = all[0];
	else if (all == NULL || (n > 0 && reach_new(&c->probe, c->events, c->memory, all, n,
						    &options, on_probed, NULL, c) < 0))
		again_ms = now_ms + REACH_MEMORY_LEAST_MS;
	free(all);
	if (best != NULL)
		better_report(c, best);
	else if (c->probe == NULL && again_ms != UINT64_MAX)
		resolve_timer_set(&c->events->timers, &c->look, again_ms);
}

/* What happened to the instance while it was being connected to was not about the last one then. */
static bool last_is_new_and_changed(struct reach_connector *c)
{
	size_t n, k = 0;
	struct find_instance *const *all = follow_watch_instances(c->watch, &n);

	if (!c->is_last_new)
		return false;
	c->is_last_new = false;
	while (k < n && !is_last(c, all[k]))
		k++;
	if (k < n && all[k] != c->last)
		last_changed(c, FOLLOW_WATCH_CHANGED, all[k]);
	else if (k == n && follow_watch_is_current(c->watch))
		last_changed(c, FOLLOW_WATCH_REMOVED, c->last);
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

static void on_watch(void *arg, enum follow_watch_event event, const struct find_instance *now,
		     const struct find_instance *before)
{
	struct reach_connector *c = arg;
	bool was_ready = c->has_instances;
	size_t n;

	follow_watch_instances(c->watch, &n);
	c->version += now != NULL;
	c->is_known = c->is_known || event == FOLLOW_WATCH_CURRENT || event == FOLLOW_WATCH_LOST;
	c->is_lost = event == FOLLOW_WATCH_LOST || (c->is_lost && event != FOLLOW_WATCH_CURRENT);
	c->has_instances = c->is_known && n > 0;
	reach_connector_attempts_wake(c);
	if (is_last(c, before != NULL ? before : now)) {
		last_changed(c, event, now);
		return;
	}
	look_ask(c);
	if (c->has_instances && !was_ready)
		event_report(c, REACH_CONNECTOR_READY, instance_to_go_to(c));
}

int reach_connector_new(struct reach_connector **out, struct resolve_events *events, struct find *f,
			struct follow *follower, struct reach_memory *memory,
			const struct find_name *name, reach_connector_fn on_event, void *arg)
{
	struct reach_connector *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return -ENOMEM;
	*c = (struct reach_connector){.events = events,
				      .find = f,
				      .memory = memory,
				      .name = *name,
				      .on_event = on_event,
				      .on_connected = on_connected,
				      .arg = arg,
				      .look = {.on_due = on_look_due, .arg = c}};
	if (follow_watch_new(&c->watch, follower, name, on_watch, c) != 0) {
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
	reach_connector_attempts_leave(c);
	reach_free(c->probe);
	resolve_timer_clear(&c->events->timers, &c->look);
	follow_watch_free(c->watch);
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
