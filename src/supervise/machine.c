/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A machine is in one of these phases:
 *
 *	idle -> looking -> (breaking ->) starting -> running -> stopping -> idle
 *	                                  running -> recycling -> running
 *
 * The check looks first: what runs already is not started, what is broken is stopped before. Each
 * phase but idle and running has one command. A stop that is asked for during one waits for its
 * end, since a start that is cut off in the middle leaves something that nobody knows, but not for
 * ever: one that hangs is killed, and the stop command makes the best of what is left. */

#include "supervise/machine.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ev.h>

#include "base/error.h"
#include "child/task.h"
#include "supervise/host_priv.h"
#include "supervise/state.h"

enum { REASON_MAX = 512 };

enum phase {
	PHASE_IDLE,
	PHASE_LOOKING,
	PHASE_BREAKING,
	PHASE_STARTING,
	PHASE_RUNNING,
	PHASE_RECYCLING,
	PHASE_STOPPING,
};

static const char *const phase_texts[] = {
	"", "check", "stop", "start", "", "recycle", "stop",
};

struct machine {
	struct supervise_runner runner; /* first: what others know */
	struct supervise_member member;
	struct supervise_host *host;
	struct ev_loop *loop;
	const struct supervise_machine_settings *settings;
	enum phase phase;
	struct child_task *task;
	bool is_asked; /* to stop */
	bool has_failed, is_final;
	struct child_exit exit;
	char *reason; /* malloc'd: of a failure */
	ev_timer soon;
	ev_timer cut; /* until what runs is killed, so that it can be stopped */
	char mark[];
};

static struct machine *of(struct supervise_runner *runner)
{
	return (struct machine *)runner;
}

static const struct supervise_machine_action *action_of(const struct machine *m)
{
	static const struct supervise_machine_action none;

	switch (m->phase) {
	case PHASE_LOOKING:
		return &m->settings->check;
	case PHASE_STARTING:
		return &m->settings->start;
	case PHASE_RECYCLING:
		return &m->settings->recycle;
	case PHASE_BREAKING:
	case PHASE_STOPPING:
		return &m->settings->stop;
	default:
		return &none;
	}
}

static void gone(struct machine *m, bool is_start_failure, bool is_incomplete)
{
	struct supervise_gone gone = {.is_start_failure = is_start_failure,
				      .is_final = m->is_final,
				      .is_incomplete = is_incomplete,
				      .exit = m->exit};
	char reason[REASON_MAX];

	snprintf(reason, sizeof(reason), "%s", m->reason != NULL ? m->reason : "stopped");
	free(m->reason);
	m->reason = NULL;
	gone.reason = reason;
	m->phase = PHASE_IDLE;
	m->is_asked = m->has_failed = m->is_final = false;
	m->runner.events->on_gone(m->runner.arg, &gone);
}

static bool is_good(const struct child_task_result *result)
{
	return result->how == CHILD_TASK_ENDED && result->exit.how == CHILD_EXIT_STATUS &&
	       result->exit.value == 0;
}

/* Keeps the reason of the first failure. */
static void reason_set(struct machine *m, const struct child_task_result *result)
{
	char text[REASON_MAX];

	if (m->reason != NULL)
		return;
	if (result->how == CHILD_TASK_ENDED && m->settings->explain != NULL)
		m->settings->explain(text, sizeof(text), phase_texts[m->phase], result);
	else
		snprintf(text, sizeof(text), "%s: %s", phase_texts[m->phase], result->reason);
	m->reason = strdup(text);
}

static void on_task(void *arg, const struct child_task_result *result);

/* Enters a phase: runs its command. One without a command is over at once, well. */
static void enter(struct machine *m, enum phase phase)
{
	const struct supervise_machine_action *action;
	struct child_task_settings task = {.mark = m->mark, .output = -1, .is_kept = true};
	struct base_error error;
	int ret;

	m->phase = phase;
	if (phase == PHASE_STOPPING)
		ev_timer_stop(m->loop, &m->cut);
	action = action_of(m);
	if (action->command == NULL) {
		on_task(m, &(struct child_task_result){.how = CHILD_TASK_ENDED,
						       .exit.how = CHILD_EXIT_STATUS,
						       .output = "",
						       .reason = ""});
		return;
	}
	task.command = action->command;
	task.timeout_ms = action->timeout_ms;
	/* What a start leaves running writes on: into a file, not into our memory. */
	if (phase != PHASE_LOOKING)
		task.output = supervise_output_open(&m->settings->output);
	ret = child_task_start(&m->task, supervise_host_reaper(m->host), &task, on_task, m, &error);
	if (task.output >= 0)
		close(task.output);
	if (ret < 0)
		on_task(m, &(struct child_task_result){
				   .how = CHILD_TASK_FAILED, .output = "", .reason = error.text});
}

/* ---- the ends of phases ---- */

static enum supervise_machine_found judge(struct child_exit exit)
{
	return exit.how == CHILD_EXIT_STATUS && (exit.value == 0 || exit.value == 1)
		       ? SUPERVISE_MACHINE_RUNS
		       : SUPERVISE_MACHINE_STOPPED;
}

static void run(struct machine *m)
{
	m->phase = PHASE_RUNNING;
	if (m->is_asked)
		enter(m, PHASE_STOPPING);
	else
		m->runner.events->on_running(m->runner.arg);
}

static void looked(struct machine *m, const struct child_task_result *result)
{
	enum supervise_machine_found found = SUPERVISE_MACHINE_BROKEN;

	if (m->settings->check.command == NULL)
		found = SUPERVISE_MACHINE_STOPPED;
	else if (result->how == CHILD_TASK_ENDED)
		found = m->settings->judge != NULL ? m->settings->judge(result->exit)
						   : judge(result->exit);
	if (m->is_asked)
		enter(m, PHASE_STOPPING);
	else if (found == SUPERVISE_MACHINE_RUNS)
		run(m);
	else
		enter(m, found == SUPERVISE_MACHINE_BROKEN ? PHASE_BREAKING : PHASE_STARTING);
}

