/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "find/find.h"

#include <stdlib.h>
#include <string.h>
#include <weft/find.h>

#include "api/context.h"
#include "api/error.h"
#include "api/instance.h"
#include "api/load.h"
#include "api/wait.h"

struct weft_find {
	struct api_object object;
	struct find_lookup *lookup;
	struct weft_instances *found; /* empty until then: made before, so that it cannot fail */
	weft_find_fn fn;
	void *arg;
};

static void find_end(struct api_object *object)
{
	struct weft_find *f = (struct weft_find *)object;

	api_context_remove(object);
	find_lookup_free(f->lookup);
	weft_instances_free(f->found);
	free(f);
}

static void on_found(void *arg, int error, const char *why, struct find_set *set, uint64_t now_ms)
{
	struct weft_find *f = arg;
	struct weft_instances *found = NULL;
	weft_find_fn fn = f->fn;
	void *fn_arg = f->arg;
	int code = api_error_from_errno(error);

	(void)now_ms;
	if (code == WEFT_OK) {
		found = f->found;
		f->found = NULL;
		found->set = *set;
		memset(set, 0, sizeof(*set));
	} else {
		api_context_fail(f->object.context, code, "%s", why);
	}
	find_end(&f->object);
	fn(fn_arg, code, found);
}

/* Makes a find that has no look-up yet. */
static struct weft_find *find_new_object(struct weft *w, weft_find_fn fn, void *arg)
{
	struct weft_find *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->found = calloc(1, sizeof(*f->found));
	if (f->found == NULL) {
		free(f);
		return NULL;
	}
	f->object.end = find_end;
	f->fn = fn;
	f->arg = arg;
	api_context_add(w, &f->object);
	return f;
}

/* Begins a find with `begin`, which makes its look-up. */
static int find_begin(struct weft *w, int (*begin)(struct weft_find *f, const void *what, uint64_t),
		      const void *what, int timeout_ms, weft_find_fn fn, void *arg,
		      struct weft_find **out)
{
	struct weft_find *f = find_new_object(w, fn, arg);
	int ret;

	if (f == NULL)
		return api_context_fail(w, WEFT_E_MEMORY, "out of memory");
	ret = begin(f, what, api_load_deadline(w, timeout_ms, 1));
	if (ret < 0) {
		find_end(&f->object);
		return api_context_fail(w, api_error_from_errno(ret), "%s", strerror(-ret));
	}
	if (out != NULL)
		*out = f;
	return WEFT_OK;
}

static int begin_name(struct weft_find *f, const void *what, uint64_t deadline_ms)
{
	return find_lookup_new(&f->lookup, f->object.context->find, what, deadline_ms, on_found, f);
}

static int begin_types(struct weft_find *f, const void *what, uint64_t deadline_ms)
{
	return find_lookup_new_types(&f->lookup, f->object.context->find, what, deadline_ms,
				     on_found, f);
}

int weft_find_start(struct weft *w, const char *name, int timeout_ms, weft_find_fn fn, void *arg,
		    struct weft_find **out)
{
	struct find_name parsed;
	int ret = api_load_find(w);

	if (ret == WEFT_OK)
		ret = api_load_name(w, &parsed, name);
	if (ret != WEFT_OK)
		return ret;
	return find_begin(w, begin_name, &parsed, timeout_ms, fn, arg, out);
}

int weft_find_types_start(struct weft *w, const char *domain, int timeout_ms, weft_find_fn fn,
			  void *arg, struct weft_find **out)
{
	char why[FIND_NAME_WHY_MAX];
	uint8_t name[DNS_NAME_MAX];
	int ret = api_load_find(w);

	if (ret != WEFT_OK)
		return ret;
	if (domain != NULL && find_name_complete(name, domain, locate_domain(w->locate), why) < 0)
		return api_context_fail(w, WEFT_E_NAME, "%s", why);
	return find_begin(w, begin_types, domain != NULL ? name : locate_domain(w->locate),
			  timeout_ms, fn, arg, out);
}

void weft_find_cancel(struct weft_find *f)
{
	if (f != NULL)
		find_end(&f->object);
}

/* ---- waiting for it ---- */

struct waiting {
	struct api_wait wait;
	struct weft *context;
	struct weft_instances *found;
};

static void on_waited(void *arg, int error, struct weft_instances *found)
{
	struct waiting *waiting = arg;

	waiting->found = found;
	api_wait_end(&waiting->wait, waiting->context, error);
}

static int find_wait(struct waiting *waiting, struct weft_find *f, struct weft_instances **out)
{
	int ret = api_wait_for(&waiting->wait, waiting->context, UINT64_MAX);

	if (!waiting->wait.is_done)
		weft_find_cancel(f);
	if (ret == WEFT_OK)
		*out = waiting->found;
	return ret;
}

int weft_find(struct weft *w, const char *name, int timeout_ms, struct weft_instances **out)
{
	struct waiting waiting = {.context = w};
	struct weft_find *f;
	int ret = api_wait_check(w);

	if (ret == WEFT_OK)
		ret = weft_find_start(w, name, timeout_ms, on_waited, &waiting, &f);
	return ret == WEFT_OK ? find_wait(&waiting, f, out) : ret;
}

int weft_find_types(struct weft *w, const char *domain, int timeout_ms, struct weft_instances **out)
{
	struct waiting waiting = {.context = w};
	struct weft_find *f;
	int ret = api_wait_check(w);

	if (ret == WEFT_OK)
		ret = weft_find_types_start(w, domain, timeout_ms, on_waited, &waiting, &f);
	return ret == WEFT_OK ? find_wait(&waiting, f, out) : ret;
}
