/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agentd/loop.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "agent/agent.h"
#include "agentd/reload.h"
#include "agentd/trial.h"
#include "base/log.h"
#include "process/notify.h"

/* For the last records, when registries are silent. */
enum { STOP_MS = 3000, LEAVE_MS = 1000, TIDY_S = 3 };

/* Returns whether the signal is left to the program that follows in this process: it is blocked by
 * now, and so remains pending. */
static bool is_left(const struct ev_signal *signal)
{
	const struct agentd *d = signal->data;

	return d->end == AGENTD_END_UPGRADE && raise(signal->signum) == 0;
}

static void on_stop_signal(struct ev_loop *loop, struct ev_signal *signal, int events)
{
	(void)loop;
	(void)events;
	if (!is_left(signal))
		agentd_loop_end(signal->data, AGENTD_END_STOP, NULL);
}

static void on_leave_signal(struct ev_loop *loop, struct ev_signal *signal, int events)
{
	(void)loop;
	(void)events;
	if (!is_left(signal))
		agentd_loop_end(signal->data, AGENTD_END_LEAVE, NULL);
}

static void on_reload_signal(struct ev_loop *loop, struct ev_signal *signal, int events)
{
	(void)loop;
	(void)events;
	if (!is_left(signal))
		agentd_reload(signal->data, NULL);
}

static void on_watchdog(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events;
	process_notify_watchdog();
}

static void on_tidy(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events;
	malloc_trim(0);
}

/* A storm of starts, or a list of all services, takes memory that malloc would keep. */
void agentd_loop_tidy(struct agentd *d)
{
	if (ev_is_active(&d->tidy))
		return;
	ev_timer_init(&d->tidy, on_tidy, TIDY_S, 0.0);
	ev_timer_start(d->loop, &d->tidy);
}

static void start_signal(struct agentd *d, struct ev_signal *s, int number,
			 void (*run)(struct ev_loop *, struct ev_signal *, int))
{
	ev_signal_init(s, run, number);
	s->data = d;
	ev_signal_start(d->loop, s);
}

static void signals_block(int how)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR2);
	sigprocmask(how, &signals, NULL);
}

void agentd_loop_start(struct agentd *d)
{
	double watchdog = (double)process_notify_watchdog_interval_ms() / 1000;

	start_signal(d, &d->on_term, SIGTERM, on_stop_signal);
	start_signal(d, &d->on_int, SIGINT, on_stop_signal);
	start_signal(d, &d->on_hup, SIGHUP, on_reload_signal);
	start_signal(d, &d->on_usr2, SIGUSR2, on_leave_signal);
	signals_block(SIG_UNBLOCK);
	if (watchdog > 0) {
		ev_timer_init(&d->watchdog, on_watchdog, watchdog, watchdog);
		ev_timer_start(d->loop, &d->watchdog);
	}
}

void agentd_loop_stop(struct agentd *d)
{
	ev_signal_stop(d->loop, &d->on_term);
	ev_signal_stop(d->loop, &d->on_int);
	ev_signal_stop(d->loop, &d->on_hup);
	ev_signal_stop(d->loop, &d->on_usr2);
	ev_timer_stop(d->loop, &d->watchdog);
	ev_timer_stop(d->loop, &d->upgrade);
	ev_timer_stop(d->loop, &d->tidy);
}

void agentd_loop_run(struct agentd *d)
{
	ev_run(d->loop, 0);
	base_log(BASE_LOG_INFO, "stop", "ended");
}

/* ---- the end ---- */

static const char *end_to_text(enum agentd_end how)
{
	static const char *const texts[] = {"run", "stop-services", "leave-services", "upgrade"};

	return texts[how];
}

static void on_upgrade(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)timer;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

/* From here on no signal may get lost. Those that have come before, and are in the hands of libev,
 * are found in the loop's next turn. */
static int upgrade(struct agentd *d, struct base_error *error)
{
	int ret = agentd_trial_run(d->program, d->config_path, error);

	if (ret < 0)
		return ret;
	signals_block(SIG_BLOCK);
	ret = agent_hand_over(d->agent);
	if (ret < 0) {
		signals_block(SIG_UNBLOCK);
		return base_error_set(error, ret, "%s", strerror(-ret));
	}
	ev_timer_init(&d->upgrade, on_upgrade, 0.0, 0.0);
	ev_timer_start(d->loop, &d->upgrade);
	return 0;
}

int agentd_loop_end(struct agentd *d, enum agentd_end how, struct base_error *error)
{
	enum agentd_end before = d->end;
	int ret = 0;

	if (before != AGENTD_END_NOT && !(before == AGENTD_END_STOP && how == AGENTD_END_LEAVE))
		return base_error_set(error, -EALREADY, "the agent is ending already");
	if (how == AGENTD_END_UPGRADE)
		ret = upgrade(d, error);
	if (ret < 0)
		return ret;
	d->end = how;
	base_log(BASE_LOG_INFO, "stop", "stopping how=%s", end_to_text(how));
	if (how != AGENTD_END_UPGRADE)
		process_notify_stopping();
	if (how == AGENTD_END_STOP)
		agent_stop(d->agent, STOP_MS);
	else if (how == AGENTD_END_LEAVE && before == AGENTD_END_STOP)
		ev_break(d->loop, EVBREAK_ALL);
	else if (how == AGENTD_END_LEAVE)
		agent_leave(d->agent, LEAVE_MS);
	return 0;
}
