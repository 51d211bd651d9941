/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "reach/connect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reach_connect {
	struct resolve_events *events;
	struct reach_memory *memory;
	struct reach_connect_options options; /* the key is this struct's */
	reach_connect_fn done;
	reach_failed_fn on_failed;
	void *arg;
	struct find_lookup *lookup; /* one of the two */
	struct reach *reach;
};

static void on_failed(void *arg, const struct find_instance *i, int error)
{
	struct reach_connect *c = arg;

	if (c->on_failed != NULL)
		c->on_failed(c->arg, i, error);
}

static void on_reached(void *arg, int error, int fd, const struct find_instance *to,
		       const char *why, uint64_t now_ms)
{
	struct reach_connect *c = arg;

	c->done(c->arg, REACH_CONNECTING, error, fd, to, why, now_ms);
}

static void on_found(void *arg, int error, const char *why, struct find_set *set, uint64_t now_ms)
{
	struct reach_connect *c = arg;

	if (error != 0) {
		c->done(c->arg, REACH_FINDING, error, -1, NULL, why, now_ms);
		return;
	}
	if (c->options.key != NULL)
		find_order_sticky(set->all, set->n, c->options.key, c->options.nkey);
	error = reach_new(&c->reach, c->events, c->memory, set->all, set->n, &c->options.socket,
			  on_reached, on_failed, c);
	if (error != 0) {
		c->done(c->arg, REACH_CONNECTING, error, -1, NULL, "", now_ms);
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
	free((void *)c->options.key);
	free(c);
}
