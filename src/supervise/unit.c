/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/unit.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ev.h>

#include "base/clock.h"
#include "base/error.h"
#include "supervise/host_priv.h"
#include "supervise/prepare.h"
#include "supervise/runner.h"
#include "supervise/state.h"

struct supervise_unit {
	struct supervise_host *host;
	struct ev_loop *loop;
	const struct supervise_unit_settings *settings;
	struct supervise_runner *runner;
	const struct supervise_unit_events *events;
	void *arg;

	enum supervise_unit_state state;
	enum supervise_unit_cause cause;
	char reason[SUPERVISE_UNIT_REASON_MAX];
	char *status; /* malloc'd: that it has reported; NULL: none */
	bool is_wanted;
	bool is_started;		   /* the runner */
	bool is_restarting;		   /* asked for: start again when it is gone */
	bool is_recycling;		   /* the runner makes it work again */
	enum supervise_unit_cause pending; /* why the runner was stopped, if that was our idea */

	struct supervise_prepare *prepare;
	struct supervise_check *check;
	enum supervise_verdict health;
	uint64_t nchecks;
	struct supervise_restart restart;
	ev_timer wait;	     /* until it is started again */
	ev_timer timeout;    /* of its start */
	uint64_t checked_ms; /* steady clock: since when there is `check` */
	uint64_t up_ms;	     /* steady clock; 0: was not up */
	struct child_exit last_exit;
	bool has_ended;
	struct supervise_state recorded;
	char task_mark[SUPERVISE_MARK_MAX + 8];
	char path[];
};

static uint64_t now_ms(void)
{
	return base_clock_steady_us() / 1000;
}

static void timer_set(struct supervise_unit *unit, ev_timer *timer, uint64_t delay_ms)
{
	ev_now_update(unit->loop);
	ev_timer_stop(unit->loop, timer);
	ev_timer_set(timer, (double)delay_ms / 1e3, 0);
	ev_timer_start(unit->loop, timer);
}

static void record(struct supervise_unit *unit)
{
	struct supervise_state *state = &unit->recorded;
	int ret;

	state->is_up = unit->state == SUPERVISE_UNIT_UP;
	state->is_stopping = unit->state == SUPERVISE_UNIT_DRAINING;
	state->is_wanted = unit->is_wanted;
	state->health = unit->health;
	ret = supervise_state_write(unit->path, state);
	if (ret < 0)
		supervise_host_report(unit->host, BASE_LOG_WARNING, unit->settings->name, ret,
				      "its state is not written");
}

/* Changes the state, and reports that: the last thing that a function does. */
static void become(struct supervise_unit *unit, enum supervise_unit_state state,
		   enum supervise_unit_cause cause, const char *reason)
{
	enum supervise_unit_state old = unit->state;

	unit->state = state;
	unit->cause = cause;
	snprintf(unit->reason, sizeof(unit->reason), "%.*s", SUPERVISE_UNIT_REASON_MAX - 1, reason);
	if (state != SUPERVISE_UNIT_STARTING && state != SUPERVISE_UNIT_PREPARING)
		record(unit); /* a start is recorded with its process */
	unit->events->on_state(unit->arg, unit, old);
}

/* Announces a step. Returns 0, or a negative errno with `error` filled in. */
static int step_announce(struct supervise_unit *unit, enum supervise_unit_step step,
			 struct base_error *error)
{
	if (unit->events->on_starting == NULL)
		return 0;
	return unit->events->on_starting(unit->arg, unit, step, error);
}

/* ---- health ---- */

static void unhealthy(struct supervise_unit *unit, const char *reason)
{
	char text[SUPERVISE_UNIT_REASON_MAX];

	snprintf(text, sizeof(text), "check: %s", reason);
	supervise_check_close(unit->check);
	unit->check = NULL;
	unit->pending = unit->cause = SUPERVISE_CAUSE_UNHEALTHY;
	/* Recycling counts as a restart; when there are none left it is stopped, and has failed. */
	unit->is_recycling = unit->runner->ops->recycle != NULL &&
			     unit->runner->ops->can_recycle(unit->runner) &&
			     supervise_restart_next(&unit->restart, &unit->settings->restart,
						    now_ms(), now_ms() - unit->up_ms, 0) >= 0 &&
			     step_announce(unit, SUPERVISE_STEP_RECYCLE, NULL) == 0;
	if (unit->is_recycling)
		unit->runner->ops->recycle(unit->runner);
	else
		unit->runner->ops->stop(unit->runner);
	become(unit, SUPERVISE_UNIT_STARTING, SUPERVISE_CAUSE_UNHEALTHY, text);
}

