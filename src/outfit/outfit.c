/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A declaration becomes a plan (plan.h) that comes into use in these steps:
 *
 * 1. outfit_new() or outfit_apply() makes it; a resource agent is loaded, which takes its time.
 * 2. If it is the first, the unit is opened with it, and adopts what runs.
 * 3. If it is another one and the unit does not run, or no restart is needed, it is used at once;
 *    else when the unit is started the next time, so that what runs is stopped by what it was
 *    started with.
 *
 * Before each start folder, parameters, port and environment are made: what is missing then fails
 * the unit, with the reason. What is adopted runs without that, and is not harmed by it. */

#include "outfit/outfit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ev.h>

#include "base/error.h"
#include "ocf/agent.h"
#include "outfit/action.h"
#include "outfit/known.h"
#include "outfit/plan.h"
#include "outfit/ports.h"
#include "outfit/waste.h"
#include "spec/diff.h"
#include "supervise/host.h"

struct outfit {
	const struct outfit_node *node;
	const struct outfit_events *events;
	void *arg;
	struct outfit_known known;
	struct outfit_plan *plan; /* in use; NULL before the unit is open */
	struct outfit_plan *next; /* is being loaded, or waits for the next start */
	bool is_loading;
	bool has_bound;		    /* its sockets, which are open since */
	struct base_error *refusal; /* why the plan in use cannot be started */
	struct supervise_runner *runner;
	struct supervise_unit *unit;
	struct outfit_actions actions;
	ev_timer soon;
	ev_timer cut; /* until a resource agent that is being loaded is cut off */
};

static bool is_udp(const struct outfit_plan *plan)
{
	return strstr(plan->s->type, "._udp") != NULL;
}

/* ---- ports ---- */

/* Gives the plan its port: the declared one, or `wanted`, or a free one. */
static int port_take(struct outfit *o, struct outfit_plan *plan, uint32_t wanted,
		     struct base_error *error)
{
	uint32_t port = plan->s->port;
	int ret;

	if (port == SPEC_PORT_AUTO && wanted == 0) {
		ret = outfit_ports_choose(o->node->ports, plan->name, is_udp(plan), &port, error);
		if (ret < 0)
			return ret;
	} else {
		port = port == SPEC_PORT_AUTO ? wanted : port;
		outfit_ports_reserve(o->node->ports, port);
	}
	outfit_plan_port(plan, port, &o->known.facts);
	return 0;
}

/* Before a start: another program may have taken the port meanwhile. Then another one is used. */
static int port_check(struct outfit *o, struct base_error *error)
{
	struct outfit_plan *plan = o->plan;
	uint32_t before = plan->port;
	int ret;

	if (plan->s->port != SPEC_PORT_AUTO || o->has_bound ||
	    outfit_ports_is_free(before, is_udp(plan)))
		return 0;
	ret = port_take(o, plan, 0, error);
	if (ret == 0)
		outfit_ports_release(o->node->ports, before);
	return ret;
}

static void plan_drop(struct outfit *o, struct outfit_plan *plan)
{
	if (plan != NULL)
		outfit_ports_release(o->node->ports, plan->port);
	outfit_plan_free(plan);
}

/* ---- what the unit reports ---- */

static void refusal_set(struct outfit *o, const struct base_error *error)
{
	free(o->refusal);
	o->refusal = NULL;
	if (error == NULL)
		return;
	o->refusal = malloc(sizeof(*o->refusal));
	if (o->refusal != NULL)
		*o->refusal = *error;
}

/* Uses the plan that waits. The unit is not being prepared. */
static int next_use(struct outfit *o, struct base_error *error)
{
	struct outfit_plan *before = o->plan, *next = o->next;
	int ret = outfit_plan_furnish(next, error);

	if (ret < 0)
		return ret;
	if (next->form == SPEC_FORM_RUN)
		ret = supervise_service_change(o->runner, &next->service);
	else
		supervise_machine_change(o->runner, &next->machine);
	if (ret < 0)
		return base_error_set(error, ret, "out of memory");
	o->plan = next;
	o->next = NULL;
	refusal_set(o, NULL);
	supervise_unit_change(o->unit, &next->unit);
	o->has_bound = o->has_bound && before->port == next->port;
	plan_drop(o, before);
	return 0;
}

static bool is_waiting(const struct outfit *o)
{
	return o->next != NULL && !o->is_loading;
}

static int prepare_step(struct outfit *o, struct base_error *error)
{
	int ret = is_waiting(o) ? next_use(o, error) : 0;

	if (ret == 0 && o->refusal != NULL)
		ret = base_error_set(error, o->refusal->code, "%s", o->refusal->text);
	if (ret == 0)
		ret = outfit_plan_furnish(o->plan, error);
	if (ret == 0 && o->plan->unit.nprepare > 0)
		ret = outfit_plan_refresh(o->plan, &o->known.facts, false, error);
	return ret;
}

