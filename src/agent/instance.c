/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/instance.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/gates.h"
#include "agent/holds.h"
#include "agent/look.h"
#include "agent/number.h"
#include "agent/records.h"
#include "agent/registration.h"
#include "agent/release.h"
#include "agent/show.h"
#include "agent/turn.h"
#include "agent/unit.h"
#include "agent/uses.h"
#include "spec/diff.h"
#include "spec/version.h"

/* ---- beginning and end ---- */

static void on_records(void *arg)
{
	struct agent_instance *i = arg;

	if (agent_registration_is_silent(&i->records))
		agent_turn_set_silent(i->agent, true);
	else if (i->records.is_registered)
		agent_turn_set_silent(i->agent, false);
	agent_turn_touch(i);
}

/* Writes the owner name relative to the zone. */
static void text_make(char out[static DNS_NAME_TEXT_MAX], const uint8_t *name, const uint8_t *zone)
{
	unsigned nlabels;

	if (dns_name_relative(name, zone, &nlabels))
		dns_name_labels_to_text(out, name, nlabels);
	else
		dns_name_to_text(out, name);
}

/* Takes what the last agent has left. What had ended in this boot, and is declared as it was then,
 * remains so, and is shown as it was. */
static void keep_take(struct agent_instance *i)
{
	struct agent *a = i->agent;
	struct agent_keep *keep = &i->keep;
	char reason[AGENT_REASON_MAX];
	int ret = agent_keep_read(keep, a->kept_folder, i->text);

	if (ret < 0 && ret != -ENOENT)
		agent_turn_log(a, i, BASE_LOG_WARNING, "its file cannot be used: %s",
			       strerror(-ret));
	i->is_of_before = i->order->is_saved && a->was_here;
	i->records.has_gap = true; /* unless what runs has a number */
	if (strcmp(keep->end_boot, a->boot) != 0 || strcmp(keep->end_cfg, i->order->cfg) != 0 ||
	    !i->order->is_saved)
		keep->has_failed = keep->is_done = false;
	if (!i->order->is_saved || !(keep->has_failed || keep->is_done || keep->is_stopped))
		return;
	i->state = keep->has_failed ? "failed" : "stopped";
	agent_show_reason(reason, i);
	agent_words_set(&i->reason, "%s", reason);
}

struct agent_instance *agent_instance_new(struct agent *a, const struct assign_order *order)
{
	char text[DNS_NAME_TEXT_MAX];
	size_t nlabel = strlen(order->label) + 1, ntype = strlen(order->type) + 1;
	struct agent_instance *i;

	text_make(text, order->name, a->zone);
	i = calloc(1, sizeof(*i) + nlabel + ntype + strlen(text) + 1);
	if (i == NULL)
		return NULL;
	i->agent = a;
	i->order = order;
	i->state = "";
	i->has_applied = true;
	memcpy(i->name, order->name, dns_name_nbytes(order->name));
	i->label = strcpy(i->texts, order->label);
	i->type = strcpy(i->texts + nlabel, order->type);
	i->text = strcpy(i->texts + nlabel + ntype, text);
	i->records.agent = a;
	i->records.on_change = on_records;
	i->records.arg = i;
	keep_take(i);
	agent_turn_touch(i);
	return i;
}

void agent_instance_free(struct agent_instance *i)
{
	if (i == NULL)
		return;
	agent_turn_forget(i);
	agent_release_follow(i, NULL);
	agent_uses_end(i);
	agent_holds_free(i, true);
	agent_unit_close(i);
	agent_words_clear(&i->open_error);
	agent_words_clear(&i->gate_why);
	agent_words_clear(&i->reason);
	agent_words_clear(&i->records.why);
	free(i);
}

/* ---- orders ---- */

/* What runs by the declaration before runs by the new one, too, which needs no restart: also when
 * another `cfg` belongs to it, as after a change of `reload`, by which parameters count or not. */
static void cfg_move(struct agent_instance *i, const struct spec_service *before)
{
	char cfg[SPEC_CFG_MAX];

	if (spec_version_cfg(cfg, before) < 0)
		return;
	if (strcmp(i->begun_cfg, cfg) == 0)
		snprintf(i->begun_cfg, sizeof(i->begun_cfg), "%s", i->order->cfg);
	if (strcmp(i->keep.cfg, cfg) != 0 || strcmp(cfg, i->order->cfg) == 0)
		return;
	snprintf(i->keep.cfg, sizeof(i->keep.cfg), "%s", i->order->cfg);
	i->must_keep = true;
}