static void up(struct supervise_unit *unit, enum supervise_unit_cause cause)
{
	ev_timer_stop(unit->loop, &unit->timeout);
	unit->up_ms = now_ms();
	become(unit, SUPERVISE_UNIT_UP, cause, "");
}

/* Shows why a unit is not up yet. Not before the time of one check is over: most units fail the
 * first ones, of a few milliseconds. */
static void not_yet(struct supervise_unit *unit, const char *reason)
{
	char text[SUPERVISE_UNIT_REASON_MAX];

	snprintf(text, sizeof(text), "check: %s", reason);
	if (now_ms() - unit->checked_ms < unit->settings->check->interval_ms ||
	    strcmp(unit->reason, text) == 0)
		return;
	strcpy(unit->reason, text);
	unit->events->on_health(unit->arg, unit);
}

static void on_result(void *arg, const struct supervise_health *health, bool has_changed,
		      const char *reason)
{
	struct supervise_unit *unit = arg;
	bool is_good = health->now == SUPERVISE_PASSED || health->now == SUPERVISE_DEGRADED;

	unit->nchecks++;
	if (!has_changed) {
		if (unit->state == SUPERVISE_UNIT_STARTING && health->last == SUPERVISE_FAILED)
			not_yet(unit, reason);
		return;
	}
	unit->health = health->now;
	snprintf(unit->reason, sizeof(unit->reason), "check: %s", reason);
	unit->events->on_health(unit->arg, unit);
	if (unit->check == NULL) /* stopped by its owner, who was just called */
		return;
	if (unit->state == SUPERVISE_UNIT_STARTING && is_good && !unit->settings->must_report_ready)
		up(unit, unit->cause);
	else if (unit->state == SUPERVISE_UNIT_UP && health->now == SUPERVISE_FAILED &&
		 !unit->settings->can_be_unhealthy)
		unhealthy(unit, reason);
	else
		record(unit);
}

static const struct supervise_check_events check_events = {.on_result = on_result};

static void check_open(struct supervise_unit *unit)
{
	if (unit->settings->check == NULL || unit->check != NULL)
		return;
	unit->health = SUPERVISE_UNKNOWN;
	unit->checked_ms = now_ms();
	if (supervise_check_open(&unit->check, supervise_host_reaper(unit->host),
				 unit->settings->check, unit->task_mark, &check_events, unit) < 0)
		supervise_host_report(unit->host, BASE_LOG_ERROR, unit->settings->name, -ENOMEM,
				      "is not checked");
}

/* ---- starting ---- */

/* Ends an attempt to start it, for a reason that another attempt does not change. */
static void refuse(struct supervise_unit *unit, enum supervise_unit_cause cause, const char *reason)
{
	unit->is_wanted = false;
	become(unit, SUPERVISE_UNIT_FAILED, cause, reason);
}

static void status_set(struct supervise_unit *unit, const char *status)
{
	free(unit->status);
	unit->status = status != NULL ? strdup(status) : NULL; /* without memory none is shown */
}

static void run(struct supervise_unit *unit)
{
	enum supervise_unit_cause cause = unit->cause;
	char reason[SUPERVISE_UNIT_REASON_MAX];
	struct base_error error;

	if (step_announce(unit, SUPERVISE_STEP_START, &error) < 0) {
		refuse(unit, SUPERVISE_CAUSE_START, error.text);
		return;
	}
	if (unit->state == SUPERVISE_UNIT_PREPARING)
		unit->reason[0] = '\0';
	strcpy(reason, unit->reason);
	unit->is_started = true;
	unit->pending = SUPERVISE_CAUSE_NONE;
	unit->up_ms = 0;
	unit->health = SUPERVISE_UNKNOWN;
	unit->recorded.started_ms = base_clock_wall_ms();
	if (unit->settings->start_timeout_ms != 0)
		timer_set(unit, &unit->timeout, unit->settings->start_timeout_ms);

	unit->runner->ops->start(unit->runner);
	become(unit, SUPERVISE_UNIT_STARTING, cause, reason);
}

