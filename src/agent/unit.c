/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/unit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/look.h"
#include "agent/number.h"
#include "agent/show.h"
#include "agent/turn.h"
#include "agent/uses.h"
#include "base/error.h"

enum { USES_MAX = 64, OPEN_AGAIN_MS = 5000 };

void agent_unit_end(struct agent_instance *i, const struct supervise_unit_view *view)
{
	struct agent_keep *keep = &i->keep;

	snprintf(keep->end_boot, sizeof(keep->end_boot), "%s", i->agent->boot);
	snprintf(keep->end_cfg, sizeof(keep->end_cfg), "%s", i->order == NULL ? "" : i->order->cfg);
	snprintf(keep->end_reason, sizeof(keep->end_reason), "%s%.*s",
		 view->cause == SUPERVISE_CAUSE_LOST ? "lost: " : "", AGENT_KEEP_REASON_MAX - 8,
		 view->reason);
	agent_number_keep(i, false);
}

void agent_unit_revive(struct agent_instance *i)
{
	bool has_ended = i->keep.has_failed || i->keep.is_done;

	i->is_fresh = i->keep.has_failed = i->keep.is_done = false;
	i->keep.end_boot[0] = i->keep.end_cfg[0] = i->keep.end_reason[0] = '\0';
	if (has_ended)
		agent_number_keep(i, false);
}

static void facts_make(struct outfit_facts *out, struct spec_pair pairs[static USES_MAX],
		       const struct agent_instance *i)
{
	*out = (struct outfit_facts){
		.id = i->label,
		.label = i->label,
		.inc = i->keep.inc,
		.port = i->keep.port,
		.must_restore = i->keep.has_run && !i->is_fresh,
		.uses = pairs,
		.nuses = agent_uses_facts(i, pairs, USES_MAX),
		.addresses = i->agent->addresses,
		.naddresses = i->agent->naddresses,
	};
}

/* ---- what happens ---- */

/* Reports that the unit has died, and is started again by itself, once. */
static void death_show(struct agent_instance *i)
{
	struct supervise_unit_view view;

	agent_look_unit(i, &view);
	if (view.nrestarts > i->nrestarts) {
		i->has_restarted = true;
		if (view.cause != SUPERVISE_CAUSE_UNHEALTHY)
			agent_turn_event(i->agent, i, "failed", view.reason);
	}
	i->nrestarts = view.nrestarts;
}

/* Returns whether the outfit starts what the order declares, rather than what it had before. */
static bool is_in_use(const struct agent_instance *i)
{
	return i->has_applied && !i->is_opening && !i->is_refused;
}

static void on_starting(void *arg, struct outfit *o)
{
	struct agent_instance *i = arg;
	struct agent_keep before = i->keep;
	struct spec_pair pairs[USES_MAX];
	struct outfit_facts facts;

	agent_number_next(i);
	i->is_number_new = i->is_unhealthy = i->is_adopted = false;
	i->health = SUPERVISE_UNKNOWN;
	i->keep.port = outfit_port(o);
	snprintf(i->keep.boot, sizeof(i->keep.boot), "%s", i->agent->boot);
	if (i->order != NULL && is_in_use(i)) {
		snprintf(i->keep.cfg, sizeof(i->keep.cfg), "%s", i->order->cfg);
		snprintf(i->keep.ver, sizeof(i->keep.ver), "%s", i->order->ver);
	}
	agent_uses_are_passed(i);
	before.inc = i->keep.inc;
	if (agent_keep_equal(&before, &i->keep))
		i->must_keep = true; /* the process, which has the number, need not wait for it */
	else
		agent_number_keep(i, false);
	facts_make(&facts, pairs, i);
	if (outfit_refresh(o, &facts) < 0)
		agent_turn_log(i->agent, i, BASE_LOG_ERROR, "is started with old facts: %s",
			       strerror(ENOMEM));
}

