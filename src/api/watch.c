/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "follow/watch.h"

#include <stdlib.h>
#include <string.h>
#include <weft/watch.h>

#include "api/context.h"
#include "api/error.h"
#include "api/instance.h"
#include "api/load.h"

struct weft_watch {
	struct api_object object;
	struct follow_watch *watch;
	weft_watch_fn fn;
	void *arg;
};

/* By enum follow_watch_event. */
static const enum weft_watch_event events[] = {
	[FOLLOW_WATCH_ADDED] = WEFT_WATCH_ADDED,       [FOLLOW_WATCH_CHANGED] = WEFT_WATCH_CHANGED,
	[FOLLOW_WATCH_REMOVED] = WEFT_WATCH_REMOVED,   [FOLLOW_WATCH_MOVED] = WEFT_WATCH_MOVED,
	[FOLLOW_WATCH_DRAINING] = WEFT_WATCH_DRAINING, [FOLLOW_WATCH_CURRENT] = WEFT_WATCH_CURRENT,
	[FOLLOW_WATCH_LOST] = WEFT_WATCH_LOST,
};

static void watch_end(struct api_object *object)
{
	struct weft_watch *watch = (struct weft_watch *)object;

	api_context_remove(object);
	follow_watch_free(watch->watch);
	free(watch);
}

static void on_event(void *arg, enum follow_watch_event event, const struct find_instance *now,
		     const struct find_instance *before)
{
	struct weft_watch *watch = arg;

	watch->fn(watch->arg, events[event], api_instance_out(now), api_instance_out(before));
}

int weft_watch_new(struct weft *w, const char *name, weft_watch_fn fn, void *arg,
		   struct weft_watch **out)
{
	struct weft_watch *watch;
	struct find_name parsed;
	int ret = api_load_follower(w);

	if (ret == WEFT_OK)
		ret = api_load_name(w, &parsed, name);
	if (ret != WEFT_OK)
		return ret;
	watch = calloc(1, sizeof(*watch));
	if (watch == NULL)
		return api_context_fail(w, WEFT_E_MEMORY, "out of memory");
	watch->object.end = watch_end;
	watch->fn = fn;
	watch->arg = arg;
	ret = follow_watch_new(&watch->watch, w->follower, &parsed, on_event, watch);
	if (ret < 0) {
		free(watch);
		return api_context_fail(w, api_error_from_errno(ret), "%s", strerror(-ret));
	}
	api_context_add(w, &watch->object);
	*out = watch;
	return WEFT_OK;
}

void weft_watch_free(struct weft_watch *watch)
{
	if (watch != NULL)
		watch_end(&watch->object);
}

int weft_watch_is_pushed(const struct weft_watch *watch)
{
	return follow_watch_is_pushed(watch->watch);
}

const char *weft_watch_event_name(enum weft_watch_event event)
{
	static const char *const names[] = {
		[WEFT_WATCH_ADDED] = "added",	    [WEFT_WATCH_CHANGED] = "changed",
		[WEFT_WATCH_REMOVED] = "removed",   [WEFT_WATCH_MOVED] = "moved",
		[WEFT_WATCH_DRAINING] = "draining", [WEFT_WATCH_CURRENT] = "current",
		[WEFT_WATCH_LOST] = "lost",
	};

	if ((unsigned)event >= sizeof(names) / sizeof(*names) || names[event] == NULL)
		return "";
	return names[event];
}
