/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A service from its start to its end:
 *
 * 1. Its sockets are bound, or still there. The output is opened, the process made and recorded.
 * 2. When the program runs, on_running() is called; sd_notify messages are passed on.
 * 3. It ends by itself, or is to end: supervise/stop.h has the steps. Its main process first, then
 *    whatever else is in its control group; without a group, whatever has its session or mark.
 * 4. When nothing is left on_gone() is called. The sockets stay open.
 *
 * An adopted service begins at 2, or at 3 if its main process is gone. */

#include "supervise/service.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ev.h>

#include "base/clock.h"
#include "base/error.h"
#include "child/command.h"
#include "child/group.h"
#include "child/identity.h"
#include "child/process.h"
#include "child/reaper.h"
#include "child/stray.h"
#include "supervise/host_priv.h"
#include "supervise/notify.h"
#include "supervise/sockets.h"
#include "supervise/state.h"

enum { POLL_MS = 10, REASON_MAX = 512 };

struct service {
	struct supervise_runner runner; /* first: what others know */
	struct supervise_member member;
	struct child_orphan_watch orphans;
	struct supervise_host *host;
	struct ev_loop *loop;
	const struct supervise_service_settings *settings;
	struct supervise_sockets sockets;

	bool is_started;	       /* and not gone */
	bool is_ending;		       /* by request, by the watchdog, or the process is gone */
	bool was_asked;		       /* to end */
	bool has_failed;	       /* to start */
	bool is_reloading;	       /* is shown as its status */
	struct child_process *process; /* the main one; NULL: is gone */
	pid_t pid;		       /* of it: its session */
	struct child_exit exit;
	struct supervise_stop stop;
	struct supervise_stop_settings stop_settings;
	uint64_t watchdog_us;
	ev_timer timer, watchdog;
	bool has_reported; /* that its limits are not those of a group */
	char *reason;	   /* malloc'd: why it ends, if that is not how it ended */
	char mark[];
};

static struct service *of(struct supervise_runner *runner)
{
	return (struct service *)runner;
}

static uint64_t now_ms(void)
{
	return base_clock_steady_us() / 1000;
}

static void timer_set(struct service *s, uint64_t delay_ms)
{
	ev_now_update(s->loop);
	ev_timer_stop(s->loop, &s->timer);
	ev_timer_set(&s->timer, (double)delay_ms / 1e3, 0);
	ev_timer_start(s->loop, &s->timer);
}

static void reason_set(struct service *s, const char *text)
{
	if (s->reason == NULL)
		s->reason = strdup(text);
}

/* ---- its end ---- */

static const char *group_of(const struct service *s)
{
	return s->runner.state->group[0] != '\0' ? s->runner.state->group : NULL;
}

static bool any_found(void *arg, pid_t pid, const char *rest)
{
	(void)arg;
	(void)pid;
	(void)rest;
	return false; /* one is enough */
}

/* Returns whether something lives that the main process has left. */
static bool has_others(const struct service *s)
{
	if (group_of(s) != NULL)
		return child_group_is_populated(group_of(s));
	return child_stray_each(s->mark, s->pid, any_found, NULL) > 0;
}

static void signal_others(struct service *s, int signal)
{
	if (group_of(s) == NULL)
		child_stray_signal(s->mark, s->pid, signal);
	else if (signal == SIGKILL)
		child_group_kill(group_of(s));
	else
		child_group_signal(group_of(s), signal);
}

static void process_signal(struct service *s, int signal)
{
	if (s->process == NULL)
		return;
	child_process_signal(s->process, signal);
	if (signal != SIGKILL) /* a stopped process takes no other */
		child_process_signal(s->process, SIGCONT);
}

static void gone(struct service *s)
{
	struct supervise_gone gone = {.is_start_failure = s->has_failed, .exit = s->exit};
	char text[REASON_MAX], how[CHILD_EXIT_TEXT_MAX];

	child_exit_to_text(how, s->exit);
	snprintf(text, sizeof(text), "%s", s->reason != NULL ? s->reason : how);
	free(s->reason);
	s->reason = NULL;
	ev_timer_stop(s->loop, &s->timer);
	ev_timer_stop(s->loop, &s->watchdog);
	if (s->was_asked && group_of(s) != NULL)
		child_group_remove(group_of(s));
	s->runner.state->has_process = false;
	s->is_started = s->is_ending = s->was_asked = s->has_failed = s->is_reloading = false;
	s->stop = (struct supervise_stop){0};
	s->pid = 0;
	gone.reason = text;
	s->runner.events->on_gone(s->runner.arg, &gone);
}

