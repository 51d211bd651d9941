/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/holds.h"
#include "agent/look.h"
#include "agent/number.h"
#include "agent/records.h"
#include "agent/turn.h"

const char *agent_show_gate_text(enum agent_gate gate)
{
	static const char *const texts[] = {
		[AGENT_GATE_NONE] = NULL,	    [AGENT_GATE_OPERATOR] = "operator",
		[AGENT_GATE_SPEC] = "spec",	    [AGENT_GATE_ZONE] = "zone",
		[AGENT_GATE_FENCE] = "fence",	    [AGENT_GATE_NAME] = "name",
		[AGENT_GATE_RESOURCE] = "resource", [AGENT_GATE_USES] = "uses",
	};

	return texts[gate];
}

/* What cannot be had, as opposed to what will come. */
static bool is_failure(const struct agent_instance *i)
{
	return i->gate == AGENT_GATE_SPEC ||
	       ((i->gate == AGENT_GATE_NAME || i->gate == AGENT_GATE_RESOURCE) &&
		i->gate_why.text != NULL);
}

static const char *state_of(const struct agent_instance *i, bool is_active,
			    const struct supervise_unit_view *view)
{
	if (is_active)
		return i->is_unhealthy && view->state != SUPERVISE_UNIT_DRAINING
			       ? "failed"
			       : supervise_unit_state_to_text(view->state);
	if (i->keep.has_failed)
		return "failed";
	if (!agent_look_is_wanted(i))
		return "stopped";
	return is_failure(i) ? "failed" : "assigned";
}

static void reason_make(char out[static AGENT_REASON_MAX], const struct agent_instance *i,
			bool is_active, const struct supervise_unit_view *view)
{
	if (is_active)
		snprintf(out, AGENT_REASON_MAX, "%s", view->reason);
	else if (i->keep.has_failed || i->keep.is_done)
		snprintf(out, AGENT_REASON_MAX, "%s", i->keep.end_reason);
	else if (!agent_look_is_wanted(i))
		snprintf(out, AGENT_REASON_MAX, "%s", i->keep.is_stopped ? "by an operator" : "");
	else
		snprintf(out, AGENT_REASON_MAX, "%s%.480s", is_failure(i) ? "cannot start: " : "",
			 agent_words_get(&i->gate_why));
}

/* Writes what runs now: its number, its configuration. */
static void text_make(char out[static AGENT_REASON_MAX], const struct agent_instance *i)
{
	const struct agent_keep *keep = &i->keep;

	snprintf(out, AGENT_REASON_MAX, "inc=%" PRIu64 "%s%s%s%s", keep->inc,
		 keep->cfg[0] != '\0' ? " cfg=" : "", keep->cfg,
		 keep->ver[0] != '\0' ? " ver=" : "", keep->ver);
}

/* Adds the event for a new state. */
static void event_add(struct agent_instance *i, bool is_active)
{
	char text[AGENT_REASON_MAX];

	if (strcmp(i->state, "up") == 0) {
		text_make(text, i);
		agent_turn_event(i->agent, i, i->has_restarted ? "restarted" : "started", text);
		i->has_restarted = false;
	} else if (strcmp(i->state, "draining") == 0) {
		agent_turn_event(i->agent, i, "terminating", agent_words_get(&i->reason));
	} else if (strcmp(i->state, "starting") == 0) {
		snprintf(text, sizeof(text), "inc=%" PRIu64, i->keep.inc);
		agent_turn_event(i->agent, i, i->state, text);
	} else if (strcmp(i->state, "failed") == 0 && !is_active && !i->keep.has_failed) {
		agent_turn_event(i->agent, i, "cannot-start", agent_words_get(&i->reason));
	} else if (!(is_active && strcmp(i->state, "failed") == 0)) {
		agent_turn_event(i->agent, i, i->state, agent_words_get(&i->reason));
	} /* else: the failed check was reported */
}

void agent_show_reason(char out[static AGENT_REASON_MAX], const struct agent_instance *i)
{
	struct supervise_unit_view view;
	bool is_active = agent_look_unit(i, &view);

	reason_make(out, i, is_active, &view);
}

void agent_show(struct agent_instance *i)
{
	struct supervise_unit_view view;
	bool is_active = agent_look_unit(i, &view), has_changed;
	const char *state = state_of(i, is_active, &view);
	char reason[AGENT_REASON_MAX];

	/* What waits for its start after a death is the next one from now on. */
	if (is_active && view.wait_ms >= 0 && view.state == SUPERVISE_UNIT_STARTING)
		agent_number_next(i);
	reason_make(reason, i, is_active, &view);
	has_changed = strcmp(state, i->state) != 0;
	if (has_changed || strcmp(reason, agent_words_get(&i->reason)) != 0) {
		bool was_unknown = i->state[0] == '\0';
		bool is_new_reason = !has_changed && !is_active && reason[0] != '\0';

		i->state = state;
		agent_words_set(&i->reason, "%s", reason);
		if (was_unknown && strcmp(state, "stopped") == 0)
			; /* as it was when the last agent ended */
		else if (has_changed || (is_new_reason && strcmp(state, "failed") == 0))
			event_add(i, is_active);
		else if (is_new_reason)
			agent_turn_log(i->agent, i, BASE_LOG_INFO, "%s", reason);
	}
	if (is_active)
		agent_holds_set_process(i, view.pid);
	if (i->must_keep)
		agent_number_keep(i, false);
	agent_records_set(i, false, false);
	if (i->agent->events->on_change != NULL)
		i->agent->events->on_change(i->agent->arg, i->name);
}
