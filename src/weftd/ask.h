/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/ask.h - work that only the registrar's thread may do, asked for by the main thread.
 *
 * The main thread never waits for the registrar: the answer is an event of its loop. A control
 * request that needs the registrar is answered then. */
#pragma once

#include "registry/request.h"

struct registry_registrar;
struct weftd;

/* A question, the first member of a struct that has what `run` and `done` need. */
struct weftd_ask {
	struct registry_call call; /* first */
	struct weftd *daemon;
	void (*run)(struct registry_registrar *r, struct weftd_ask *ask);
	void (*done)(struct weftd_ask *ask);
	int ret; /* set by `run`; -ESHUTDOWN if that was not called */
};

/* Prepares the loop's watcher, before the registrar starts. */
void weftd_ask_start(struct weftd *d);

/* Has `run` called in the registrar's thread, between two batches and before queued updates, and
 * then `done` in the main thread. Calls come in the order of the questions. When weftd stops, `run`
 * may not be called. The question is `done`'s to free. */
void weftd_ask(struct weftd *d, struct weftd_ask *ask,
	       void (*run)(struct registry_registrar *r, struct weftd_ask *ask),
	       void (*done)(struct weftd_ask *ask));

/* Calls `done` of all questions whose answers have not been looked at, after the registrar has
 * stopped. */
void weftd_ask_stop(struct weftd *d);
