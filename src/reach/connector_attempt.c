/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* 1. An attempt waits until instances are known, or it is known that there are none.
 * 2. What is known is connected to, and with each change what is new, beside what is silent.
 * 3. When all has failed and nothing has changed, that is the end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "reach/chase.h"
#include "reach/connector_priv.h"

struct reach_connector_attempt {
	struct reach_connector *connector; /* NULL: was freed */
	struct resolve_events *events;
	struct reach_options options;
	reach_connect_fn done;
	reach_failed_fn on_failed;
	void *arg;
	struct reach_chase *chase; /* NULL: waits for instances */
	unsigned version;	   /* of what was given to it; 0: nothing */
	int error;		   /* of the chase, and why, while changes are looked at */
	char why[REACH_WHY_MAX];
	struct resolve_timer timer; /* when to look at the instances */
	struct reach_connector_attempt *next, **link;
};

static void attempt_unlink(struct reach_connector_attempt *a)
{
	if (a->connector == NULL)
		return;
	*a->link = a->next;
	if (a->next != NULL)
		a->next->link = a->link;
	a->connector = NULL;
}

static void attempt_wake(struct reach_connector_attempt *a)
{
	resolve_timer_set(&a->events->timers, &a->timer, 0);
}

/* ---- the chase ---- */

static void on_failed(void *arg, const struct find_instance *i, int error)
{
	struct reach_connector_attempt *a = arg;

	if (a->on_failed != NULL)
		a->on_failed(a->arg, i, error);
}

static void on_chased(void *arg, int error, int fd, const struct find_instance *to, const char *why,
		      uint64_t now_ms)
{
	struct reach_connector_attempt *a = arg;
	struct reach_connector *c = a->connector;

	if (c != NULL && error != 0 && a->version != c->version) {
		/* What was tried may be where the service was before it moved. */
		a->error = error;
		snprintf(a->why, sizeof(a->why), "%s", why);
		attempt_wake(a);
		return;
	}
	attempt_unlink(a);
	resolve_timer_clear(&a->events->timers, &a->timer);
	if (c != NULL && error == 0)
		c->on_connected(c, fd, to, a->options.is_datagram);
	a->done(a->arg, REACH_CONNECTING, error, fd, to, why, now_ms);
}

static int chase_begin(struct reach_connector_attempt *a)
{
	const struct reach_connector *c = a->connector;
	const struct reach_chase_options options = {
		.events = a->events,
		/* What is pushed is what a registry would answer. */
		.find = follow_watch_is_pushed(c->watch) ? NULL : c->find,
		.memory = c->memory,
		.name = &c->name,
		.socket = a->options,
		.key = c->key,
		.nkey = c->nkey,
	};

	return reach_chase_new(&a->chase, &options, on_chased, on_failed, a);
}

/* Connects to what is known, or only to what has changed. Returns 0 or -ENOMEM. */
static int instances_add(struct reach_connector_attempt *a, uint64_t now_ms)
{
	const struct reach_connector *c = a->connector;
	size_t n;
	struct find_instance *const *all = follow_watch_instances(c->watch, &n);
	int ret = 0;

	if (!c->is_known || n == 0 || a->version == c->version)
		return 0;
	if (a->chase == NULL)
		ret = chase_begin(a);
	if (ret == 0)
		ret = reach_chase_add(a->chase, all, n, now_ms);
	if (ret == 0)
		a->version = c->version;
	return ret;
}

/* ---- waiting ---- */

/* Returns why an attempt has to end without instances; 0: it need not. */
static int error_of(const struct reach_connector_attempt *a, uint64_t now_ms)
{
	const struct reach_connector *c = a->connector;

	if (c == NULL)
		return -ECANCELED;
	if (follow_watch_is_current(c->watch))
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

static void on_due(void *arg, uint64_t now_ms)
{
	struct reach_connector_attempt *a = arg;
	enum reach_stage stage = REACH_FINDING;
	int error = a->connector != NULL ? instances_add(a, now_ms) : 0;
	const char *why = "";

	if (a->chase != NULL && reach_chase_goes_on(a->chase))
		return;
	if (a->error != 0) {
		stage = REACH_CONNECTING;
		error = a->error;
		why = a->why;
	} else if (error == 0) {
		error = error_of(a, now_ms);
		why = why_of(error);
	}
	if (error == 0) {
		resolve_timer_set(&a->events->timers, &a->timer, a->options.deadline_ms);
		return;
	}
	attempt_unlink(a);
	a->done(a->arg, stage, error, -1, NULL, why, now_ms);
}

/* ---- attempts ---- */

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
		.timer = {.on_due = on_due, .arg = a},
		.next = c->attempts,
		.link = &c->attempts,
	};
	if (a->next != NULL)
		a->next->link = &a->next;
	c->attempts = a;
	attempt_wake(a);
	*out = a;
	return 0;
}

void reach_connector_attempt_free(struct reach_connector_attempt *a)
{
	if (a == NULL)
		return;
	attempt_unlink(a);
	resolve_timer_clear(&a->events->timers, &a->timer);
	reach_chase_free(a->chase);
	free(a);
}

void reach_connector_attempts_wake(struct reach_connector *c)
{
	for (struct reach_connector_attempt *a = c->attempts; a != NULL; a = a->next)
		attempt_wake(a);
}

void reach_connector_attempts_leave(struct reach_connector *c)
{
	reach_connector_attempts_wake(c);
	while (c->attempts != NULL)
		attempt_unlink(c->attempts);
}