static void on_prepared(void *arg, const char *reason)
{
	struct supervise_unit *unit = arg;

	unit->prepare = NULL;
	if (reason == NULL)
		run(unit);
	else
		refuse(unit, SUPERVISE_CAUSE_PREPARE, reason);
}

/* Starts, after what there is to be prepared. */
static void begin(struct supervise_unit *unit)
{
	struct supervise_prepare_settings settings;
	struct base_error error;
	int ret;

	if (step_announce(unit, SUPERVISE_STEP_PREPARE, &error) < 0) {
		refuse(unit, SUPERVISE_CAUSE_START, error.text);
		return;
	}
	settings = (struct supervise_prepare_settings){
		.steps = unit->settings->prepare,
		.nsteps = unit->settings->nprepare,
		.timeout_ms = unit->settings->prepare_timeout_ms,
		.version = unit->settings->version,
		.mark = unit->task_mark,
	};
	ret = supervise_prepare_start(&unit->prepare, supervise_host_reaper(unit->host), &settings,
				      on_prepared, unit);
	if (ret == 0)
		run(unit);
	else if (ret > 0)
		become(unit, SUPERVISE_UNIT_PREPARING, unit->cause, "");
	else
		refuse(unit, SUPERVISE_CAUSE_PREPARE, strerror(-ret));
}

static void on_wait(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	(void)loop;
	(void)revents;
	begin(watcher->data);
}

static void on_timeout(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	struct supervise_unit *unit = watcher->data;
	bool is_checked = strncmp(unit->reason, "check: ", 7) == 0;
	char text[SUPERVISE_UNIT_REASON_MAX];

	(void)loop;
	(void)revents;
	snprintf(text, sizeof(text), "not up within %u ms%s%.400s",
		 unit->settings->start_timeout_ms, is_checked ? "; " : "",
		 is_checked ? unit->reason : "");
	supervise_check_close(unit->check);
	unit->check = NULL;
	unit->pending = SUPERVISE_CAUSE_START;
	snprintf(unit->reason, sizeof(unit->reason), "%s", text);
	unit->runner->ops->stop(unit->runner);
}

/* ---- what the runner reports ---- */

static void on_running(void *arg)
{
	struct supervise_unit *unit = arg;

	if (unit->is_recycling) {
		unit->is_recycling = false;
		unit->pending = SUPERVISE_CAUSE_NONE;
		unit->recorded.nrestarts++;
		if (unit->settings->start_timeout_ms != 0)
			timer_set(unit, &unit->timeout, unit->settings->start_timeout_ms);
	}
	if (unit->state != SUPERVISE_UNIT_STARTING || unit->pending != SUPERVISE_CAUSE_NONE)
		return;
	check_open(unit);
	if (unit->settings->check == NULL && !unit->settings->must_report_ready)
		up(unit, unit->cause);
}

static void on_ready(void *arg)
{
	struct supervise_unit *unit = arg;

	if (unit->state == SUPERVISE_UNIT_STARTING && unit->pending == SUPERVISE_CAUSE_NONE)
		up(unit, unit->cause);
}

static void on_status(void *arg, const char *status, uint64_t extend_us)
{
	struct supervise_unit *unit = arg;

	if (extend_us != 0 && ev_is_active(&unit->timeout))
		timer_set(unit, &unit->timeout, extend_us / 1000);
	if (status == NULL)
		return;
	status_set(unit, status);
	if (unit->events->on_status != NULL)
		unit->events->on_status(unit->arg, unit, status);
}

static void on_record(void *arg)
{
	record(arg);
}

