/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* follow/event.h - what a watch reports.
 *
 * Types alone. */
#pragma once

#include "find/instance.h"

enum follow_watch_event {
	FOLLOW_WATCH_ADDED,
	FOLLOW_WATCH_CHANGED,
	FOLLOW_WATCH_REMOVED,
	FOLLOW_WATCH_MOVED,
	FOLLOW_WATCH_DRAINING,
	FOLLOW_WATCH_CURRENT, /* without instance */
	FOLLOW_WATCH_LOST,    /* without instance: no registry answers */
};

/* Takes an event: `now` is the instance as it is now, or of REMOVED as it was last; `before` is how
 * it was before CHANGED, MOVED and DRAINING, else NULL. Both are valid during the call, unless they
 * are acquired. The function may make and free any watch. */
typedef void (*follow_watch_fn)(void *arg, enum follow_watch_event event,
				const struct find_instance *now,
				const struct find_instance *before);