/* A failed start may have left something: it is stopped. */
static void start_failed(struct machine *m, const struct child_task_result *result)
{
	reason_set(m, result);
	m->exit = result->exit;
	m->has_failed = true;
	m->is_final = result->how == CHILD_TASK_ENDED && m->settings->is_final != NULL &&
		      m->settings->is_final(result->exit);
	enter(m, PHASE_STOPPING);
}

static void stopped(struct machine *m, const struct child_task_result *result)
{
	if (is_good(result)) {
		gone(m, m->has_failed, false);
		return;
	}
	free(m->reason);
	m->reason = NULL;
	reason_set(m, result);
	gone(m, m->has_failed, true);
}

static void on_task(void *arg, const struct child_task_result *result)
{
	struct machine *m = arg;

	m->task = NULL;
	switch (m->phase) {
	case PHASE_LOOKING:
		looked(m, result);
		break;
	case PHASE_BREAKING:
		if (!is_good(result))
			stopped(m, result);
		else
			enter(m, m->is_asked ? PHASE_STOPPING : PHASE_STARTING);
		break;
	case PHASE_STARTING:
	case PHASE_RECYCLING:
		if (is_good(result))
			run(m);
		else
			start_failed(m, result);
		break;
	default:
		stopped(m, result);
	}
}

/* ---- the runner ---- */

static void on_soon(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	struct machine *m = watcher->data;

	(void)loop;
	(void)revents;
	if (m->task == NULL)
		enter(m, m->is_asked ? PHASE_STOPPING : m->phase);
}

static void on_cut(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	struct machine *m = watcher->data;

	(void)loop;
	(void)revents;
	/* A stop has a timeout of its own. */
	if (m->task != NULL && m->phase != PHASE_BREAKING && m->phase != PHASE_STOPPING)
		child_task_cut(m->task);
}

/* Enters a phase from the loop: nothing is reported from within a call. */
static void enter_soon(struct machine *m, enum phase phase)
{
	m->phase = phase;
	ev_timer_stop(m->loop, &m->soon);
	ev_timer_set(&m->soon, 0, 0);
	ev_timer_start(m->loop, &m->soon);
}

static void start(struct supervise_runner *runner)
{
	struct machine *m = of(runner);

	m->exit = (struct child_exit){0};
	enter_soon(m, PHASE_LOOKING);
	runner->events->on_record(runner->arg);
}

static void stop(struct supervise_runner *runner)
{
	struct machine *m = of(runner);

	if (m->is_asked || m->phase == PHASE_IDLE)
		return;
	m->is_asked = true;
	if (m->phase == PHASE_RUNNING) {
		enter_soon(m, PHASE_STOPPING);
		return;
	}
	ev_now_update(m->loop);
	ev_timer_set(&m->cut, m->settings->cut_ms / 1e3, 0);
	ev_timer_start(m->loop, &m->cut);
}

static void recycle(struct supervise_runner *runner)
{
	enter_soon(of(runner), PHASE_RECYCLING);
}

static bool can_recycle(const struct supervise_runner *runner)
{
	return ((const struct machine *)runner)->settings->recycle.command != NULL;
}

/* Goes on where the state was written; a command that was cut off is begun again by looking. */
static bool adopt(struct supervise_runner *runner)
{
	struct machine *m = of(runner);

	if (!runner->state->is_wanted && !runner->state->is_stopping)
		return false;
	if (runner->state->is_up || runner->state->is_stopping)
		m->phase = PHASE_RUNNING;
	else
		enter_soon(m, PHASE_LOOKING);
	return true;
}

static void close_runner(struct supervise_runner *runner)
{
	struct machine *m = of(runner);

	ev_timer_stop(m->loop, &m->soon);
	ev_timer_stop(m->loop, &m->cut);
	child_task_close(m->task);
	supervise_host_remove(&m->member);
	free(m->reason);
	free(m);
}

static const struct supervise_runner_ops ops = {
	.start = start,
	.stop = stop,
	.recycle = recycle,
	.can_recycle = can_recycle,
	.adopt = adopt,
	.close = close_runner,
};

static const struct supervise_output_settings *
output_of(const struct supervise_machine_settings *settings)
{
	return settings->output.path != NULL ? &settings->output : NULL;
}

int supervise_machine_new(struct supervise_runner **out, struct supervise_host *host,
			  const struct supervise_machine_settings *settings)
{
	char mark[SUPERVISE_MARK_MAX];
	struct machine *m;

	/* What its commands start has the unit's mark: it is swept when the unit is gone. */
	supervise_host_mark(host, settings->name, mark);
	m = calloc(1, sizeof(*m) + strlen(mark) + 1);
	if (m == NULL)
		return -ENOMEM;
	strcpy(m->mark, mark);
	m->runner.ops = &ops;
	m->host = host;
	m->loop = supervise_host_loop(host);
	m->settings = settings;
	ev_init(&m->soon, on_soon);
	ev_init(&m->cut, on_cut);
	m->soon.data = m->cut.data = m;
	m->member = (struct supervise_member){
		.name = settings->name,
		.output = output_of(settings),
		.arg = m,
	};
	supervise_host_add(host, &m->member);
	*out = &m->runner;
	return 0;
}

void supervise_machine_change(struct supervise_runner *runner,
			      const struct supervise_machine_settings *settings)
{
	struct machine *m = of(runner);

	m->settings = settings;
	m->member.name = settings->name;
	m->member.output = output_of(settings);
}