static void on_state(void *arg, struct outfit *o, enum supervise_unit_state old)
{
	struct agent_instance *i = arg;
	struct supervise_unit_view view;
	bool is_active = agent_look_unit(i, &view);

	(void)old;
	if (is_active)
		death_show(i);
	if (outfit_port(o) != i->keep.port) {
		i->keep.port = outfit_port(o);
		i->must_keep = true;
	}
	if (view.state == SUPERVISE_UNIT_UP) {
		i->is_fresh = false;
		i->must_keep = i->must_keep || !i->keep.has_run;
		i->keep.has_run = true;
	}
	if (i->must_keep)
		agent_number_keep(i, false);
	/* What follows from an end is decided when the instance is settled. */
	if (is_active)
		agent_show(i);
	agent_turn_touch(i);
}

static void on_health(void *arg, struct outfit *o)
{
	struct agent_instance *i = arg;
	struct supervise_unit_view view;

	(void)o;
	agent_look_unit(i, &view);
	agent_turn_touch(i);
	if (view.health == i->health)
		return; /* a check that was asked for */
	switch (view.health) {
	case SUPERVISE_FAILED:
		i->is_unhealthy = true;
		agent_turn_event(i->agent, i, "failed", view.reason);
		break;
	case SUPERVISE_DEGRADED:
		i->is_unhealthy = false;
		agent_turn_event(i->agent, i, "degraded", view.reason);
		break;
	case SUPERVISE_PASSED:
		if (i->health == SUPERVISE_DEGRADED || i->health == SUPERVISE_FAILED)
			agent_turn_event(i->agent, i, "recovered", view.reason);
		i->is_unhealthy = false;
		break;
	case SUPERVISE_UNKNOWN:
		break;
	}
	i->health = view.health;
}

static void on_action(void *arg, struct outfit *o, const char *reason)
{
	struct agent_instance *i = arg;

	(void)o;
	if (reason != NULL)
		agent_turn_log(i->agent, i, BASE_LOG_WARNING, "%s: %s",
			       i->is_fencing ? "its fence command has failed"
					     : "its action has failed",
			       reason);
	if (i->is_fencing) {
		i->is_fencing = false;
		i->is_fenced = reason == NULL;
		if (reason != NULL)
			agent_turn_retry(i);
		else
			agent_turn_touch(i);
	}
}

/* The declaration has changed to one that cannot be used: what runs goes on as it is. */
static void refuse(struct agent_instance *i, const char *why)
{
	i->is_refused = true;
	agent_turn_event(i->agent, i, "cannot-configure", why);
}

/* What an earlier agent has started runs. */
static void adopt(struct agent_instance *i, const struct supervise_unit_view *view)
{
	agent_number_adopt(i, view->pid);
	i->keep.port = outfit_port(i->outfit);
	i->was_active = i->is_adopted = true;
	i->nrestarts = view->nrestarts;
	i->health = view->health;
	i->is_unhealthy = view->health == SUPERVISE_FAILED;
	i->state = supervise_unit_state_to_text(view->state); /* is not news */
	if (view->pid > 0)
		agent_turn_log(i->agent, i, BASE_LOG_INFO, "adopted: pid=%d inc=%" PRIu64,
			       view->pid, i->keep.inc);
	else
		agent_turn_log(i->agent, i, BASE_LOG_INFO, "%s: inc=%" PRIu64,
			       i->order->spec->run.count > 0 ? "is looked for" : "adopted",
			       i->keep.inc);
}

/* The outfit cannot be opened: that is tried again later. */
static void open_failed(struct agent_instance *i, const struct base_error *error)
{
	agent_words_set(&i->open_error, "%.500s", error->text);
	i->open_again_ms = agent_loop_now_ms() + OPEN_AGAIN_MS;
	agent_turn_retry(i);
}

static void on_open(void *arg, struct outfit *o, const struct base_error *error)
{
	struct agent_instance *i = arg;
	struct supervise_unit_view view;

	i->is_opening = false;
	if (outfit_unit(o) != NULL)
		agent_words_clear(&i->open_error);
	if (error != NULL && outfit_unit(o) == NULL) {
		i->must_close = true;
		open_failed(i, error);
	} else if (error != NULL && error->code == -EXDEV) {
		i->must_stop = i->must_close = true;
	} else if (error != NULL) {
		refuse(i, error->text);
	} else if (!i->is_probed && agent_look_unit(i, &view)) {
		adopt(i, &view);
	}
	i->is_probed = true;
	agent_turn_touch(i);
}