/* Starts the unit again, if its restarts allow that. */
static void again(struct supervise_unit *unit, enum supervise_unit_cause cause, const char *reason)
{
	const struct supervise_restart_settings *settings = &unit->settings->restart;
	uint64_t now = now_ms(), up_ms = unit->up_ms != 0 ? now - unit->up_ms : 0;
	int64_t wait_ms = supervise_restart_next(&unit->restart, settings, now, up_ms,
						 supervise_host_random());
	char text[SUPERVISE_UNIT_REASON_MAX];

	if (wait_ms == SUPERVISE_RESTART_NEVER) {
		snprintf(text, sizeof(text), "%.400s; restarted %u times within %u ms", reason,
			 settings->times, settings->within_ms);
		unit->is_wanted = false;
		become(unit, SUPERVISE_UNIT_FAILED, cause, settings->times != 0 ? text : reason);
		return;
	}
	unit->recorded.nrestarts++;
	unit->cause = cause;
	snprintf(unit->reason, sizeof(unit->reason), "%.*s", SUPERVISE_UNIT_REASON_MAX - 1, reason);
	if (wait_ms == 0) {
		begin(unit);
		return;
	}
	timer_set(unit, &unit->wait, (uint64_t)wait_ms);
	become(unit, SUPERVISE_UNIT_STARTING, cause, reason);
}

/* Decides what follows when nothing of the unit is left. */
static void decide(struct supervise_unit *unit, const struct supervise_gone *gone,
		   enum supervise_unit_cause pending, const char *reason)
{
	bool has_status = gone->exit.how == CHILD_EXIT_STATUS;

	if (gone->is_final) {
		refuse(unit, SUPERVISE_CAUSE_START, gone->reason);
	} else if (pending != SUPERVISE_CAUSE_NONE) {
		again(unit, pending, reason);
	} else if (gone->is_start_failure) {
		again(unit, SUPERVISE_CAUSE_START, gone->reason);
	} else if (has_status && gone->exit.value == 0) {
		unit->is_wanted = false;
		become(unit, SUPERVISE_UNIT_STOPPED, SUPERVISE_CAUSE_DONE, gone->reason);
	} else if (has_status && gone->exit.value == SUPERVISE_EXIT_LOST) {
		unit->is_wanted = false;
		become(unit, SUPERVISE_UNIT_FAILED, SUPERVISE_CAUSE_LOST,
		       "cannot pick up its state (exit status 65)");
	} else {
		again(unit, SUPERVISE_CAUSE_DIED, gone->reason);
	}
}

static void on_gone(void *arg, const struct supervise_gone *gone)
{
	struct supervise_unit *unit = arg;
	enum supervise_unit_cause pending = unit->pending;
	char reason[SUPERVISE_UNIT_REASON_MAX];

	strcpy(reason, unit->reason);
	supervise_check_close(unit->check);
	unit->check = NULL;
	ev_timer_stop(unit->loop, &unit->timeout);
	status_set(unit, NULL);
	unit->is_started = unit->is_recycling = false;
	unit->pending = SUPERVISE_CAUSE_NONE;
	unit->last_exit = gone->exit;
	unit->has_ended = true;
	unit->recorded.started_ms = 0;
	if (gone->is_incomplete) {
		unit->is_wanted = unit->is_restarting = false;
		become(unit, SUPERVISE_UNIT_FAILED, SUPERVISE_CAUSE_STOP, gone->reason);
	} else if (unit->is_restarting) {
		unit->is_restarting = false;
		unit->cause = SUPERVISE_CAUSE_ASKED;
		unit->reason[0] = '\0';
		begin(unit);
	} else if (!unit->is_wanted) {
		become(unit, SUPERVISE_UNIT_STOPPED, SUPERVISE_CAUSE_ASKED, gone->reason);
	} else {
		decide(unit, gone, pending, reason);
	}
}

static const struct supervise_runner_events runner_events = {
	.on_running = on_running,
	.on_ready = on_ready,
	.on_status = on_status,
	.on_record = on_record,
	.on_gone = on_gone,
};

/* ---- what the owner asks for ---- */

void supervise_unit_start(struct supervise_unit *unit)
{
	bool is_new = !unit->is_wanted;

	unit->is_wanted = true;
	if (is_new) {
		unit->restart = (struct supervise_restart){0};
		unit->recorded.nrestarts = 0;
		unit->cause = SUPERVISE_CAUSE_ASKED;
		unit->reason[0] = '\0';
		record(unit); /* before there is a process */
	}
	if (unit->is_started) {
		/* It is being stopped: then again. */
		unit->is_restarting = unit->is_restarting || unit->state == SUPERVISE_UNIT_DRAINING;
		return;
	}
	if (unit->prepare != NULL)
		return;
	ev_timer_stop(unit->loop, &unit->wait);
	begin(unit);
}

