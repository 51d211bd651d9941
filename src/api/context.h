/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* api/context.h - what all objects of a context share: events, the rooms below, the last error.
 *
 * The rooms are made when they are first needed, from the settings that were made until then. What
 * was made with a context is in its list of objects, so that weft_free() can end it. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <weft/context.h>

#include "resolve/events.h"

struct find;
struct follow;
struct locate;
struct reach_memory;
struct registrant;

enum {
	API_TEXT_MAX = 1536, /* room for a sentence about an error, with file and line */
};

/* The beginning of what is made with a context. */
struct api_object {
	struct weft *context;
	void (*end)(struct api_object *o); /* ends and frees it without calling back */
	struct api_object *next, **link;
};

struct weft {
	struct resolve_events events;
	struct api_object *objects;
	bool is_busy;	/* within weft_process: functions that wait are refused */
	bool is_waited; /* by a function that waits for an object of the context */
	bool is_over;	/* weft_free() was called within a callback */
	char text[API_TEXT_MAX];

	/* settings; texts are NULL if not set */
	char *registry, *domain, *config, *key_file, *key_name, *public_key;
	char *tls_ca, *tls_certificate, *tls_key;
	int64_t stale_ms; /* -1: client.conf's */
	bool is_suspect_on;

	/* made by api/load.h, NULL before */
	struct api_object rooms; /* made before all other objects, and so ended after them */
	struct locate *locate;
	struct find *find;
	struct follow *follower;
	struct reach_memory *memory;
	struct registrant *registrant;
};

/* Reads the clock that all times of libweft are by, exactly. */
uint64_t api_context_now_ms(void);

/* Returns `timeout_ms`, not negative, from now. */
uint64_t api_context_deadline(int timeout_ms);

/* Remembers what weft_error_text() returns. Returns `code`, so that a caller can end with it. */
int api_context_fail(struct weft *w, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds an object, whose `end` is set, and removes it. Those that remain until weft_free() are ended
 * then, the last one first. */
void api_context_add(struct weft *w, struct api_object *o);
void api_context_remove(struct api_object *o);

/* Does what weft_process() does, unless it is doing it, but leaves alone a context that is over. */
void api_context_run(struct weft *w);