static int start_step(struct outfit *o, struct base_error *error)
{
	int ret = 0;

	/* It came during the preparation, which was not for another version. */
	if (is_waiting(o) && strcmp(o->next->version, o->plan->version) == 0)
		ret = next_use(o, error);
	if (ret == 0 && o->events->on_starting != NULL)
		o->events->on_starting(o->arg, o);
	if (ret == 0)
		ret = port_check(o, error);
	if (ret == 0)
		ret = outfit_plan_refresh(o->plan, &o->known.facts, false, error);
	if (ret == 0 && o->plan->s->listen == SPEC_LISTEN_AGENT)
		o->has_bound = true;
	return ret;
}

static int recycle_step(struct outfit *o, struct base_error *error)
{
	if (o->events->on_starting != NULL)
		o->events->on_starting(o->arg, o);
	return outfit_plan_refresh(o->plan, &o->known.facts, false, error);
}

static int on_starting(void *arg, struct supervise_unit *unit, enum supervise_unit_step step,
		       struct base_error *error)
{
	(void)unit;
	switch (step) {
	case SUPERVISE_STEP_PREPARE:
		return prepare_step(arg, error);
	case SUPERVISE_STEP_START:
		return start_step(arg, error);
	default:
		return recycle_step(arg, error);
	}
}

static void on_state(void *arg, struct supervise_unit *unit, enum supervise_unit_state old)
{
	struct outfit *o = arg;

	(void)unit;
	if (o->events->on_state != NULL)
		o->events->on_state(o->arg, o, old);
}

static void on_health(void *arg, struct supervise_unit *unit)
{
	struct outfit *o = arg;

	(void)unit;
	if (o->events->on_health != NULL)
		o->events->on_health(o->arg, o);
}

static void on_status(void *arg, struct supervise_unit *unit, const char *status)
{
	struct outfit *o = arg;

	(void)unit;
	if (o->events->on_status != NULL)
		o->events->on_status(o->arg, o, status);
}

static const struct supervise_unit_events unit_events = {
	.on_starting = on_starting,
	.on_state = on_state,
	.on_health = on_health,
	.on_status = on_status,
};

static void on_action(void *arg, const char *reason)
{
	struct outfit *o = arg;

	if (o->events->on_action != NULL)
		o->events->on_action(o->arg, o, reason);
}

/* ---- opening ---- */

static void report(struct outfit *o, const struct base_error *error)
{
	if (o->events->on_open != NULL)
		o->events->on_open(o->arg, o, error);
}

/* Returns whether nothing of the unit runs, or is about to. */
static bool is_idle(const struct outfit *o)
{
	struct supervise_unit_view view;

	supervise_unit_get(o->unit, &view);
	return view.state == SUPERVISE_UNIT_STOPPED ||
	       (view.state == SUPERVISE_UNIT_FAILED && view.cause != SUPERVISE_CAUSE_STOP);
}

/* Opens the unit with the plan that waits. */
static int unit_open(struct outfit *o, struct base_error *error)
{
	struct outfit_plan *plan = o->next;
	int ret;

	if (plan->form == SPEC_FORM_RUN)
		ret = supervise_service_new(&o->runner, o->node->host, &plan->service);
	else
		ret = supervise_machine_new(&o->runner, o->node->host, &plan->machine);
	if (ret < 0)
		return base_error_set(error, ret, "out of memory");
	o->plan = plan; /* before the first event */
	o->next = NULL;
	ret = supervise_unit_open(&o->unit, o->node->host, &plan->unit, o->runner, &unit_events, o,
				  error);
	if (ret < 0) {
		o->unit = NULL;
		o->plan = NULL;
		o->next = plan;
		return ret;
	}
	o->has_bound = plan->s->listen == SPEC_LISTEN_AGENT && !is_idle(o);
	return 0;
}

static void unit_close(struct outfit *o)
{
	supervise_unit_close(o->unit);
	o->unit = NULL;
	plan_drop(o, o->plan);
	o->plan = NULL;
	o->has_bound = false;
}

/* Opens the unit for the first time. A resource that its agent refuses now may run all the same. */
static void first_open(struct outfit *o, const struct base_error *refusal)
{
	struct base_error error;

	if (unit_open(o, &error) < 0) {
		report(o, &error);
		return;
	}
	if (refusal == NULL) {
		report(o, NULL);
	} else if (is_idle(o)) {
		supervise_unit_close(o->unit);
		o->unit = NULL;
		o->next = o->plan;
		o->plan = NULL;
		report(o, refusal);
	} else {
		refusal_set(o, refusal);
		report(o, NULL);
	}
}