static const struct outfit_events events = {
	.on_open = on_open,
	.on_starting = on_starting,
	.on_state = on_state,
	.on_health = on_health,
	.on_action = on_action,
};

/* ---- opening ---- */

static bool open_new(struct agent_instance *i)
{
	struct spec_pair pairs[USES_MAX];
	struct outfit_facts facts;
	struct base_error error = {0};

	facts_make(&facts, pairs, i);
	if (outfit_new(&i->outfit, &i->agent->outfit_node, i->order->spec, &facts, &events, i,
		       &error) == 0) {
		i->is_opening = i->has_applied =
			true; /* an earlier error remains until it is open */
		return true;
	}
	i->outfit = NULL;
	i->is_probed = true;
	open_failed(i, &error);
	return false;
}

/* Has the outfit take a declaration that has changed. */
static bool apply(struct agent_instance *i)
{
	struct base_error error = {0};
	int ret = outfit_apply(i->outfit, i->order->spec, &error);

	i->has_applied = true;
	if (ret == 0) {
		i->is_opening = true;
	} else {
		refuse(i, error.text);
	}
	return ret == 0;
}

bool agent_unit_open(struct agent_instance *i)
{
	bool is_active = agent_look_unit(i, NULL);

	if (i->is_opening && !agent_look_is_wanted(i))
		outfit_hurry(i->outfit);
	if (i->is_opening || !i->agent->has_addresses)
		return true;
	if (i->outfit != NULL && !is_active && (i->must_close || !i->has_applied))
		agent_unit_close(i);
	if (i->order == NULL || i->order->spec == NULL)
		return false;
	if (i->outfit != NULL)
		return !i->has_applied && apply(i);
	if (i->open_error.text != NULL && agent_loop_now_ms() < i->open_again_ms) {
		agent_turn_retry(i);
		return false;
	}
	return open_new(i);
}

void agent_unit_close(struct agent_instance *i)
{
	outfit_close(i->outfit);
	i->outfit = NULL;
	i->must_close = i->is_opening = i->is_fencing = false;
	i->has_applied = true;
}

/* Runs the action with these facts. Returns 0, or a negative errno with `error` filled in. */
static int action_run(struct agent_instance *i, const struct outfit_facts *facts,
		      const struct spec_action *action, struct base_error *error)
{
	int ret = outfit_refresh(i->outfit, facts);

	return ret < 0 ? base_error_set(error, ret, "out of memory")
		       : outfit_run_action(i->outfit, action, error);
}

void agent_unit_act(struct agent_instance *i, const struct spec_action *action)
{
	struct spec_pair pairs[USES_MAX];
	struct outfit_facts facts;
	struct base_error error;

	facts_make(&facts, pairs, i);
	if (action_run(i, &facts, action, &error) < 0)
		agent_turn_log(i->agent, i, BASE_LOG_WARNING, "its action has failed: %s",
			       error.text);
}

void agent_unit_fence(struct agent_instance *i)
{
	const struct registrant_service *service = i->records.service;
	struct spec_action action = {.act = SPEC_ACT_EXEC, .exec = i->order->spec->fence.exec};
	struct spec_pair pairs[USES_MAX];
	struct outfit_facts facts;
	struct base_error error;

	facts_make(&facts, pairs, i);
	facts.fence_node = registrant_service_holder(service);
	facts.fence_inc = registrant_service_seen(service);
	i->is_fencing = action_run(i, &facts, &action, &error) == 0;
	if (i->is_fencing)
		return;
	agent_turn_log(i->agent, i, BASE_LOG_WARNING, "its fence command is not run: %s",
		       error.text);
	agent_turn_retry(i);
}

void agent_unit_refresh(struct agent_instance *i)
{
	struct spec_pair pairs[USES_MAX];
	struct outfit_facts facts;

	if (i->outfit == NULL)
		return;
	facts_make(&facts, pairs, i);
	if (outfit_refresh(i->outfit, &facts) < 0)
		agent_turn_log(i->agent, i, BASE_LOG_WARNING, "checks use old addresses: %s",
			       strerror(ENOMEM));
}
