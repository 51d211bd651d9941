/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "api/load.h"

#include <errno.h>
#include <string.h>

#include "api/error.h"
#include "base/error.h"
#include "find/find.h"
#include "find/name.h"
#include "follow/watch.h"
#include "locate/locate.h"
#include "reach/memory.h"
#include "registrant/registrant.h"

/* Describes what a room cannot be made for: `ret` is 0, or a negative errno. */
static int made(struct weft *w, int ret)
{
	if (ret == 0)
		return WEFT_OK;
	return api_context_fail(w, api_error_from_errno(ret), "%s", strerror(-ret));
}

/* What uses the rooms was made after them, and is gone. */
static void rooms_end(struct api_object *object)
{
	struct weft *w = object->context;

	api_context_remove(object);
	registrant_free(w->registrant);
	reach_memory_free(w->memory);
	follow_free(w->follower);
	find_free(w->find);
	locate_free(w->locate);
}

int api_load_locate(struct weft *w)
{
	const struct locate_settings settings = {
		.registry = w->registry,
		.domain = w->domain,
		.config = w->config,
		.key_file = w->key_file,
		.key_name = w->key_name,
		.public_key = w->public_key,
		.tls_ca = w->tls_ca,
		.tls_certificate = w->tls_certificate,
		.tls_key = w->tls_key,
	};
	struct base_error error = {0};
	int ret;

	if (w->locate != NULL)
		return WEFT_OK;
	ret = locate_new(&w->locate, &w->events, &settings, &error);
	if (ret == 0) {
		w->rooms.end = rooms_end;
		api_context_add(w, &w->rooms);
		return WEFT_OK;
	}
	w->locate = NULL;
	return api_context_fail(w, api_error_of_settings(ret), "%s",
				error.text[0] != '\0' ? error.text : strerror(-ret));
}

uint64_t api_load_deadline(const struct weft *w, int timeout_ms, unsigned times)
{
	if (timeout_ms >= 0)
		return api_context_deadline(timeout_ms);
	return api_context_now_ms() + 1000ULL * times * locate_timeout_s(w->locate);
}

int api_load_name(struct weft *w, struct find_name *out, const char *name)
{
	char why[FIND_NAME_WHY_MAX];

	if (find_name_from_text(out, name, locate_domain(w->locate), why) < 0)
		return api_context_fail(w, WEFT_E_NAME, "%s", why);
	return WEFT_OK;
}

int api_load_find(struct weft *w)
{
	uint64_t stale_ms;
	int ret = api_load_locate(w);

	if (ret != WEFT_OK || w->find != NULL)
		return ret;
	stale_ms = w->stale_ms >= 0 ? (uint64_t)w->stale_ms : 1000ULL * locate_stale_s(w->locate);
	return made(w, find_new(&w->find, &w->events, w->locate, stale_ms));
}

int api_load_follower(struct weft *w)
{
	int ret = api_load_locate(w);

	if (ret != WEFT_OK || w->follower != NULL)
		return ret;
	return made(w, follow_new(&w->follower, &w->events, w->locate));
}

int api_load_memory(struct weft *w)
{
	int ret = api_load_locate(w);

	if (ret != WEFT_OK || w->memory != NULL)
		return ret;
	w->memory = reach_memory_new();
	return made(w, w->memory != NULL ? 0 : -ENOMEM);
}

int api_load_registrant(struct weft *w)
{
	int ret = api_load_locate(w);

	if (ret != WEFT_OK || w->registrant != NULL)
		return ret;
	return made(w, registrant_new(&w->registrant, &w->events, w->locate, NULL));
}

int weft_load(struct weft *w)
{
	return api_load_locate(w);
}
