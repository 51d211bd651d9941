/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* daemon/ask.h - work that only the registrar's thread may do, asked for by the main thread.
 *
 * The main thread never waits for the registrar: the answer is an event of its loop. A control
 * request that needs the registrar is answered then. */
#pragma once

#include "registry/request.h"

struct daemon;
struct registry_registrar;

/* A question, the first member of a struct that has what `run` and `done` need. */
struct daemon_ask {
	struct registry_call call; /* first */
	struct daemon *daemon;
	void (*run)(struct registry_registrar *r, struct daemon_ask *ask);
	void (*done)(struct daemon_ask *ask);
	int ret; /* set by `run`; -ESHUTDOWN if that was not called */
};

/* Prepares the loop's watcher, before the registrar starts. */
void daemon_ask_start(struct daemon *d);

/* Has `run` called in the registrar's thread, between two batches and before queued updates, and
 * then `done` in the main thread. Calls come in the order of the questions. When weftd stops, `run`
 * may not be called. The question is `done`'s to free. */
void daemon_ask(struct daemon *d, struct daemon_ask *ask,
		void (*run)(struct registry_registrar *r, struct daemon_ask *ask),
		void (*done)(struct daemon_ask *ask));

/* Has `done` called in the main thread, for a question that another thread than the registrar's has
 * answered: `daemon` and `done` are set. Any thread; the question is the main thread's from then
 * on. */
void daemon_ask_answer(struct daemon_ask *ask);

/* Calls `done` of all questions whose answers have not been looked at, after the registrar has
 * stopped. */
void daemon_ask_stop(struct daemon *d);
