/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agentd/wait.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "agent/agent.h"
#include "agentd/program.h"
#include "control/server.h"

/* An instance that waits for something, such as what it uses, is only shown as waiting after this
 * time: it may have it in a moment. */
static const ev_tstamp SETTLE_S = 1.0;
/* How often is looked at what no change is reported of: that a check has ended. */
static const ev_tstamp LOOK_S = 0.02;
static const ev_tstamp LIMIT_S = 300.0;

struct agentd_wait {
	LIST_ENTRY(agentd_wait) link;
	struct agentd *d;
	struct control_request *request;
	enum agentd_goal goal;
	ev_tstamp begun_s;
	struct ev_timer timer;
	struct agentd_asked *items;
	size_t n;
};

static void wait_free(struct agentd_wait *w)
{
	LIST_REMOVE(w, link);
	ev_timer_stop(w->d->loop, &w->timer);
	free(w->items);
	free(w);
}

/* ---- is it as asked ---- */

static bool is(const struct agent_view *v, const char *state)
{
	return strcmp(v->state, state) == 0;
}

/* An instance that will not run unless something changes: `has_settled` is whether a reason to wait
 * counts as well. */
static bool is_stuck(const struct agent_view *v, bool has_settled)
{
	if (is(v, "failed") && v->wait_ms < 0)
		return true;
	return has_settled && !is(v, "up") && v->pid == 0 && v->cause[0] != '\0';
}

static bool is_running(const struct agent_view *v, uint64_t seen_inc, bool has_settled)
{
	if (is_stuck(v, has_settled))
		return true;
	return is(v, "up") && v->inc > seen_inc;
}

static bool is_checked(const struct agent_view *v, uint64_t seen_checks)
{
	return v->nchecks > seen_checks || v->wait_ms >= 0 || is(v, "stopped") || is(v, "assigned");
}

/* Returns whether the instance is as asked; one that is gone is. */
static bool is_done(const struct agentd_wait *w, const struct agentd_asked *item,
		    ev_tstamp waited_s)
{
	struct agent_view view;

	if (waited_s >= LIMIT_S || agent_get(w->d->agent, item->name, &view) < 0)
		return true;
	switch (w->goal) {
	case AGENTD_GOAL_RUN:
		return is_running(&view, item->seen_inc, waited_s >= SETTLE_S);
	case AGENTD_GOAL_STOP:
		return view.pid == 0 && !is(&view, "draining");
	case AGENTD_GOAL_CHECK:
		break;
	}
	return is_checked(&view, item->seen_checks);
}

/* Answers if all is as asked. */
static void look(struct agentd_wait *w)
{
	ev_tstamp waited_s = ev_now(w->d->loop) - w->begun_s;
	bool all_done = true;

	for (size_t i = 0; i < w->n; i++)
		all_done &= is_done(w, &w->items[i], waited_s);
	if (all_done) {
		agentd_view_answer(w->request, agentd_view_services(w->d, w->items, w->n));
		wait_free(w);
		return;
	}
	ev_timer_set(&w->timer, w->goal == AGENTD_GOAL_CHECK ? LOOK_S : SETTLE_S, 0.0);
	ev_timer_start(w->d->loop, &w->timer);
}

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	look(timer->data);
}

/* ---- the requests ---- */

void agentd_wait_begin(struct agentd *d, struct control_request *request, enum agentd_goal goal,
		       const struct agentd_asked *items, size_t n)
{
	struct agentd_wait *w = calloc(1, sizeof(*w));
	struct agentd_asked *copy = calloc(n, sizeof(*copy));

	if (w == NULL || copy == NULL) {
		free(w);
		free(copy);
		control_request_fail(request, "out of memory");
		return;
	}
	memcpy(copy, items, n * sizeof(*copy));
	*w = (struct agentd_wait){.d = d, .request = request, .goal = goal, .items = copy, .n = n};
	w->begun_s = ev_now(d->loop);
	LIST_INSERT_HEAD(&d->waits, w, link);
	ev_timer_init(&w->timer, on_timer, 0.0, 0.0);
	w->timer.data = w;
	ev_timer_start(d->loop, &w->timer);
}

/* Is called from within the agent: nothing is asked of it before the next turn. */
void agentd_wait_touch(struct agentd *d, const uint8_t *name)
{
	struct agentd_wait *w;

	LIST_FOREACH (w, &d->waits, link) {
		for (size_t i = 0; i < w->n; i++) {
			if (!dns_name_equal(w->items[i].name, name))
				continue;
			ev_timer_stop(d->loop, &w->timer);
			ev_timer_set(&w->timer, 0.0, 0.0);
			ev_timer_start(d->loop, &w->timer);
		}
	}
}

void agentd_wait_end(struct agentd *d)
{
	struct agentd_wait *w;

	while ((w = LIST_FIRST(&d->waits)) != NULL) {
		control_request_fail(w->request, "the agent ends");
		wait_free(w);
	}
}