/* Returns whether the plan that waits may be used while the unit runs. */
static bool is_live(const struct outfit *o)
{
	enum spec_consequence worst;
	struct supervise_unit_view view;

	supervise_unit_get(o->unit, &view);
	return view.state != SUPERVISE_UNIT_PREPARING &&
	       spec_diff_find(o->plan->s, o->next->s, NULL, NULL, &worst) == 0 &&
	       worst < SPEC_RESTART;
}

/* Goes on with the plan that waits, or lets it wait. */
static void next_open(struct outfit *o)
{
	bool is_other = o->plan->form != o->next->form;
	struct base_error error;
	int ret = 0;

	if (is_other && is_idle(o)) {
		unit_close(o);
		first_open(o, NULL);
		return;
	}
	if (is_other)
		ret = base_error_set(&error, -EXDEV,
				     "run, ocf, unit and machine are exchanged while it runs");
	else if (is_idle(o) || is_live(o))
		ret = next_use(o, &error);
	if (ret < 0) {
		plan_drop(o, o->next);
		o->next = NULL;
	}
	report(o, ret < 0 ? &error : NULL);
}

/* Takes the plan, with which all is well (`error` NULL) or not. */
static void loaded(struct outfit *o, const struct base_error *error)
{
	struct outfit_plan *next = o->next;
	bool has_settings = true;

	o->is_loading = false;
	ev_timer_stop(supervise_host_loop(o->node->host), &o->cut);
	if (next->agent != NULL) {
		has_settings = ocf_agent_machine(next->agent)->start.command != NULL;
		if (has_settings)
			outfit_plan_take_agent(next);
	}
	if (o->unit == NULL && has_settings) {
		first_open(o, error);
	} else if (error == NULL) {
		next_open(o);
	} else {
		if (o->unit != NULL) {
			plan_drop(o, next);
			o->next = NULL;
		}
		report(o, error);
	}
}

static void on_soon(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	(void)loop;
	(void)revents;
	loaded(watcher->data, NULL);
}

static void on_cut(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	struct outfit *o = watcher->data;

	(void)loop;
	(void)revents;
	if (o->is_loading && o->next->agent != NULL)
		ocf_agent_cut(o->next->agent);
}

static void on_agent(void *arg, struct ocf_agent *agent, const struct base_error *error)
{
	(void)agent;
	loaded(arg, error);
}

