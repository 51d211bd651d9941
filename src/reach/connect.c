/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* 1. The name is looked up, and what was found is connected to.
 * 2. If that fails, or takes long, what was found may be what the cache had from before the
 *    service moved: the name is looked up once more, at the registry.
 * 3. What has changed is connected to, beside the first ones if they are still silent. */
#include "reach/connect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANEW_AFTER_MS = 400 }; /* that the first ones may take */

/* One of two: what was found first, and what was found anew. */
struct leg {
	struct reach_connect *connect;
	struct reach *reach; /* NULL: has ended, or was not begun */
};

struct reach_connect {
	struct resolve_events *events;
	struct find *find;
	struct reach_memory *memory;
	struct find_name name;
	struct reach_connect_options options; /* the key is this struct's */
	reach_connect_fn done;
	reach_failed_fn on_failed;
	void *arg;
	struct find_lookup *lookup; /* NULL: nothing is looked up now */
	struct leg first, anew;
	struct resolve_timer timer; /* when to look up anew */
	/* What was found first, to recognize what is new; NULL if memory is short. */
	struct find_instance **known;
	size_t nknown;
	int error; /* of a leg that has failed, and why */
	char why[REACH_WHY_MAX];
};

/* ---- what was found ---- */

static bool is_known(const struct reach_connect *c, const struct find_instance *i)
{
	for (size_t k = 0; k < c->nknown; k++)
		if (dns_name_equal(c->known[k]->name, i->name) &&
		    dns_name_equal(c->known[k]->target, i->target) &&
		    c->known[k]->incarnation == i->incarnation &&
		    (find_instance_compare(c->known[k], i) &
		     (FIND_DIFFERS_SRV | FIND_DIFFERS_ADDRESSES)) == 0)
			return true;
	return false;
}

/* Moves those that were not known to the front. Returns their number. */
static size_t news_of(const struct reach_connect *c, struct find_set *set)
{
	size_t n = 0;

	for (size_t k = 0; k < set->n; k++) {
		struct find_instance *i = set->all[k];

		if (is_known(c, i))
			continue;
		set->all[k] = set->all[n];
		set->all[n++] = i;
	}
	return n;
}

static void known_set(struct reach_connect *c, const struct find_set *set)
{
	c->known = malloc((set->n + 1) * sizeof(struct find_instance *));
	for (; c->known != NULL && c->nknown < set->n; c->nknown++)
		c->known[c->nknown] = find_instance_acquire(set->all[c->nknown]);
}

/* ---- connecting ---- */

static void on_failed(void *arg, const struct find_instance *i, int error)
{
	struct leg *leg = arg;
	struct reach_connect *c = leg->connect;

	if (c->on_failed != NULL)
		c->on_failed(c->arg, i, error);
}

/* Ends with the error of what has failed, unless something goes on. */
static void connect_end(struct reach_connect *c, uint64_t now_ms)
{
	char why[REACH_WHY_MAX];

	if (c->lookup != NULL || c->first.reach != NULL || c->anew.reach != NULL)
		return;
	resolve_timer_clear(&c->events->timers, &c->timer);
	strcpy(why, c->why);
	c->done(c->arg, REACH_CONNECTING, c->error, -1, NULL, why, now_ms);
}

static void error_add(struct reach_connect *c, int error, const char *why)
{
	size_t n = strlen(c->why);

	/* A host that does not answer may yet do so: that is reported rather than a refusal. */
	if (c->error == 0 || error != -EHOSTUNREACH)
		c->error = error;
	snprintf(c->why + n, sizeof(c->why) - n, "%s%s", n > 0 && why[0] != '\0' ? "; " : "", why);
}

static void lookup_end(struct reach_connect *c)
{
	find_lookup_free(c->lookup);
	c->lookup = NULL;
}

