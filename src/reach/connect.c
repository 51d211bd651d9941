/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "reach/connect.h"

#include <errno.h>
#include <stdlib.h>

#include "reach/chase.h"

struct reach_connect {
	struct find_lookup *lookup; /* NULL: the name was found */
	struct reach_chase *chase;
	reach_connect_fn done;
	reach_failed_fn on_failed;
	void *arg;
};

static void on_failed(void *arg, const struct find_instance *i, int error)
{
	struct reach_connect *c = arg;

	if (c->on_failed != NULL)
		c->on_failed(c->arg, i, error);
}

static void on_chased(void *arg, int error, int fd, const struct find_instance *to, const char *why,
		      uint64_t now_ms)
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
	error = reach_chase_add(c->chase, set->all, set->n, now_ms);
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
	const struct reach_chase_options chase = {.events = events,
						  .find = f,
						  .memory = memory,
						  .name = name,
						  .socket = options->socket,
						  .key = options->key,
						  .nkey = options->nkey};
	struct reach_connect *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return -ENOMEM;
	c->done = done;
	c->on_failed = failed;
	c->arg = arg;
	if (reach_chase_new(&c->chase, &chase, on_chased, on_failed, c) != 0 ||
	    find_lookup_new(&c->lookup, f, name, options->socket.deadline_ms, on_found, c) != 0) {
		reach_connect_free(c);
		return -ENOMEM;
	}
	*out = c;
	return 0;
}

void reach_connect_free(struct reach_connect *c)
{
	if (c == NULL)
		return;
	find_lookup_free(c->lookup);
	reach_chase_free(c->chase);
	free(c);
}
