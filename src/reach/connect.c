/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* If all that was found has failed, it may be what the cache had: the service is looked up once
 * more, at the registry, and what has changed is tried. */
#include "reach/connect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reach_connect {
	struct resolve_events *events;
	struct find *find;
	struct reach_memory *memory;
	struct find_name name;
	struct reach_connect_options options; /* the key is this struct's */
	reach_connect_fn done;
	reach_failed_fn on_failed;
	void *arg;
	struct find_lookup *lookup; /* one of the two */
	struct reach *reach;
	/* After all have failed, while they are looked up anew: what has failed, and why. */
	struct find_instance **failed;
	size_t nfailed;
	int error;
	char why[REACH_WHY_MAX];
};

static void connect_end(struct reach_connect *c, enum reach_stage stage, int error, const char *why,
			uint64_t now_ms)
{
	c->done(c->arg, stage, error, -1, NULL, why, now_ms);
}

/* ---- what was found ---- */

static bool has_failed(const struct reach_connect *c, const struct find_instance *i)
{
	for (size_t k = 0; k < c->nfailed; k++)
		if (dns_name_equal(c->failed[k]->name, i->name) &&
		    dns_name_equal(c->failed[k]->target, i->target) &&
		    c->failed[k]->incarnation == i->incarnation &&
		    (find_instance_compare(c->failed[k], i) &
		     (FIND_DIFFERS_SRV | FIND_DIFFERS_ADDRESSES)) == 0)
			return true;
	return false;
}

/* Moves those that have not failed to the front. Returns their number. */
static size_t news_of(const struct reach_connect *c, struct find_set *set)
{
	size_t n = 0;

	for (size_t k = 0; k < set->n; k++) {
		struct find_instance *i = set->all[k];

		if (has_failed(c, i))
			continue;
		set->all[k] = set->all[n];
		set->all[n++] = i;
	}
	return n;
}

static void failed_release(struct reach_connect *c)
{
	for (size_t k = 0; k < c->nfailed; k++)
		find_instance_release(c->failed[k]);
	free(c->failed);
	c->failed = NULL;
	c->nfailed = 0;
}

/* Remembers what is tried. Without memory for that nothing is looked up anew. */
static void failed_set(struct reach_connect *c, const struct find_set *set)
{
	c->failed = malloc((set->n + 1) * sizeof(struct find_instance *));
	for (; c->failed != NULL && c->nfailed < set->n; c->nfailed++)
		c->failed[c->nfailed] = find_instance_acquire(set->all[c->nfailed]);
}

/* ---- connecting ---- */

static void on_failed(void *arg, const struct find_instance *i, int error)
{
	struct reach_connect *c = arg;

	if (c->on_failed != NULL)
		c->on_failed(c->arg, i, error);
}

/* Looks the name up anew, once. Returns whether that has begun. */
static bool lookup_anew(struct reach_connect *c, int error, const char *why, find_lookup_fn found,
			uint64_t now_ms)
{
	if (error != -EHOSTUNREACH || c->failed == NULL || c->error != 0 ||
	    now_ms >= c->options.socket.deadline_ms)
		return false;
	if (find_lookup_new(&c->lookup, c->find, &c->name, c->options.socket.deadline_ms, found,
			    c) != 0)
		return false;
	find_lookup_want_anew(c->lookup);
	c->error = error;
	snprintf(c->why, sizeof(c->why), "%s", why);
	reach_free(c->reach);
	c->reach = NULL;
	return true;
}

static void on_found(void *arg, int error, const char *why, struct find_set *set, uint64_t now_ms);

static void on_reached(void *arg, int error, int fd, const struct find_instance *to,
		       const char *why, uint64_t now_ms)
{
	struct reach_connect *c = arg;

	if (!lookup_anew(c, error, why, on_found, now_ms))
		c->done(c->arg, REACH_CONNECTING, error, fd, to, why, now_ms);
}

static void on_found(void *arg, int error, const char *why, struct find_set *set, uint64_t now_ms)
{
	struct reach_connect *c = arg;
	bool is_anew = c->error != 0;
	size_t n = error == 0 ? news_of(c, set) : 0;

	if (is_anew && n == 0) {
		connect_end(c, REACH_CONNECTING, c->error, c->why, now_ms);
		return;
	}
	if (error != 0) {
		connect_end(c, REACH_FINDING, error, why, now_ms);
		return;
	}
	if (!is_anew)
		failed_set(c, set);
	if (c->options.key != NULL)
		find_order_sticky(set->all, n, c->options.key, c->options.nkey);
	error = reach_new(&c->reach, c->events, c->memory, set->all, n, &c->options.socket,
			  on_reached, on_failed, c);
	if (error != 0) {
		connect_end(c, REACH_CONNECTING, error, "", now_ms);
		return;
	}
	find_lookup_free(c->lookup);
	c->lookup = NULL;
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
				    .name = *name,
				    .memory = memory,
				    .options.socket = options->socket,
				    .done = done,
				    .on_failed = failed,
				    .arg = arg};
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
	find_lookup_free(c->lookup);
	reach_free(c->reach);
	failed_release(c);
	free((void *)c->options.key);
	free(c);
}
