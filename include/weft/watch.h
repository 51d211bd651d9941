/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weft/watch.h - following the instances of a service.
 *
 * Changes are pushed by the registry (DNS Push, RFC 8765), or found by asking again when TTLs end.
 * After a connection was lost, only what has changed meanwhile is reported. */
#ifndef WEFT_WATCH_H
#define WEFT_WATCH_H

#include <weft/find.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weft_watch;

enum weft_watch_event {
	WEFT_WATCH_ADDED = 1,
	WEFT_WATCH_CHANGED = 2, /* host, port, addresses, priority, weight or TXT */
	WEFT_WATCH_REMOVED = 3,
	WEFT_WATCH_MOVED = 4,	 /* the same `id=`, but another host, port or `inc=` */
	WEFT_WATCH_DRAINING = 5, /* has begun to drain: open new connections elsewhere */
	WEFT_WATCH_CURRENT = 6,	 /* all there is was reported; without instance */
	WEFT_WATCH_LOST = 7,	 /* no registry answers: what was reported may be past, until
				    CURRENT follows; without instance */
};

/* Takes an event. `now` is the instance as it is now, or as it was last, of REMOVED; `before` is
 * how it was before CHANGED, MOVED and DRAINING, else NULL. Both are valid during the call. */
typedef void (*weft_watch_fn)(void *arg, enum weft_watch_event event,
			      const struct weft_instance *now, const struct weft_instance *before);

/* Follows what weft_find() finds under this name. */
WEFT_API int weft_watch_new(struct weft *w, const char *name, weft_watch_fn fn, void *arg,
			    struct weft_watch **out);

/* Ends following: `fn` is not called any more. NULL is fine. */
WEFT_API void weft_watch_free(struct weft_watch *w);

/* Returns whether changes are pushed now; else they are found by asking. */
WEFT_API int weft_watch_is_pushed(const struct weft_watch *w);

/* Returns the name of an event, "added". */
WEFT_API const char *weft_watch_event_name(enum weft_watch_event event);

#ifdef __cplusplus
}
#endif

#endif
