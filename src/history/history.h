/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* history/history.h - what happened at a node, written into the zone: an event is one TXT record at
 * ERA-N._events._cluster, which nobody changes afterwards (weft(7)).
 *
 * Without a coordinator the history of each node is an era of its own: its number is the time at
 * which it began, in milliseconds since 1970, and its events are counted from 1. Events that are
 * not in the zone yet wait, in memory and in a file of the folder, also while no registry answers
 * and while the program is not running. They are written in order, several in an update. The oldest
 * events of the node are removed once there are more than are to be kept.
 *
 * It does not know what the events mean. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct history;
struct registrant;
struct registrant_clocks;
struct resolve_events;

enum {
	HISTORY_KEEP = 10000,	     /* events, if nothing else is configured */
	HISTORY_KEEP_LEAST = 100,    /* that can be configured */
	HISTORY_KEEP_MOST = 1000000, /* likewise */
};

/* What a history goes by. All is copied but for `report`'s argument, which is borrowed. */
struct history_settings {
	const uint8_t *zone; /* wire name */
	const char *node;    /* as in `node=`: the name of the node without `nodes` and zone */
	const char *folder;  /* in which the file `history` is; it must be there */
	uint32_t keep;	     /* events of this node in the zone; 0: HISTORY_KEEP */
	const struct registrant_clocks *clocks; /* borrowed; NULL: the system's */
	base_report_fn report; /* of what an operator should know: a damaged file, events that the
				  registry refuses; or NULL */
	void *report_arg;
};

/* Makes a history, and reads what waits in its file. A file that is damaged at its end is used up
 * to there; without one a new era begins. `events` and `r` are borrowed until the end. Returns 0,
 * or a negative errno described in `error`: of the folder, -EINVAL for the settings, -ENOMEM. */
int history_new(struct history **out, struct resolve_events *events, struct registrant *r,
		const struct history_settings *settings, struct base_error *error);

/* Frees it; what waits remains in the file. NULL is fine. */
void history_free(struct history *h);

/* Adds an event, which has the present time. `what` is a word: `up`, `failed`; `of` is the instance
 * that it is about, relative to the zone (`web-1._http._tcp`), or "" for the node itself; `why` is
 * for people, or "". NULL is like "". Texts are cut after 245 bytes. Returns 0; or -EINVAL without
 * `what`, -ENOSPC or -ENOMEM if the event is dropped: then an event `dropped` counts those, as soon
 * as there is room. */
int history_add(struct history *h, const char *what, const char *of, const char *why);

/* Has what waits be sent now, because registries answer again. */
void history_hurry(struct history *h);

/* Sets how many events are kept; 0: HISTORY_KEEP. */
void history_set_keep(struct history *h, uint32_t keep);

/* Returns how many events are not in the zone yet. */
size_t history_nwaiting(const struct history *h);

/* Returns how many events were dropped since the history was made. */
uint64_t history_ndropped(const struct history *h);

/* Calls `done`, once, from resolve_events_run, when nothing waits or at the deadline: before a
 * program ends. Another call replaces it; NULL ends waiting. */
typedef void (*history_flushed_fn)(void *arg, bool is_all, uint64_t now_ms);
void history_flush(struct history *h, uint64_t deadline_ms, history_flushed_fn done, void *arg);