static void on_reached(void *arg, int error, int fd, const struct find_instance *to,
		       const char *why, uint64_t now_ms)
{
	struct leg *leg = arg;
	struct reach_connect *c = leg->connect;

	reach_free(leg->reach);
	leg->reach = NULL;
	if (error != 0) {
		error_add(c, error, why);
		if (error == -EHOSTUNREACH && resolve_timer_is_set(&c->timer))
			resolve_timer_set(&c->events->timers, &c->timer, 0);
		else
			connect_end(c, now_ms);
		return;
	}
	resolve_timer_clear(&c->events->timers, &c->timer);
	lookup_end(c);
	reach_free(leg == &c->first ? c->anew.reach : c->first.reach);
	c->first.reach = c->anew.reach = NULL;
	c->done(c->arg, REACH_CONNECTING, 0, fd, to, why, now_ms);
}

static int leg_begin(struct leg *leg, struct find_set *set, size_t n)
{
	struct reach_connect *c = leg->connect;

	if (c->options.key != NULL)
		find_order_sticky(set->all, n, c->options.key, c->options.nkey);
	return reach_new(&leg->reach, c->events, c->memory, set->all, n, &c->options.socket,
			 on_reached, on_failed, leg);
}

/* ---- looking up ---- */

static void on_found(void *arg, int error, const char *why, struct find_set *set, uint64_t now_ms)
{
	struct reach_connect *c = arg;

	if (error != 0) {
		c->done(c->arg, REACH_FINDING, error, -1, NULL, why, now_ms);
		return;
	}
	lookup_end(c);
	error = leg_begin(&c->first, set, set->n);
	if (error != 0) {
		c->done(c->arg, REACH_CONNECTING, error, -1, NULL, "", now_ms);
		return;
	}
	known_set(c, set);
	if (c->known != NULL)
		resolve_timer_set(&c->events->timers, &c->timer, now_ms + ANEW_AFTER_MS);
}

static void on_found_anew(void *arg, int error, const char *why, struct find_set *set,
			  uint64_t now_ms)
{
	struct reach_connect *c = arg;
	size_t n = error == 0 ? news_of(c, set) : 0;

	(void)why;
	lookup_end(c);
	error = n > 0 ? leg_begin(&c->anew, set, n) : 0;
	if (error != 0)
		error_add(c, error, "");
	connect_end(c, now_ms);
}

static void on_due(void *arg, uint64_t now_ms)
{
	struct reach_connect *c = arg;

	if (now_ms < c->options.socket.deadline_ms &&
	    find_lookup_new(&c->lookup, c->find, &c->name, c->options.socket.deadline_ms,
			    on_found_anew, c) == 0)
		find_lookup_want_anew(c->lookup);
	else
		connect_end(c, now_ms);
}

int reach_connect_new(struct reach_connect **out, struct resolve_events *events, struct find *f,
		      struct reach_memory *memory, const struct find_name *name,
		      const struct reach_connect_options *options, reach_connect_fn done,
		      reach_failed_fn failed, void *arg)
{
	struct reach_connect *c = calloc(1, sizeof(*c));
	void *key;

	if (c == NULL)
		return -ENOMEM;
	*c = (struct reach_connect){.events = events,
				    .find = f,
				    .memory = memory,
				    .name = *name,
				    .options.socket = options->socket,
				    .done = done,
				    .on_failed = failed,
				    .arg = arg,
				    .first.connect = c,
				    .anew.connect = c,
				    .timer = {.on_due = on_due, .arg = c}};
	if (options->key != NULL) {
		key = malloc(options->nkey + 1);
		if (key == NULL)
			goto undo;
		memcpy(key, options->key, options->nkey);
		c->options.key = key;
		c->options.nkey = options->nkey;
	}
	if (find_lookup_new(&c->lookup, f, name, options->socket.deadline_ms, on_found, c) != 0)
		goto undo;
	*out = c;
	return 0;
undo:
	reach_connect_free(c);
	return -ENOMEM;
}

void reach_connect_free(struct reach_connect *c)
{
	if (c == NULL)
		return;
	resolve_timer_clear(&c->events->timers, &c->timer);
	find_lookup_free(c->lookup);
	reach_free(c->first.reach);
	reach_free(c->anew.reach);
	for (size_t k = 0; k < c->nknown; k++)
		find_instance_release(c->known[k]);
	free(c->known);
	free((void *)c->options.key);
	free(c);
}