void agent_instance_order(struct agent_instance *i, const struct assign_order *order,
			  const struct spec_service *before)
{
	enum spec_consequence worst = SPEC_NOTHING;
	bool is_again = i->order == NULL;
	char text[AGENT_TEXT_MAX];

	i->order = order;
	agent_turn_touch(i);
	if (order->why[0] != '\0' && order->spec != NULL)
		agent_turn_event(i->agent, i, "cannot-configure", order->why);
	if (!is_again && (order->spec == NULL || order->spec == before))
		return;
	/* What has failed, or is done, may go another way by another declaration. */
	agent_unit_revive(i);
	i->is_refused = false;
	agent_words_clear(&i->open_error);
	i->has_applied = false;
	if (before == NULL || is_again)
		return;
	if (spec_diff_find(before, order->spec, NULL, NULL, &worst) < 0)
		worst = SPEC_RESTART;
	i->must_reload = worst == SPEC_SIGNAL;
	if (worst < SPEC_RESTART)
		cfg_move(i, before);
	snprintf(text, sizeof(text), "cfg=%s%s%s: %s", order->cfg,
		 order->ver[0] != '\0' ? " ver=" : "", order->ver,
		 spec_diff_consequence_text(worst));
	agent_turn_event(i->agent, i, "configured", text);
}

void agent_instance_withdraw(struct agent_instance *i)
{
	i->order = NULL;
	/* Assigned anew, it is to run again. */
	agent_unit_revive(i);
	i->must_stop = i->is_of_before = false;
	agent_turn_touch(i);
}

/* ---- while it runs ---- */

/* Returns whether an instance that runs here uses this one: it is stopped first. */
static bool is_used(const struct agent_instance *i)
{
	const struct agent *a = i->agent;

	for (size_t n = 0; n < a->ninstances; n++) {
		const struct agent_instance *other = a->instances[n];

		for (const struct agent_using *u = other->uses; u != NULL; u = u->next)
			if (u->is_there && other != i && dns_name_equal(u->instance, i->name) &&
			    agent_look_unit(other, NULL))
				return true;
	}
	return false;
}

/* Returns whether it runs, or is being prepared, by another declaration than that of the order. */
static bool is_other(const struct agent_instance *i, const struct supervise_unit_view *view)
{
	bool is_prepared = view->state == SUPERVISE_UNIT_PREPARING;
	const char *cfg = is_prepared ? i->begun_cfg : i->keep.cfg;

	return i->order->spec != NULL && !i->is_refused && cfg[0] != '\0' &&
	       strcmp(cfg, i->order->cfg) != 0;
}

/* Returns whether the instance has to be stopped, and started again if that is possible. */
static bool must_restart(struct agent_instance *i, const struct supervise_unit_view *view)
{
	const char *why;

	if (i->must_stop)
		return true;
	if (i->records.error == -EEXIST || i->records.error == -ESTALE) {
		agent_turn_log(i->agent, i, BASE_LOG_WARNING, "is stopped: %s",
			       agent_words_get(&i->records.why));
		i->is_fenced = false;
		return true;
	}
	if (agent_holds_are_lost(i, &why)) {
		agent_turn_log(i->agent, i, BASE_LOG_WARNING, "is stopped: %s", why);
		return true;
	}
	return is_other(i, view);
}

/* Does what the declaration has for changes of what is used. */
static void follow_uses(struct agent_instance *i)
{
	const struct agent_using *u;
	const struct spec_action *action;
	char text[AGENT_TEXT_MAX];

	while (!i->must_stop && (action = agent_uses_take_change(i, &u)) != NULL) {
		agent_number_keep(i, false);
		snprintf(text, sizeof(text), "%.100s is %s%s", u->name,
			 u->is_there ? "at " : "gone", u->is_there ? u->where : "");
		agent_turn_event(i->agent, i, "uses", text);
		if (action->act == SPEC_ACT_RESTART)
			i->must_stop = true;
		else if (action->act != SPEC_ACT_NOTHING)
			agent_unit_act(i, action);
	}
}

static void run(struct agent_instance *i, const struct supervise_unit_view *view)
{
	const struct agent *a = i->agent;

	i->was_active = true;
	if (view->state == SUPERVISE_UNIT_DRAINING) {
		/* Adopted while it was being stopped, or restarted by itself. */
		i->must_stop = i->must_stop || agent_look_is_wanted(i);
		return;
	}
	i->gate = AGENT_GATE_NONE;
	if (!agent_look_is_wanted(i)) {
		if (a->ending != AGENT_STOPS || a->is_circle || !is_used(i))
			supervise_unit_stop(outfit_unit(i->outfit));
		return;
	}
	if (i->order->spec != NULL && !i->must_stop) {
		/* An adopted instance has no lists yet, and one whose claim was lost renews it. */
		agent_holds_take(i);
		agent_uses_are_there(i);
		i->gate = AGENT_GATE_NONE;
		follow_uses(i);
	}
	if (must_restart(i, view)) {
		i->must_stop = true;
		supervise_unit_stop(outfit_unit(i->outfit));
		return;
	}
	if (i->must_reload) {
		i->must_reload = false;
		agent_unit_act(i, &i->order->spec->reload);
	}
}

/* ---- when it does not ---- */

