/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/turn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "history/history.h"

void agent_turn_touch(struct agent_instance *i)
{
	struct agent *a = i->agent;

	if (i->is_touched)
		return;
	i->is_touched = true;
	i->next_touched = NULL;
	*a->last_touched = i;
	a->last_touched = &i->next_touched;
}

void agent_turn_touch_all(struct agent *a)
{
	for (size_t n = 0; n < a->ninstances; n++)
		agent_turn_touch(a->instances[n]);
}

struct agent_instance *agent_turn_take(struct agent *a)
{
	struct agent_instance *i = a->touched;

	if (i == NULL)
		return NULL;
	a->touched = i->next_touched;
	if (a->touched == NULL)
		a->last_touched = &a->touched;
	i->is_touched = false;
	return i;
}

void agent_turn_forget(struct agent_instance *i)
{
	struct agent *a = i->agent;
	struct agent_instance **link = &a->touched;

	while (i->is_touched && *link != NULL && *link != i)
		link = &(*link)->next_touched;
	if (!i->is_touched || *link == NULL)
		return;
	*link = i->next_touched;
	if (*link == NULL)
		a->last_touched = link;
	i->is_touched = false;
}

void agent_turn_retry(struct agent_instance *i)
{
	struct agent *a = i->agent;

	i->must_retry = true;
	if (!resolve_timer_is_set(&a->retry))
		resolve_timer_set(&a->resolve.timers, &a->retry,
				  agent_loop_now_ms() + AGENT_RETRY_MS);
}

void agent_turn_on_retry(void *arg, uint64_t now_ms)
{
	struct agent *a = arg;

	(void)now_ms;
	for (size_t n = 0; n < a->ninstances; n++) {
		if (a->instances[n]->must_retry)
			agent_turn_touch(a->instances[n]);
		a->instances[n]->must_retry = false;
	}
}

void agent_turn_set_silent(struct agent *a, bool is_silent)
{
	if (a->is_silent == is_silent)
		return;
	a->is_silent = is_silent;
	agent_turn_touch_all(a);
}

void agent_turn_event(struct agent *a, const struct agent_instance *i, const char *what,
		      const char *why)
{
	history_add(a->history, what, i == NULL ? "" : i->text, why);
	agent_turn_log(a, i, BASE_LOG_INFO, "%s%s%s", what, why[0] == '\0' ? "" : ": ", why);
}

void agent_turn_log(struct agent *a, const struct agent_instance *i, enum base_log_level level,
		    const char *format, ...)
{
	char text[AGENT_REASON_MAX + 64];
	va_list args;

	if (a->events->on_log == NULL)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	a->events->on_log(a->arg, level, i == NULL ? "agent" : i->label, text);
}