/* Takes the steps that are due. */
static void steps_take(struct service *s)
{
	for (;;) {
		bool others = s->process == NULL && has_others(s);
		uint64_t now = now_ms(), wait_ms;

		switch (supervise_stop_next(&s->stop, &s->stop_settings, now, s->process != NULL,
					    others)) {
		case SUPERVISE_STOP_SIGNAL:
			process_signal(s, s->stop_settings.signal);
			break;
		case SUPERVISE_STOP_SWEEP:
			signal_others(s, SIGTERM);
			break;
		case SUPERVISE_STOP_KILL:
			process_signal(s, SIGKILL);
			signal_others(s, SIGKILL);
			break;
		case SUPERVISE_STOP_DONE:
			gone(s);
			return;
		default:
			wait_ms = s->stop.due_ms > now ? s->stop.due_ms - now : 0;
			/* The end of others is not always reported to us. */
			if (s->process == NULL && wait_ms > POLL_MS)
				wait_ms = POLL_MS;
			timer_set(s, wait_ms);
			return;
		}
	}
}

static void on_timer(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	struct service *s = watcher->data;

	(void)loop;
	(void)revents;
	if (s->has_failed && s->process == NULL)
		s->is_ending = true;
	if (s->is_ending)
		steps_take(s);
}

/* Looks again soon: one of those that were waited for may have ended. */
static void on_orphan(struct child_orphan_watch *watch)
{
	struct service *s = (struct service *)((char *)watch - offsetof(struct service, orphans));

	if (s->is_ending && s->process == NULL)
		timer_set(s, 0);
}

/* ---- its life ---- */

static void watchdog_set(struct service *s)
{
	ev_now_update(s->loop);
	ev_timer_stop(s->loop, &s->watchdog);
	if (s->watchdog_us == 0 || s->is_ending)
		return;
	ev_timer_set(&s->watchdog, (double)s->watchdog_us / 1e6, 0);
	ev_timer_start(s->loop, &s->watchdog);
}

static void on_watchdog(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	struct service *s = watcher->data;
	char text[128];

	(void)loop;
	(void)revents;
	if (s->is_ending)
		return;
	snprintf(text, sizeof(text), "watchdog: no WATCHDOG=1 within %llu ms",
		 (unsigned long long)s->watchdog_us / 1000);
	reason_set(s, text);
	s->is_ending = true;
	s->stop_settings.signal = SIGABRT; /* for a core dump */
	steps_take(s);
}

static void on_exec(void *arg, const struct base_error *error)
{
	struct service *s = arg;

	if (error == NULL) {
		watchdog_set(s);
		s->runner.events->on_running(s->runner.arg);
		return;
	}
	reason_set(s, error->text);
	s->has_failed = s->is_ending = true;
	child_process_close(s->process);
	s->process = NULL;
	steps_take(s);
}

static void on_end(void *arg, struct child_exit exit)
{
	struct service *s = arg;

	s->exit = exit;
	s->is_ending = true;
	child_process_close(s->process);
	s->process = NULL;
	ev_timer_stop(s->loop, &s->watchdog);
	steps_take(s);
}

static const struct child_process_events process_events = {
	.on_exec = on_exec,
	.on_end = on_end,
};

/* Records the main process. */
static void record(struct service *s)
{
	struct supervise_state *state = s->runner.state;

	s->pid = child_process_pid(s->process);
	state->has_process =
		child_identity_get(&state->process, s->pid, child_process_pidfd(s->process)) == 0;
	s->runner.events->on_record(s->runner.arg);
}

/* ---- messages ---- */

static bool is_ours(const struct service *s, const struct supervise_sender *sender)
{
	if (!s->is_started)
		return false;
	if (sender->pid == s->pid)
		return true;
	if (group_of(s) != NULL)
		return child_group_may_have(group_of(s), sender->group) &&
		       child_group_has(group_of(s), sender->pid);
	return s->pid != 0 && sender->session == s->pid;
}

/* Makes another process of the service its main one: that of a daemon that forks. */
static void main_replace(struct service *s, pid_t pid)
{
	struct supervise_sender other;
	struct child_process *process;
	struct child_identity id;
	int pidfd;

	if (pid == s->pid || s->is_ending)
		return;
	supervise_host_sender(&other, pid);
	if (!is_ours(s, &other))
		return;
	pidfd = child_identity_pidfd(pid);
	if (pidfd < 0)
		return;
	if (child_identity_get(&id, pid, pidfd) == 0 &&
	    child_process_adopt(&process, supervise_host_reaper(s->host), &id, &process_events,
				s) == 0) {
		child_process_close(s->process);
		s->process = process;
		record(s);
	}
	close(pidfd);
}

