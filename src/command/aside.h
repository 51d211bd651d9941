/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/aside.h - work on pinned versions of zones that is too long for the main thread and
 * should not wait for jobs, in a thread of its own.
 *
 * Main thread, but for what is run. */
#pragma once

#include <pthread.h>

#include <ev.h>

struct daemon;

/* The work: a member of a struct that has what `run` and `done` need. */
struct command_aside {
	struct daemon *daemon;
	void (*run)(struct command_aside *aside);  /* in the new thread */
	void (*done)(struct command_aside *aside); /* in the main thread */
	struct ev_async wake;
	pthread_t thread;
};

/* Has `run` called in a new thread, and then `done`, which may run it again or free it. Returns 0,
 * or a negative errno: then neither is called. */
int command_aside_run(struct daemon *d, struct command_aside *aside,
		      void (*run)(struct command_aside *aside),
		      void (*done)(struct command_aside *aside));