/* Splits the environment into what the agent's parameters are, and the rest. */
static int agent_load(struct outfit *o, struct outfit_plan *plan, struct base_error *error)
{
	static const char prefix[] = "OCF_RESKEY_";
	struct outfit_environment *e = &plan->environment;
	size_t nparameters = 0, nothers = 0;
	struct ocf_agent_parameter *parameters =
		base_arena_alloc(&e->arena, (e->variables.count + 1) * sizeof(*parameters));
	const char **others =
		base_arena_alloc(&e->arena, (e->variables.count + 1) * sizeof(*others));
	struct ocf_agent_settings settings = {
		.name = plan->s->ocf,
		.instance = o->known.facts.label,
		.root = o->node->ocf_root,
		.parameters = parameters,
		.environment = others,
	};

	if (parameters == NULL || others == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	for (size_t i = 0; i < e->variables.count; i++) {
		const struct spec_pair *one = &e->variables.items[i];

		if (strncmp(one->name, prefix, strlen(prefix)) == 0)
			parameters[nparameters++] = (struct ocf_agent_parameter){
				one->name + strlen(prefix), one->value};
		else
			others[nothers++] = e->strings[i];
	}
	others[nothers] = NULL;
	settings.nparameters = nparameters;
	return ocf_agent_load(&plan->agent, supervise_host_reaper(o->node->host), &settings,
			      on_agent, o, error);
}

/* Makes the next plan, instead of one that waits, and has it loaded. */
static int next_make(struct outfit *o, const struct spec_service *s, uint32_t port,
		     struct base_error *error)
{
	struct ev_loop *loop = supervise_host_loop(o->node->host);
	struct outfit_plan *plan;
	int ret = outfit_plan_new(&plan, o->node, o->known.facts.label, s, error);

	if (ret < 0)
		return ret;
	ret = port_take(o, plan, port, error);
	if (ret == 0)
		ret = outfit_plan_refresh(plan, &o->known.facts, true, error);
	if (ret == 0 && plan->form == SPEC_FORM_OCF)
		ret = agent_load(o, plan, error);
	if (ret < 0) {
		plan_drop(o, plan);
		return ret;
	}
	ev_timer_stop(loop, &o->soon);
	ev_timer_stop(loop, &o->cut);
	plan_drop(o, o->next);
	o->next = plan;
	o->is_loading = true;
	if (plan->form != SPEC_FORM_OCF) {
		ev_timer_set(&o->soon, 0, 0);
		ev_timer_start(loop, &o->soon);
	}
	return 0;
}

int outfit_new(struct outfit **out, const struct outfit_node *node, const struct spec_service *s,
	       const struct outfit_facts *facts, const struct outfit_events *events, void *arg,
	       struct base_error *error)
{
	struct outfit *o = calloc(1, sizeof(*o));
	int ret;

	if (o == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	o->node = node;
	o->events = events;
	o->arg = arg;
	LIST_INIT(&o->actions.running);
	o->actions.on_done = on_action;
	o->actions.arg = o;
	ev_init(&o->soon, on_soon);
	ev_init(&o->cut, on_cut);
	o->soon.data = o->cut.data = o;
	ret = outfit_known_set(&o->known, facts);
	if (ret < 0)
		base_error_set(error, ret, "out of memory");
	else
		ret = next_make(o, s, facts->port, error);
	if (ret < 0)
		outfit_close(o);
	else
		*out = o;
	return ret;
}

int outfit_apply(struct outfit *o, const struct spec_service *s, struct base_error *error)
{
	const struct outfit_plan *now = o->plan != NULL ? o->plan : o->next;
	bool is_auto = now != NULL && now->s->port == SPEC_PORT_AUTO;

	return next_make(o, s, is_auto ? now->port : 0, error);
}

/* ---- the rest ---- */

/* Returns the plan that its owner sees: the one in use, or the first. */
static const struct outfit_plan *shown(const struct outfit *o)
{
	return o->plan != NULL ? o->plan : o->next;
}

struct supervise_unit *outfit_unit(const struct outfit *o)
{
	return o->unit;
}

const char *outfit_name(const struct outfit *o)
{
	return shown(o)->name;
}

uint32_t outfit_port(const struct outfit *o)
{
	return shown(o)->port;
}

const char *outfit_folder(const struct outfit *o)
{
	return shown(o)->folder;
}

const struct supervise_output_settings *outfit_output(const struct outfit *o)
{
	const struct outfit_plan *plan = shown(o);

	return plan->form == SPEC_FORM_RUN ? &plan->service.output : &plan->machine.output;
}

int outfit_refresh(struct outfit *o, const struct outfit_facts *facts)
{
	int ret = outfit_known_set(&o->known, facts);

	if (ret == 0 && o->plan != NULL)
		outfit_plan_port(o->plan, o->plan->port, &o->known.facts);
	return ret;
}

void outfit_hurry(struct outfit *o)
{
	struct ev_loop *loop = supervise_host_loop(o->node->host);

	if (!o->is_loading || ev_is_active(&o->cut))
		return;
	ev_now_update(loop);
	ev_timer_set(&o->cut, o->next->s->stop.timeout_ms / 1e3, 0);
	ev_timer_start(loop, &o->cut);
}

int outfit_run_action(struct outfit *o, const struct spec_action *action, struct base_error *error)
{
	int ret = 0;

	if (o->unit == NULL || (action->act == SPEC_ACT_SIGNAL && is_idle(o)))
		return base_error_set(error, -ESRCH, "it does not run");
	switch (action->act) {
	case SPEC_ACT_RESTART:
		supervise_unit_restart(o->unit);
		break;
	case SPEC_ACT_SIGNAL:
		ret = supervise_unit_signal(o->unit, (int)action->signal);
		if (ret < 0)
			base_error_set(error, ret,
				       ret == -ENOTSUP ? "it has no process to be signalled"
						       : "it does not run");
		break;
	case SPEC_ACT_EXEC:
		ret = outfit_plan_furnish(o->plan, error); /* it may not have been started yet */
		if (ret == 0)
			ret = outfit_action_start(&o->actions, o->plan, &o->known.facts,
						  &action->exec, error);
		break;
	default:
		break;
	}
	return ret;
}

void outfit_close(struct outfit *o)
{
	if (o == NULL)
		return;
	ev_timer_stop(supervise_host_loop(o->node->host), &o->soon);
	ev_timer_stop(supervise_host_loop(o->node->host), &o->cut);
	outfit_action_end_all(&o->actions);
	supervise_unit_close(o->unit);
	plan_drop(o, o->plan);
	plan_drop(o, o->next);
	outfit_known_fini(&o->known);
	free(o->refusal);
	free(o);
}

void outfit_remove_take(struct outfit *o)
{
	const struct outfit_plan *plan = shown(o);

	if (plan != NULL) {
		unlink(plan->parameters_file);
		outfit_waste_discard(o->node->folder, plan->name);
	}
	outfit_close(o);
}

unsigned outfit_prune(const struct outfit_node *node, uint64_t log_age_s,
		      bool (*is_known)(void *arg, const char *name), void *arg)
{
	return outfit_waste_sweep(node->folder) +
	       outfit_waste_logs(node->log_folder, log_age_s, is_known, arg);
}
