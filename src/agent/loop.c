/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/loop.h"

#include "base/clock.h"
#include "resolve/events.h"

uint64_t agent_loop_now_ms(void)
{
	return base_clock_steady_us() / 1000;
}

static void on_io(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct agent_loop *l = watcher->data;

	(void)loop;
	(void)revents;
	resolve_events_run(l->events, agent_loop_now_ms());
}

static void on_timer(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	struct agent_loop *l = watcher->data;

	(void)loop;
	(void)revents;
	l->armed_ms = UINT64_MAX;
	resolve_events_run(l->events, agent_loop_now_ms());
}

/* The deadline may have changed in any call since the last turn. */
static void on_prepare(struct ev_loop *loop, ev_prepare *watcher, int revents)
{
	struct agent_loop *l = watcher->data;
	uint64_t deadline_ms, now_ms;

	(void)revents;
	l->on_turn(l->arg);
	deadline_ms = resolve_events_deadline(l->events);
	if (deadline_ms == l->armed_ms)
		return;
	l->armed_ms = deadline_ms;
	ev_timer_stop(loop, &l->timer);
	if (deadline_ms == UINT64_MAX)
		return;
	now_ms = agent_loop_now_ms();
	ev_now_update(loop);
	/* Half a millisecond more: the clock is cut to milliseconds. */
	ev_timer_set(&l->timer,
		     deadline_ms <= now_ms ? 0 : ((double)(deadline_ms - now_ms) + 0.5) / 1e3, 0);
	ev_timer_start(loop, &l->timer);
}

void agent_loop_start(struct agent_loop *l)
{
	ev_io_init(&l->io, on_io, l->events->fd, EV_READ);
	ev_timer_init(&l->timer, on_timer, 0, 0);
	ev_prepare_init(&l->prepare, on_prepare);
	l->io.data = l->timer.data = l->prepare.data = l;
	l->armed_ms = UINT64_MAX;
	ev_io_start(l->loop, &l->io);
	ev_prepare_start(l->loop, &l->prepare);
}

void agent_loop_stop(struct agent_loop *l)
{
	if (l->io.data == NULL)
		return;
	ev_io_stop(l->loop, &l->io);
	ev_timer_stop(l->loop, &l->timer);
	ev_prepare_stop(l->loop, &l->prepare);
}
