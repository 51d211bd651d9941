/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/event.h - what a watch reports.
 *
 * Types alone. */
#pragma once

#include "find/instance.h"

enum find_watch_event {
	FIND_WATCH_ADDED,
	FIND_WATCH_CHANGED,
	FIND_WATCH_REMOVED,
	FIND_WATCH_MOVED,
	FIND_WATCH_DRAINING,
	FIND_WATCH_CURRENT, /* without instance */
	FIND_WATCH_LOST,    /* without instance: no registry answers */
};

/* Takes an event: `now` is the instance as it is now, or of REMOVED as it was last; `before` is how
 * it was before CHANGED, MOVED and DRAINING, else NULL. Both are valid during the call, unless they
 * are acquired. The function may make and free any watch. */
typedef void (*find_watch_fn)(void *arg, enum find_watch_event event,
			      const struct find_instance *now, const struct find_instance *before);
