/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/reload.h - a new configuration for a running weftd. Main thread, registered with RCU and
 * online, which does not wait: what takes long happens in other threads. */
#pragma once

#include <stdbool.h>

struct hosting_zone;
struct weftd;

/* How a reload is told apart from others. All functions may be NULL. */
struct weftd_reload_events {
	/* Has the file of the zone read, in the jobs' thread, by a job that runs weftd_jobs_load().
	 * Called with each configured zone of the new configuration; NULL: a job of its own reads
	 * each file, and nobody waits for it. */
	void (*load)(void *arg, struct weftd *d, struct hosting_zone *zone);

	/* Called at the end: the new configuration is in force, or the errors have been logged and
	 * the old one stays in force. */
	void (*done)(void *arg, bool is_valid);
	void *arg;
};

/* Reads the configuration again and applies it. Reloads that are asked for while one is under way
 * begin one after the other when it has ended. `events` is copied; NULL: none. */
void weftd_reload(struct weftd *d, const struct weftd_reload_events *events);

/* Forgets reloads that have not begun, and frees what is left of one that could not end, when no
 * other thread runs. */
void weftd_reload_stop(struct weftd *d);