void supervise_unit_stop(struct supervise_unit *unit)
{
	unit->is_wanted = unit->is_restarting = false;
	ev_timer_stop(unit->loop, &unit->wait);
	supervise_prepare_close(unit->prepare);
	unit->prepare = NULL;
	if (!unit->is_started) {
		if (unit->state != SUPERVISE_UNIT_STOPPED)
			become(unit, SUPERVISE_UNIT_STOPPED, SUPERVISE_CAUSE_ASKED, "");
		return;
	}
	if (unit->state == SUPERVISE_UNIT_DRAINING)
		return;
	ev_timer_stop(unit->loop, &unit->timeout);
	supervise_check_close(unit->check);
	unit->check = NULL;
	unit->runner->ops->stop(unit->runner);
	become(unit, SUPERVISE_UNIT_DRAINING, SUPERVISE_CAUSE_ASKED, "");
}

void supervise_unit_restart(struct supervise_unit *unit)
{
	if (!unit->is_started) {
		supervise_prepare_close(unit->prepare); /* that begins anew */
		unit->prepare = NULL;
		supervise_unit_start(unit);
		return;
	}
	if (unit->state != SUPERVISE_UNIT_DRAINING)
		supervise_unit_stop(unit);
	unit->is_wanted = unit->is_restarting = true;
}

void supervise_unit_change(struct supervise_unit *unit,
			   const struct supervise_unit_settings *settings)
{
	bool was_checked = unit->check != NULL, had_check = unit->settings->check != NULL;
	enum supervise_verdict health = unit->health;

	assert(unit->prepare == NULL);
	supervise_check_close(unit->check);
	unit->check = NULL;
	unit->settings = settings;
	if (settings->check == NULL) {
		unit->health = SUPERVISE_UNKNOWN;
		/* It was waiting for a check that is not to be made any more. */
		if (was_checked && unit->state == SUPERVISE_UNIT_STARTING &&
		    !settings->must_report_ready)
			up(unit, unit->cause);
	} else if (was_checked || (!had_check && unit->state == SUPERVISE_UNIT_UP)) {
		check_open(unit);
		unit->health = health;
		if (unit->check != NULL && health != SUPERVISE_UNKNOWN)
			supervise_check_assume(unit->check, health);
	}
}

int supervise_unit_check(struct supervise_unit *unit)
{
	if (unit->settings->check == NULL)
		return -ENOTSUP;
	if (unit->check != NULL)
		supervise_check_now(unit->check);
	return 0;
}

int supervise_unit_signal(struct supervise_unit *unit, int signal)
{
	if (unit->runner->ops->signal == NULL)
		return -ENOTSUP;
	return unit->is_started ? unit->runner->ops->signal(unit->runner, signal) : -ESRCH;
}

void supervise_unit_get(const struct supervise_unit *unit, struct supervise_unit_view *out)
{
	*out = (struct supervise_unit_view){
		.state = unit->state,
		.cause = unit->cause,
		.reason = unit->reason,
		.pid = unit->runner->ops->pid != NULL ? unit->runner->ops->pid(unit->runner) : 0,
		.health = unit->health,
		.last_exit = unit->last_exit,
		.has_ended = unit->has_ended,
		.nrestarts = unit->recorded.nrestarts,
		.status = unit->status != NULL ? unit->status : "",
		.nchecks = unit->nchecks,
		.started_ms = unit->is_started ? unit->recorded.started_ms : 0,
		.wait_ms = -1,
		.is_wanted = unit->is_wanted,
	};
	if (ev_is_active(&unit->wait)) {
		ev_timer copy = unit->wait;
		double left_s = ev_timer_remaining(unit->loop, &copy);

		out->wait_ms = left_s > 0 ? (int64_t)(left_s * 1e3) : 0;
	}
}

const char *supervise_unit_name(const struct supervise_unit *unit)
{
	return unit->settings->name;
}

/* ---- opening ---- */

