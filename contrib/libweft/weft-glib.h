/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weft-glib.h - a context of libweft in a main loop of GLib.
 *
 *     GSource *source = weft_glib_source_new(w);
 *
 *     g_source_attach(source, NULL);
 *     g_main_loop_run(loop);
 *     g_source_destroy(source);
 *     g_source_unref(source);
 *     weft_free(w);
 *
 * Callbacks of the context come from the loop. */
#ifndef WEFT_WEFT_GLIB_H
#define WEFT_WEFT_GLIB_H

#include <glib.h>
#include <weft/context.h>

struct weft_glib_source {
	GSource source;
	struct weft *w;
	gpointer tag;
};

static inline gboolean weft_glib_prepare(GSource *source, gint *timeout_ms)
{
	*timeout_ms = weft_timeout_ms(((struct weft_glib_source *)source)->w);
	return *timeout_ms == 0;
}

static inline gboolean weft_glib_check(GSource *source)
{
	struct weft_glib_source *s = (struct weft_glib_source *)source;

	return g_source_query_unix_fd(source, s->tag) != 0 || weft_timeout_ms(s->w) == 0;
}

static inline gboolean weft_glib_dispatch(GSource *source, GSourceFunc callback, gpointer arg)
{
	(void)callback;
	(void)arg;
	weft_process(((struct weft_glib_source *)source)->w);
	return G_SOURCE_CONTINUE;
}

static inline GSource *weft_glib_source_new(struct weft *w)
{
	static GSourceFuncs functions = {
		weft_glib_prepare, weft_glib_check, weft_glib_dispatch, NULL, NULL, NULL,
	};
	GSource *source = g_source_new(&functions, sizeof(struct weft_glib_source));
	struct weft_glib_source *s = (struct weft_glib_source *)source;

	s->w = w;
	s->tag = g_source_add_unix_fd(source, weft_fd(w), G_IO_IN);
	return source;
}

#endif
