/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "api/load.h"

#include <stdio.h>
#include <string.h>

#include "api/error.h"
#include "base/error.h"
#include "locate/locate.h"

/* Describes why settings, or a file named there, cannot be used. */
static int settings_failed(struct weft *w, const struct base_error *error)
{
	int code = api_error_of_settings(error->code);

	if (error->at.file == NULL)
		return api_context_fail(w, code, "%s", error->text);
	if (error->at.line == 0)
		return api_context_fail(w, code, "%s: %s", error->at.file, error->text);
	return api_context_fail(w, code, "%s:%u: %s", error->at.file, error->at.line, error->text);
}

/* What uses the rooms was made after them, and is gone. */
static void rooms_end(struct api_object *object)
{
	struct weft *w = object->context;

	api_context_remove(object);
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
	error.code = ret;
	if (error.text[0] == '\0')
		snprintf(error.text, sizeof(error.text), "%s", strerror(-ret));
	return settings_failed(w, &error);
}

int weft_load(struct weft *w)
{
	return api_load_locate(w);
}
