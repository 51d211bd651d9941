/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weft-ev.h - a context of libweft in a loop of libev.
 *
 *     struct weft_ev watcher;
 *
 *     weft_ev_start(&watcher, loop, w);
 *     ev_run(loop, 0);
 *     weft_ev_stop(&watcher);
 *     weft_free(w);
 *
 * The struct must not move while it is started. Callbacks of the context come from the loop. */
#ifndef WEFT_WEFT_EV_H
#define WEFT_WEFT_EV_H

#include <ev.h>
#include <weft/context.h>

struct weft_ev {
	struct weft *w;
	struct ev_loop *loop;
	ev_io io;
	ev_timer timer;
	ev_prepare prepare;
};

static inline void weft_ev_on_io(struct ev_loop *loop, ev_io *io, int revents)
{
	struct weft_ev *e = (struct weft_ev *)io->data;

	(void)loop;
	(void)revents;
	weft_process(e->w);
}

static inline void weft_ev_on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct weft_ev *e = (struct weft_ev *)timer->data;

	(void)loop;
	(void)revents;
	weft_process(e->w);
}

/* Before the loop waits: the deadline may have changed with any call. */
static inline void weft_ev_on_prepare(struct ev_loop *loop, ev_prepare *prepare, int revents)
{
	struct weft_ev *e = (struct weft_ev *)prepare->data;
	int timeout_ms = weft_timeout_ms(e->w);

	(void)revents;
	ev_timer_stop(loop, &e->timer);
	if (timeout_ms < 0)
		return;
	ev_now_update(loop);
	ev_timer_set(&e->timer, timeout_ms / 1000.0, 0.0);
	ev_timer_start(loop, &e->timer);
}

static inline void weft_ev_start(struct weft_ev *e, struct ev_loop *loop, struct weft *w)
{
	e->w = w;
	e->loop = loop;
	ev_io_init(&e->io, weft_ev_on_io, weft_fd(w), EV_READ);
	ev_timer_init(&e->timer, weft_ev_on_timer, 0.0, 0.0);
	ev_prepare_init(&e->prepare, weft_ev_on_prepare);
	e->io.data = e->timer.data = e->prepare.data = e;
	ev_io_start(loop, &e->io);
	ev_prepare_start(loop, &e->prepare);
}

static inline void weft_ev_stop(struct weft_ev *e)
{
	ev_io_stop(e->loop, &e->io);
	ev_timer_stop(e->loop, &e->timer);
	ev_prepare_stop(e->loop, &e->prepare);
}

#endif