/* Decides what follows from the end of what ran. */
static void judge(struct agent_instance *i, const struct supervise_unit_view *view)
{
	bool is_ours = i->must_stop || !agent_look_is_wanted(i); /* it was our idea */

	i->was_active = i->must_stop = i->must_reload = i->is_unhealthy = false;
	i->nrestarts = 0;
	agent_holds_set_process(i, -1);
	if (view->state == SUPERVISE_UNIT_FAILED && view->cause == SUPERVISE_CAUSE_STOP) {
		i->keep.has_failed = true; /* it runs, and is found so by the next agent */
	} else if (view->state == SUPERVISE_UNIT_FAILED && view->cause == SUPERVISE_CAUSE_LOST) {
		agent_turn_event(i->agent, i, "lost", view->reason);
		i->keep.has_failed = i->is_fresh || i->order == NULL || i->order->spec == NULL ||
				     i->order->spec->lost != SPEC_LOST_FRESH;
		i->is_fresh = i->has_restarted = !i->keep.has_failed;
	} else if (view->state == SUPERVISE_UNIT_FAILED) {
		i->keep.has_failed = !is_ours;
	} else {
		i->keep.is_done = !is_ours && view->cause == SUPERVISE_CAUSE_DONE;
	}
	if (i->keep.has_failed || i->keep.is_done)
		agent_unit_end(i, view);
	i->agent->has_end = true;
}

/* Gives up what it has, and, if it is not assigned any more, its records and its folder. */
static void leave(struct agent_instance *i, const struct supervise_unit_view *view)
{
	bool may_run = view->state == SUPERVISE_UNIT_FAILED && view->cause == SUPERVISE_CAUSE_STOP;

	i->gate = i->keep.is_stopped ? AGENT_GATE_OPERATOR : AGENT_GATE_NONE;
	agent_uses_end(i);
	if (may_run)
		return; /* nobody else may have its name, its resources or its registration */
	agent_holds_release(i);
	if (i->order != NULL && i->agent->ending != AGENT_STOPS)
		return;
	agent_registration_end(&i->records);
	if (i->order != NULL)
		return;
	if (i->outfit != NULL) {
		outfit_remove_take(i->outfit);
		i->outfit = NULL;
		agent_unit_close(i);
		i->keep.has_run = i->keep.is_stopped = false;
		agent_number_keep(i, true);
	}
}

static void rest(struct agent_instance *i, const struct supervise_unit_view *view)
{
	if (i->was_active)
		judge(i, view);
	if (!agent_look_is_wanted(i)) {
		leave(i, view);
		return;
	}
	if (i->records.error == -ESTALE) {
		agent_number_take(i, registrant_service_seen(i->records.service));
		i->records.error = 0;
		agent_records_set(i, false, false);
	}
	if (!agent_gates_pass(i))
		return;
	i->must_stop = i->must_reload = false;
	i->was_active = true;
	snprintf(i->begun_cfg, sizeof(i->begun_cfg), "%s", i->order->cfg);
	supervise_unit_start(outfit_unit(i->outfit));
}

/* ---- the turn ---- */

/* Returns the name of the record whose end the instance waits for, or NULL. */
static const uint8_t *awaited(const struct agent_instance *i)
{
	if (i->gate == AGENT_GATE_FENCE)
		return i->name;
	if (i->gate == AGENT_GATE_NAME || i->gate == AGENT_GATE_RESOURCE)
		return agent_holds_awaited(i);
	return NULL;
}

static bool is_at_its_end(const struct agent_instance *i)
{
	return (i->order == NULL || i->agent->ending == AGENT_STOPS) && !i->was_active &&
	       i->records.service == NULL && agent_holds_are_free(i);
}

bool agent_instance_settle(struct agent_instance *i)
{
	struct supervise_unit_view view;
	bool is_active;

	if (i->agent->ending == AGENT_LEAVES || agent_unit_open(i))
		return true;
	/* A start may end at once, and then something else follows. */
	for (unsigned n = 0; n < 3; n++) {
		is_active = agent_look_unit(i, &view);
		agent_gates_register(i);
		if (is_active)
			run(i, &view);
		else
			rest(i, &view);
		if (agent_look_unit(i, NULL) == is_active)
			break;
	}
	if (is_at_its_end(i))
		return false;
	agent_release_follow(i, awaited(i));
	agent_show(i);
	return true;
}

/* ---- operators ---- */

void agent_instance_start(struct agent_instance *i)
{
	struct supervise_unit_view view;
	bool was_stopped = i->keep.is_stopped;

	i->keep.is_stopped = false;
	agent_unit_revive(i);
	agent_words_clear(&i->open_error);
	if (was_stopped)
		agent_number_keep(i, true);
	/* If it waits for its next start, that is now. */
	if (agent_look_unit(i, &view) && view.wait_ms >= 0 && !i->must_stop)
		supervise_unit_start(outfit_unit(i->outfit));
	agent_turn_touch(i);
}

void agent_instance_stop(struct agent_instance *i)
{
	i->keep.is_stopped = true;
	i->must_stop = false;
	agent_number_keep(i, true);
	agent_turn_touch(i);
}

void agent_instance_restart(struct agent_instance *i)
{
	if (agent_look_unit(i, NULL))
		i->must_stop = true;
	agent_instance_start(i);
}