/* Returns what a message shows of the service: its text, else what it is doing; NULL: nothing. */
static const char *status_of(struct service *s, const struct supervise_notify_message *message)
{
	bool was_reloading = s->is_reloading;

	if (message->is_ready || message->has_status || message->is_stopping)
		s->is_reloading = false;
	if (message->has_status)
		return message->status;
	if (message->is_stopping)
		return "stopping";
	if (message->is_reloading) {
		s->is_reloading = true;
		return "reloading";
	}
	return message->is_ready && was_reloading ? "" : NULL;
}

static bool on_message(struct supervise_member *member, const struct supervise_sender *sender,
		       const struct supervise_notify_message *message)
{
	struct service *s = member->arg;
	const struct supervise_runner_events *events = s->runner.events;
	const char *status;

	if (!is_ours(s, sender))
		return false;
	if (message->main_pid != 0)
		main_replace(s, message->main_pid);
	if (message->watchdog_us != 0)
		s->watchdog_us = message->watchdog_us;
	if (message->is_watchdog || message->watchdog_us != 0)
		watchdog_set(s);
	if (message->is_watchdog_trigger)
		on_watchdog(s->loop, &s->watchdog, 0);
	status = status_of(s, message);
	if (status != NULL || message->extend_us != 0)
		events->on_status(s->runner.arg, status, message->extend_us);
	if (message->is_ready && s->is_started && !s->is_ending)
		events->on_ready(s->runner.arg);
	return true;
}

static int hand_over(struct supervise_member *member)
{
	struct service *s = member->arg;

	return supervise_sockets_keep(&s->sockets);
}

/* ---- the runner ---- */

static int output_open(const struct service *s)
{
	int fd = -ENOENT;

	if (s->settings->is_to_journal)
		fd = supervise_output_journal(s->settings->name);
	return fd >= 0 ? fd : supervise_output_open(&s->settings->output);
}

/* Limits what the service uses: its group, or else each process. */
static void limits_set(struct service *s, struct child_command *command,
		       struct child_limit list[static SUPERVISE_LIMITS_MAX])
{
	struct base_error why, error;
	int ret = supervise_limits_group(&s->settings->limits, group_of(s), &why);

	if (ret == 0)
		return;
	supervise_limits_processes(&s->settings->limits, command, list);
	if (s->has_reported)
		return;
	s->has_reported = true;
	base_error_set(&error, ret, "limits are those of each process: %.300s", why.text);
	supervise_host_report_error(s->host, BASE_LOG_WARNING, s->settings->name, &error);
}

/* Starts the process. Returns 0, or a negative errno with `error` filled in. */
static int process_start(struct service *s, struct base_error *error)
{
	struct supervise_state *state = s->runner.state;
	const char *names[SUPERVISE_SOCKETS_MAX];
	struct child_command command = *s->settings->command;
	struct child_limit limits[SUPERVISE_LIMITS_MAX];
	struct child_launch launch = {
		.command = &command,
		.mark = s->mark,
		.sockets = s->sockets.fds,
		.socket_names = names,
		.nsockets = s->sockets.n,
		.notify = supervise_host_notify_path(s->host),
		.watchdog_us = s->watchdog_us,
	};
	int ret = supervise_sockets_open(&s->sockets, error);

	if (ret < 0)
		return ret;
	supervise_sockets_record(&s->sockets, state);
	for (unsigned i = 0; i < s->sockets.n; i++)
		names[i] = s->sockets.settings[i].name;
	if (supervise_host_group(s->host, s->settings->name, state->group))
		launch.group = state->group;
	else
		state->group[0] = '\0';
	limits_set(s, &command, limits);
	launch.output = output_open(s);
	if (launch.output < 0 && launch.output != -ENOENT)
		return base_error_set(error, launch.output, "%s: %s", s->settings->output.path,
				      strerror(-launch.output));
	ret = child_process_start(&s->process, supervise_host_reaper(s->host), &launch,
				  &process_events, s, error);
	if (launch.output >= 0)
		close(launch.output);
	return ret;
}

static void reset(struct service *s)
{
	s->stop = (struct supervise_stop){0};
	s->stop_settings = s->settings->stop;
	s->exit = (struct child_exit){0};
	s->watchdog_us = (uint64_t)s->settings->watchdog_ms * 1000;
	s->is_started = true;
}

static void start(struct supervise_runner *runner)
{
	struct service *s = of(runner);
	struct base_error error;

	reset(s);
	if (process_start(s, &error) < 0) {
		s->has_failed = true;
		reason_set(s, error.text);
		timer_set(s, 0);
		return;
	}
	record(s);
}

