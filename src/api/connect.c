/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "api/connect.h"

#include <stdlib.h>
#include <string.h>

#include "api/error.h"
#include "api/instance.h"
#include "api/load.h"
#include "api/report.h"
#include "api/wait.h"
#include "find/name.h"
#include "reach/memory.h"

/* ---- an attempt ---- */

static void connect_end(struct api_object *object)
{
	struct weft_connect *c = (struct weft_connect *)object;

	api_context_remove(object);
	reach_connect_free(c->connect);
	reach_connector_attempt_free(c->attempt);
	free(c);
}

void api_connect_done(void *arg, enum reach_stage stage, int error, int fd,
		      const struct find_instance *to, const char *why, uint64_t now_ms)
{
	struct weft_connect *c = arg;
	const struct find_instance *kept = to != NULL ? find_instance_acquire(to) : NULL;
	weft_connect_fn fn = c->fn;
	void *fn_arg = c->arg;
	int code =
		stage == REACH_FINDING ? api_error_from_errno(error) : api_error_of_connect(error);

	(void)now_ms;
	if (code != WEFT_OK)
		api_context_fail(c->object.context, code, "%s", why);
	connect_end(&c->object);
	fn(fn_arg, code, fd, api_instance_out(kept));
	find_instance_release(kept);
}

void api_connect_failed(void *arg, const struct find_instance *i, int error)
{
	struct weft_connect *c = arg;

	api_report_failure(c->object.context, i, strerror(-error));
}

int api_connect_start(struct weft *w, const struct api_connect_begin *begin, weft_connect_fn fn,
		      void *arg, struct weft_connect **out)
{
	const struct reach_options options = {
		.is_datagram = (begin->flags & WEFT_CONNECT_DATAGRAM) != 0,
		.is_nonblocking = (begin->flags & WEFT_CONNECT_NONBLOCK) != 0,
		.deadline_ms = api_load_deadline(w, begin->timeout_ms, 2),
	};
	struct weft_connect *c;
	int ret;

	if ((begin->flags & ~(unsigned)(WEFT_CONNECT_DATAGRAM | WEFT_CONNECT_NONBLOCK)) != 0)
		return api_context_fail(w, WEFT_E_ARGUMENT, "0x%x: unknown flags", begin->flags);
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return api_context_fail(w, WEFT_E_MEMORY, "out of memory");
	c->object.end = connect_end;
	c->fn = fn;
	c->arg = arg;
	api_context_add(w, &c->object);
	ret = begin->begin(c, &options, begin->what);
	if (ret < 0) {
		connect_end(&c->object);
		return api_context_fail(w, api_error_from_errno(ret), "%s", strerror(-ret));
	}
	if (out != NULL)
		*out = c;
	return WEFT_OK;
}

void weft_connect_cancel(struct weft_connect *c)
{
	if (c != NULL)
		connect_end(&c->object);
}

/* ---- waiting for it ---- */

struct waiting {
	struct api_wait wait;
	struct weft *context;
	int fd;
	struct weft_instance *to;
};

static void on_waited(void *arg, int error, int fd, const struct weft_instance *to)
{
	struct waiting *waiting = arg;

	waiting->fd = fd;
	waiting->to = to != NULL ? weft_instance_copy(to) : NULL;
	api_wait_end(&waiting->wait, waiting->context, error);
}

int api_connect_wait(struct weft *w, const struct api_connect_begin *begin, int *fd,
		     struct weft_instance **to)
{
	struct waiting waiting = {.context = w, .fd = -1};
	struct weft_connect *c;
	int ret = api_connect_start(w, begin, on_waited, &waiting, &c);

	if (ret != WEFT_OK)
		return ret;
	ret = api_wait_for(&waiting.wait, w, UINT64_MAX);
	if (!waiting.wait.is_done)
		weft_connect_cancel(c);
	if (ret == WEFT_OK) {
		*fd = waiting.fd;
		if (to != NULL) {
			*to = waiting.to;
			return WEFT_OK;
		}
	}
	weft_instance_free(waiting.to);
	return ret;
}

/* ---- to a name ---- */

struct target {
	struct find_name name;
	const void *key;
	size_t nkey;
};

static int begin_name(struct weft_connect *c, const struct reach_options *options, const void *what)
{
	struct weft *w = c->object.context;
	const struct target *target = what;
	const struct reach_connect_options all = {
		.socket = *options, .key = target->key, .nkey = target->nkey};

	return reach_connect_new(&c->connect, &w->events, w->find, w->memory, &target->name, &all,
				 api_connect_done, api_connect_failed, c);
}

static int target_parse(struct target *target, struct weft *w, const char *name, const void *key,
			size_t nkey)
{
	int ret = api_load_find(w);

	if (ret == WEFT_OK)
		ret = api_load_memory(w);
	if (ret == WEFT_OK)
		ret = api_load_name(w, &target->name, name);
	target->key = key;
	target->nkey = nkey;
	return ret;
}

int weft_connect_start(struct weft *w, const char *name, const void *key, size_t nbytes,
		       unsigned flags, int timeout_ms, weft_connect_fn fn, void *arg,
		       struct weft_connect **out)
{
	struct target target;
	const struct api_connect_begin begin = {begin_name, &target, flags, timeout_ms};
	int ret = target_parse(&target, w, name, key, nbytes);

	return ret == WEFT_OK ? api_connect_start(w, &begin, fn, arg, out) : ret;
}

int weft_connect_sticky(struct weft *w, const char *name, const void *key, size_t nbytes,
			unsigned flags, int timeout_ms, int *fd, struct weft_instance **to)
{
	struct target target;
	const struct api_connect_begin begin = {begin_name, &target, flags, timeout_ms};
	int ret = api_wait_check(w);

	if (ret == WEFT_OK)
		ret = target_parse(&target, w, name, key, nbytes);
	return ret == WEFT_OK ? api_connect_wait(w, &begin, fd, to) : ret;
}

int weft_connect(struct weft *w, const char *name, unsigned flags, int timeout_ms, int *fd,
		 struct weft_instance **to)
{
	return weft_connect_sticky(w, name, NULL, 0, flags, timeout_ms, fd, to);
}

int weft_report_failure(struct weft *w, const struct weft_instance *i, const char *why)
{
	int ret = api_load_memory(w);

	if (ret != WEFT_OK)
		return ret;
	reach_memory_failed(w->memory, api_instance_in(i), api_context_now_ms());
	api_report_failure(w, api_instance_in(i), why != NULL ? why : "failed");
	return WEFT_OK;
}
