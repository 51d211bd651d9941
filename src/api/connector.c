/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "reach/connector.h"

#include <stdlib.h>
#include <string.h>

#include "api/connect.h"
#include "api/error.h"
#include "api/instance.h"
#include "api/load.h"
#include "api/wait.h"
#include "find/name.h"

struct weft_connector {
	struct api_object object;
	struct reach_connector *connector;
	weft_connector_fn fn; /* or NULL */
	void *arg;
};

static void connector_end(struct api_object *object)
{
	struct weft_connector *c = (struct weft_connector *)object;

	api_context_remove(object);
	reach_connector_free(c->connector);
	free(c);
}

static void on_event(void *arg, enum reach_connector_event event, const struct find_instance *i)
{
	static const enum weft_connector_event events[] = {
		[REACH_CONNECTOR_READY] = WEFT_CONNECTOR_READY,
		[REACH_CONNECTOR_MOVED] = WEFT_CONNECTOR_MOVED,
		[REACH_CONNECTOR_DRAINING] = WEFT_CONNECTOR_DRAINING,
		[REACH_CONNECTOR_GONE] = WEFT_CONNECTOR_GONE,
		[REACH_CONNECTOR_BETTER] = WEFT_CONNECTOR_BETTER,
	};
	struct weft_connector *c = arg;

	if (c->fn != NULL)
		c->fn(c->arg, events[event], api_instance_out(i));
}

const char *weft_connector_event_name(enum weft_connector_event event)
{
	static const char *const names[] = {
		[WEFT_CONNECTOR_READY] = "ready",	[WEFT_CONNECTOR_MOVED] = "moved",
		[WEFT_CONNECTOR_DRAINING] = "draining", [WEFT_CONNECTOR_GONE] = "gone",
		[WEFT_CONNECTOR_BETTER] = "better",
	};

	if ((unsigned)event >= sizeof(names) / sizeof(*names) || names[event] == NULL)
		return "";
	return names[event];
}

int weft_connector_new(struct weft *w, const char *name, weft_connector_fn fn, void *arg,
		       struct weft_connector **out)
{
	struct weft_connector *c;
	struct find_name parsed;
	int ret = api_load_follower(w);

	if (ret == WEFT_OK)
		ret = api_load_find(w);
	if (ret == WEFT_OK)
		ret = api_load_memory(w);
	if (ret == WEFT_OK)
		ret = api_load_name(w, &parsed, name);
	if (ret != WEFT_OK)
		return ret;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return api_context_fail(w, WEFT_E_MEMORY, "out of memory");
	c->object.end = connector_end;
	c->fn = fn;
	c->arg = arg;
	ret = reach_connector_new(&c->connector, &w->events, w->find, w->follower, w->memory,
				  &parsed, on_event, c);
	if (ret < 0) {
		free(c);
		return api_context_fail(w, api_error_from_errno(ret), "%s", strerror(-ret));
	}
	api_context_add(w, &c->object);
	*out = c;
	return WEFT_OK;
}

void weft_connector_free(struct weft_connector *c)
{
	if (c != NULL)
		connector_end(&c->object);
}

int weft_connector_set_sticky(struct weft_connector *c, const void *key, size_t nbytes)
{
	int ret = reach_connector_set_key(c->connector, key, nbytes);

	if (ret == 0)
		return WEFT_OK;
	return api_context_fail(c->object.context, api_error_from_errno(ret), "%s", strerror(-ret));
}

static int begin_attempt(struct weft_connect *attempt, const struct reach_options *options,
			 const void *what)
{
	const struct weft_connector *c = what;

	return reach_connector_connect(&attempt->attempt, c->connector, options, api_connect_done,
				       api_connect_failed, attempt);
}

int weft_connector_start(struct weft_connector *c, unsigned flags, int timeout_ms,
			 weft_connect_fn fn, void *arg, struct weft_connect **out)
{
	const struct api_connect_begin begin = {begin_attempt, c, flags, timeout_ms};

	return api_connect_start(c->object.context, &begin, fn, arg, out);
}

int weft_connector_connect(struct weft_connector *c, unsigned flags, int timeout_ms, int *fd,
			   struct weft_instance **to)
{
	const struct api_connect_begin begin = {begin_attempt, c, flags, timeout_ms};
	struct weft *w = c->object.context;
	int ret = api_wait_check(w);

	return ret == WEFT_OK ? api_connect_wait(w, &begin, fd, to) : ret;
}