static bool is_name(const char *name)
{
	size_t n = 0;

	for (; name[n] != '\0'; n++)
		if (!isalnum((unsigned char)name[n]) && strchr("-_.@", name[n]) == NULL)
			return false;
	return n > 0 && n <= SUPERVISE_UNIT_NAME_MAX && name[0] != '.';
}

/* Goes on with what runs. */
static void adopt(struct supervise_unit *unit)
{
	const struct supervise_state *old = &unit->recorded;
	bool was_up = old->is_up, was_stopping = old->is_stopping || !old->is_wanted;
	enum supervise_verdict health = old->health;

	unit->is_started = true;
	unit->cause = SUPERVISE_CAUSE_ADOPTED;
	unit->is_wanted = !was_stopping;
	if (was_stopping) {
		unit->state = SUPERVISE_UNIT_DRAINING;
		unit->runner->ops->stop(unit->runner);
	} else {
		unit->state = was_up ? SUPERVISE_UNIT_UP : SUPERVISE_UNIT_STARTING;
		check_open(unit);
		if (was_up) {
			unit->up_ms = now_ms();
			unit->health = health;
			if (unit->check != NULL)
				supervise_check_assume(unit->check, health);
		} else if (unit->settings->start_timeout_ms != 0) {
			timer_set(unit, &unit->timeout, unit->settings->start_timeout_ms);
		}
	}
	record(unit);
}

int supervise_unit_open(struct supervise_unit **out, struct supervise_host *host,
			const struct supervise_unit_settings *settings,
			struct supervise_runner *runner, const struct supervise_unit_events *events,
			void *arg, struct base_error *error)
{
	char path[SUPERVISE_PATH_MAX], mark[SUPERVISE_MARK_MAX];
	struct supervise_unit *unit = NULL;
	int ret = -EINVAL;

	if (!is_name(settings->name)) {
		base_error_set(error, ret, "\"%.50s\" is not a name for a unit", settings->name);
		goto undo;
	}
	supervise_host_state_path(host, settings->name, path);
	unit = calloc(1, sizeof(*unit) + strlen(path) + 1);
	if (unit == NULL) {
		ret = base_error_set(error, -ENOMEM, "out of memory");
		goto undo;
	}
	strcpy(unit->path, path);
	supervise_host_mark(host, settings->name, mark);
	snprintf(unit->task_mark, sizeof(unit->task_mark), "%s#task", mark);
	unit->host = host;
	unit->loop = supervise_host_loop(host);
	unit->settings = settings;
	unit->events = events;
	unit->arg = arg;
	unit->runner = runner;
	ev_init(&unit->wait, on_wait);
	ev_init(&unit->timeout, on_timeout);
	unit->wait.data = unit->timeout.data = unit;
	ret = supervise_state_read(&unit->recorded, path, NULL);
	if (ret == -EBADMSG || (ret < 0 && supervise_host_has_left(host, settings->name))) {
		supervise_host_report(host, BASE_LOG_WARNING, settings->name, ret,
				      "its state is lost");
		/* What it has left is looked for, and ended. */
		unit->recorded.is_wanted = unit->recorded.is_stopping = true;
	}
	runner->events = &runner_events;
	runner->arg = unit;
	runner->state = &unit->recorded;
	if (runner->ops->adopt(runner))
		adopt(unit);
	*out = unit;
	return 0;
undo:
	runner->ops->close(runner);
	return ret;
}

void supervise_unit_close(struct supervise_unit *unit)
{
	if (unit == NULL)
		return;
	if (unit->is_started)
		record(unit);
	else
		unlink(unit->path);
	ev_timer_stop(unit->loop, &unit->wait);
	ev_timer_stop(unit->loop, &unit->timeout);
	supervise_prepare_close(unit->prepare);
	supervise_check_close(unit->check);
	unit->runner->ops->close(unit->runner);
	free(unit->status);
	free(unit);
}

const char *supervise_unit_state_to_text(enum supervise_unit_state state)
{
	static const char *const texts[] = {"stopped", "preparing", "starting",
					    "up",      "draining",  "failed"};

	return texts[state];
}

const char *supervise_unit_cause_to_text(enum supervise_unit_cause cause)
{
	static const char *const texts[] = {"none",	 "asked", "adopted", "done", "died",
					    "unhealthy", "start", "prepare", "lost", "stop"};

	return texts[cause];
}