static void stop(struct supervise_runner *runner)
{
	struct service *s = of(runner);

	if (!s->is_started || s->was_asked)
		return;
	s->was_asked = s->is_ending = true;
	ev_timer_stop(s->loop, &s->watchdog);
	timer_set(s, 0); /* on_gone() never comes from within a call */
}

static bool adopt(struct supervise_runner *runner)
{
	struct service *s = of(runner);
	struct supervise_state *state = runner->state;
	int ret = -ESRCH;

	if (state->group[0] == '\0')
		supervise_host_group(s->host, s->settings->name, state->group);
	if (state->has_process)
		ret = child_process_adopt(&s->process, supervise_host_reaper(s->host),
					  &state->process, &process_events, s);
	if (ret < 0)
		s->process = NULL;
	supervise_sockets_adopt(&s->sockets, state,
				s->process != NULL ? child_process_pid(s->process) : 0,
				s->process != NULL ? child_process_pidfd(s->process) : -1);
	/* What was never started has left nothing: no need to look through /proc. */
	if (ret < 0 && !state->has_process &&
	    ((!state->is_wanted && group_of(s) == NULL) || !has_others(s)))
		return false;
	reset(s);
	s->pid = state->process.pid;
	supervise_sockets_record(&s->sockets, state);
	if (ret < 0) {
		s->is_ending = true;
		reason_set(s, "ended while no supervisor ran");
		timer_set(s, 0);
	} else {
		watchdog_set(s);
	}
	return true;
}

static int signal_send(struct supervise_runner *runner, int signal)
{
	struct service *s = of(runner);

	return s->process != NULL ? child_process_signal(s->process, signal) : -ESRCH;
}

static pid_t pid_get(const struct supervise_runner *runner)
{
	const struct service *s = (const struct service *)runner;

	return s->process != NULL ? child_process_pid(s->process) : 0;
}

static void close_runner(struct supervise_runner *runner)
{
	struct service *s = of(runner);

	ev_timer_stop(s->loop, &s->timer);
	ev_timer_stop(s->loop, &s->watchdog);
	child_process_close(s->process);
	child_reaper_unwatch(&s->orphans);
	supervise_host_remove(&s->member);
	supervise_sockets_fini(&s->sockets);
	if (!s->is_started && runner->state != NULL && group_of(s) != NULL)
		child_group_remove(group_of(s));
	free(s->reason);
	free(s);
}

static const struct supervise_runner_ops ops = {
	.start = start,
	.stop = stop,
	.adopt = adopt,
	.signal = signal_send,
	.pid = pid_get,
	.close = close_runner,
};

static const struct supervise_output_settings *
output_of(const struct supervise_service_settings *settings)
{
	return settings->output.path != NULL ? &settings->output : NULL;
}

int supervise_service_new(struct supervise_runner **out, struct supervise_host *host,
			  const struct supervise_service_settings *settings)
{
	char mark[SUPERVISE_MARK_MAX];
	struct service *s;
	int ret;

	supervise_host_mark(host, settings->name, mark);
	s = calloc(1, sizeof(*s) + strlen(mark) + 1);
	if (s == NULL)
		return -ENOMEM;
	ret = supervise_sockets_init(&s->sockets, settings->sockets, settings->nsockets);
	if (ret < 0) {
		free(s);
		return ret;
	}
	strcpy(s->mark, mark);
	s->runner.ops = &ops;
	s->host = host;
	s->loop = supervise_host_loop(host);
	s->settings = settings;
	ev_init(&s->timer, on_timer);
	ev_init(&s->watchdog, on_watchdog);
	s->timer.data = s->watchdog.data = s;
	s->orphans.on_orphan = on_orphan;
	child_reaper_watch(supervise_host_reaper(host), &s->orphans);
	s->member = (struct supervise_member){
		.name = settings->name,
		.output = output_of(settings),
		.on_message = on_message,
		.hand_over = hand_over,
		.arg = s,
	};
	supervise_host_add(host, &s->member);
	*out = &s->runner;
	return 0;
}

int supervise_service_change(struct supervise_runner *runner,
			     const struct supervise_service_settings *settings)
{
	struct service *s = of(runner);
	int ret = supervise_sockets_change(&s->sockets, settings->sockets, settings->nsockets);

	if (ret < 0)
		return ret;
	s->settings = settings;
	if (!s->is_ending)
		s->stop_settings = settings->stop;
	s->member.name = settings->name;
	s->member.output = output_of(settings);
	if (s->is_started)
		supervise_sockets_record(&s->sockets, runner->state);
	return 0;
}
