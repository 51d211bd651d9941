/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "api/context.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "dns/name.h"

uint64_t api_context_now_ms(void)
{
	return base_clock_steady_us() / 1000;
}

uint64_t api_context_deadline(int timeout_ms)
{
	return api_context_now_ms() + (unsigned)timeout_ms;
}

int api_context_fail(struct weft *w, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(w->text, sizeof(w->text), format, args);
	va_end(args);
	return code;
}

void api_context_add(struct weft *w, struct api_object *o)
{
	o->context = w;
	o->next = w->objects;
	o->link = &w->objects;
	if (o->next != NULL)
		o->next->link = &o->next;
	w->objects = o;
}

void api_context_remove(struct api_object *o)
{
	*o->link = o->next;
	if (o->next != NULL)
		o->next->link = o->link;
}

void api_context_run(struct weft *w)
{
	if (w->is_busy)
		return;
	w->is_busy = true;
	resolve_events_run(&w->events, api_context_now_ms());
	w->is_busy = false;
}

/* ---- the context ---- */

int weft_new(struct weft **out)
{
	struct weft *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return WEFT_E_MEMORY;
	if (resolve_events_init(&w->events) < 0) {
		free(w);
		return WEFT_E_SYSTEM;
	}
	w->stale_ms = -1;
	w->is_suspect_on = true;
	*out = w;
	return WEFT_OK;
}

static void settings_free(struct weft *w)
{
	char *const texts[] = {w->registry, w->domain,		w->config,
			       w->key_file, w->key_name,	w->public_key,
			       w->tls_ca,   w->tls_certificate, w->tls_key};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		free(texts[i]);
}

void weft_free(struct weft *w)
{
	/* What is waited for is still on the stack of the function that waits. */
	if (w == NULL || (w->is_busy && w->is_waited))
		return;
	/* The rooms, the last object, are on the stack of a callback, too. */
	while (w->objects != NULL && (!w->is_busy || w->objects != &w->rooms))
		w->objects->end(w->objects);
	w->is_over = w->is_busy;
	if (w->is_over)
		return;
	resolve_events_fini(&w->events);
	settings_free(w);
	free(w);
}

const char *weft_error_text(const struct weft *w)
{
	return w->text;
}

const char *weft_version(void)
{
	return PACKAGE_VERSION;
}

/* ---- settings ---- */

/* Returns WEFT_OK if settings may still be made. */
static int settings_open(struct weft *w)
{
	if (w->locate == NULL)
		return WEFT_OK;
	return api_context_fail(
		w, WEFT_E_ARGUMENT,
		"settings must be made before the first find, watch, connect or register");
}

/* Replaces a text by a copy of another one, or by NULL. */
static int text_set(struct weft *w, char **text, const char *value)
{
	char *copy = NULL;
	int ret = settings_open(w);

	if (ret != WEFT_OK)
		return ret;
	if (value != NULL) {
		copy = strdup(value);
		if (copy == NULL)
			return api_context_fail(w, WEFT_E_MEMORY, "out of memory");
	}
	free(*text);
	*text = copy;
	return WEFT_OK;
}

/* Replaces two texts, or none. */
static int texts_set(struct weft *w, char **first, const char *first_value, char **second,
		     const char *second_value)
{
	char *copy = first_value != NULL ? strdup(first_value) : NULL;
	int ret;

	if (first_value != NULL && copy == NULL)
		return api_context_fail(w, WEFT_E_MEMORY, "out of memory");
	ret = text_set(w, second, second_value);
	if (ret != WEFT_OK) {
		free(copy);
		return ret;
	}
	free(*first);
	*first = copy;
	return WEFT_OK;
}

int weft_set_registry(struct weft *w, const char *list)
{
	return text_set(w, &w->registry, list);
}

int weft_set_domain(struct weft *w, const char *domain)
{
	uint8_t name[DNS_NAME_MAX];

	if (domain != NULL && dns_name_from_text(name, domain, strlen(domain), NULL) == 0)
		return api_context_fail(w, WEFT_E_NAME, "\"%s\" is not a domain name", domain);
	return text_set(w, &w->domain, domain);
}

int weft_set_config(struct weft *w, const char *path)
{
	return text_set(w, &w->config, path);
}

int weft_set_key_file(struct weft *w, const char *path, const char *name)
{
	if (path == NULL && name != NULL)
		return api_context_fail(w, WEFT_E_ARGUMENT, "a key's name needs a fabric file");
	return texts_set(w, &w->key_file, path, &w->key_name, name);
}

int weft_set_public_key(struct weft *w, const char *base64)
{
	return text_set(w, &w->public_key, base64);
}

int weft_set_tls_ca(struct weft *w, const char *path)
{
	return text_set(w, &w->tls_ca, path);
}

int weft_set_tls_certificate(struct weft *w, const char *path, const char *key)
{
	if (path == NULL && key != NULL)
		return api_context_fail(w, WEFT_E_ARGUMENT, "a private key needs a certificate");
	return texts_set(w, &w->tls_certificate, path, &w->tls_key, key);
}

int weft_set_stale(struct weft *w, int64_t duration_ms)
{
	int ret = settings_open(w);

	if (ret == WEFT_OK)
		w->stale_ms = duration_ms < 0 ? -1 : duration_ms;
	return ret;
}

int weft_set_suspect(struct weft *w, int is_on)
{
	w->is_suspect_on = is_on != 0;
	return WEFT_OK;
}

/* ---- the caller's loop ---- */

int weft_fd(const struct weft *w)
{
	return w->events.fd;
}

int weft_events(const struct weft *w)
{
	(void)w;
	return POLLIN;
}

uint64_t weft_deadline_ms(const struct weft *w)
{
	return resolve_events_deadline(&w->events);
}

int weft_timeout_ms(const struct weft *w)
{
	uint64_t now_ms, deadline_ms = weft_deadline_ms(w);

	if (deadline_ms == UINT64_MAX)
		return -1;
	now_ms = api_context_now_ms();
	if (deadline_ms <= now_ms)
		return 0;
	return deadline_ms - now_ms < INT32_MAX ? (int)(deadline_ms - now_ms) : INT32_MAX;
}

void weft_process(struct weft *w)
{
	api_context_run(w);
	if (w->is_over && !w->is_busy)
		weft_free(w);
}
