/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* daemon/reload.h - a new configuration for a running weftd. Main thread, registered with RCU and
 * online, which does not wait: what takes long happens in other threads. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct daemon;

/* What came of a reload. All of it is valid during the call. */
struct daemon_reload_outcome {
	bool is_valid;	/* the new configuration is in force; else the old one, in all respects */
	bool is_merged; /* all zone files are; else the disk, or what was registered, prevented
				 that for some of them */
	const char *problems; /* errors and warnings, one line each; NULL: none */
	json_t *changes;      /* what is new (daemon/changes.h); NULL: it is not valid */
};

/* What is to be called. */
struct daemon_reload_events {
	/* Called at the end. */
	void (*done)(void *arg, const struct daemon_reload_outcome *outcome);
	void *arg;
};

/* Reads the configuration and changed zone files again, and applies all of it or nothing. Reloads
 * that are asked for while one is under way begin one after the other when it has ended. `events`
 * is copied; NULL: nobody waits. */
void daemon_reload(struct daemon *d, const struct daemon_reload_events *events);

/* Resumes the leases and service views of zones that have got their first version, as a reload
 * would, in the queue of reloads. Does nothing for others. */
void daemon_reload_resume(struct daemon *d);

/* Forgets reloads that have not begun, and frees what is left of one that could not end, when no
 * other thread runs. */
void daemon_reload_stop(struct daemon *d);
