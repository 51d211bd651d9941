/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Stopping:
 *
 *  1. the node is registered as leaving
 *  2. instances are stopped, those first that no other one uses (instance.c); the records of one
 *     that has ended are removed
 *  3. when all have ended, the node's record is removed
 *  4. events that wait are sent
 *
 * From the end of the last process on the rest has a time limit: without a registry it cannot be
 * done, and leases end by themselves. */

#include "agent/ends.h"

#include "agent/look.h"
#include "agent/node.h"
#include "agent/turn.h"
#include "history/history.h"

static void finish(struct agent *a)
{
	if (a->has_ended)
		return;
	a->has_ended = true;
	resolve_timer_clear(&a->resolve.timers, &a->end);
	a->events->on_end(a->arg);
}

static void on_flushed(void *arg, bool is_all, uint64_t now_ms)
{
	(void)is_all;
	(void)now_ms;
	finish(arg);
}

void agent_ends_on_due(void *arg, uint64_t now_ms)
{
	(void)now_ms;
	finish(arg);
}

static void flush(struct agent *a)
{
	uint64_t deadline_ms = agent_loop_now_ms() + a->timeout_ms;

	if (a->is_flushing)
		return;
	a->is_flushing = true;
	history_flush(a->history, deadline_ms, on_flushed, a);
}

/* Counts the instances of which something runs, and those of them that are being stopped. */
static void count(const struct agent *a, size_t *nactive, size_t *nstopping)
{
	*nactive = *nstopping = 0;
	for (size_t n = 0; n < a->ninstances; n++) {
		struct supervise_unit_view view;

		if (a->instances[n]->is_opening)
			++*nactive, ++*nstopping;
		else if (agent_look_unit(a->instances[n], &view)) {
			++*nactive;
			*nstopping += view.state == SUPERVISE_UNIT_DRAINING;
		}
	}
}

/* Has those be settled that may have waited for the end of what uses them. */
static void waiting_touch(struct agent *a)
{
	struct supervise_unit_view view;

	a->has_end = false;
	for (size_t n = 0; n < a->ninstances; n++)
		if (agent_look_unit(a->instances[n], &view) &&
		    view.state != SUPERVISE_UNIT_DRAINING)
			agent_turn_touch(a->instances[n]);
}

void agent_ends_settle(struct agent *a)
{
	size_t nactive, nstopping;

	if (a->ending != AGENT_STOPS || a->has_ended || a->touched != NULL)
		return;
	count(a, &nactive, &nstopping);
	if (nactive > 0) {
		if (a->has_end)
			waiting_touch(a);
		if (a->touched != NULL)
			return;
		if (nstopping > 0 || a->is_circle)
			return;
		a->is_circle = true; /* they use each other */
		agent_turn_touch_all(a);
		return;
	}
	if (!resolve_timer_is_set(&a->end))
		resolve_timer_set(&a->resolve.timers, &a->end, agent_loop_now_ms() + a->timeout_ms);
	if (a->ninstances > 0)
		return;
	if (!a->keep.has_left)
		agent_node_end(a);
	if (a->nending == 0)
		flush(a);
}

void agent_stop(struct agent *a, uint32_t timeout_ms)
{
	if (a->ending == AGENT_STOPS)
		return;
	a->ending = AGENT_STOPS;
	a->timeout_ms = timeout_ms;
	agent_turn_event(a, NULL, "terminating", "");
	agent_node_set(a);
	agent_turn_touch_all(a);
}

void agent_leave(struct agent *a, uint32_t timeout_ms)
{
	if (a->ending != AGENT_STAYS)
		return;
	a->ending = AGENT_LEAVES;
	a->timeout_ms = timeout_ms;
	resolve_timer_set(&a->resolve.timers, &a->end, agent_loop_now_ms() + timeout_ms);
	flush(a);
}
