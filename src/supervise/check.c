/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/check.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include <ev.h>

#include "base/clock.h"
#include "base/error.h"
#include "child/exit.h"
#include "child/reaper.h"
#include "child/task.h"

enum { GRID_MS = 100, GRID_FROM_MS = 1000, EARLY_PROBE_MS = 20, EARLY_EXEC_MS = 100 };

struct supervise_check {
	struct child_reaper *reaper;
	struct ev_loop *loop;
	const struct supervise_check_settings *settings;
	const char *mark;
	const struct supervise_check_events *events;
	void *arg;
	ev_timer timer;
	struct supervise_health health;
	struct supervise_probe *probe; /* one of these runs, or none */
	struct child_task *task;
	uint64_t begun_ms;
	uint32_t early_ms; /* the pause while the health is unknown */
	bool is_asked;	   /* to check again at once */
	bool is_calling, was_closed;
};

uint64_t supervise_check_delay(uint64_t now_ms, uint64_t begun_ms, uint32_t interval_ms,
			       uint32_t random)
{
	uint64_t due_ms =
		begun_ms + interval_ms + (uint64_t)(interval_ms / 10) * (random % 1024) / 1024;

	if (interval_ms >= GRID_FROM_MS)
		due_ms = (due_ms + GRID_MS - 1) / GRID_MS * GRID_MS;
	return due_ms > now_ms ? due_ms - now_ms : 0;
}

static uint64_t now_ms(void)
{
	return base_clock_steady_us() / 1000;
}

static uint32_t random_get(void)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = 0;
	return random;
}

static void timer_set(struct supervise_check *check, uint64_t delay_ms)
{
	ev_timer_stop(check->loop, &check->timer);
	ev_timer_set(&check->timer, (double)delay_ms / 1e3, 0);
	ev_timer_start(check->loop, &check->timer);
}

static void schedule(struct supervise_check *check)
{
	const struct supervise_check_settings *s = check->settings;

	ev_now_update(check->loop);
	if (check->is_asked) {
		timer_set(check, 0);
	} else if (check->health.now == SUPERVISE_UNKNOWN && check->early_ms < s->interval_ms) {
		timer_set(check, check->early_ms);
		check->early_ms *= 2;
	} else {
		timer_set(check, supervise_check_delay(now_ms(), check->begun_ms, s->interval_ms,
						       random_get()));
	}
}

/* Takes a result. What fails before it ever was good is starting: that has its own timeout, so it
 * does not count. */
static void take(struct supervise_check *check, enum supervise_verdict verdict, const char *reason)
{
	bool has_changed = false;

	if (check->health.now == SUPERVISE_UNKNOWN && verdict == SUPERVISE_FAILED)
		check->health = (struct supervise_health){.last = SUPERVISE_FAILED};
	else
		has_changed = supervise_health_add(&check->health, verdict, check->settings->rise,
						   check->settings->fall);
	schedule(check);
	check->is_calling = true;
	check->events->on_result(check->arg, &check->health, has_changed, reason);
	check->is_calling = false;
	if (check->was_closed)
		supervise_check_close(check);
}

static void on_probe(void *arg, enum supervise_verdict verdict, const char *reason)
{
	struct supervise_check *check = arg;

	check->probe = NULL;
	take(check, verdict, reason);
}

static enum supervise_verdict judge(struct child_exit exit)
{
	if (exit.how != CHILD_EXIT_STATUS)
		return SUPERVISE_FAILED;
	if (exit.value == 0)
		return SUPERVISE_PASSED;
	return exit.value == 1 ? SUPERVISE_DEGRADED : SUPERVISE_FAILED;
}

static void on_task(void *arg, const struct child_task_result *result)
{
	struct supervise_check *check = arg;
	enum supervise_verdict verdict = SUPERVISE_FAILED;

	check->task = NULL;
	if (result->how == CHILD_TASK_ENDED)
		verdict = check->settings->judge != NULL ? check->settings->judge(result->exit)
							 : judge(result->exit);
	take(check, verdict, result->reason);
}

/* Begins a check. Returns 0, or a negative errno with `error` filled in. */
static int begin(struct supervise_check *check, struct base_error *error)
{
	const struct supervise_check_settings *s = check->settings;
	struct child_task_settings task = {.command = s->command,
					   .mark = check->mark,
					   .output = -1,
					   .timeout_ms = s->timeout_ms};
	struct supervise_probe_settings probe = s->probe;

	if (s->kind == SUPERVISE_CHECK_EXEC)
		return child_task_start(&check->task, check->reaper, &task, on_task, check, error);
	probe.timeout_ms = s->timeout_ms;
	return base_error_set(
		error, supervise_probe_start(&check->probe, check->loop, &probe, on_probe, check),
		"out of memory");
}

static void on_timer(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	struct supervise_check *check = watcher->data;
	struct base_error error;

	(void)loop;
	(void)revents;
	check->is_asked = false;
	check->begun_ms = now_ms();
	/* A check that cannot be made does not find anything. */
	if (begin(check, &error) < 0)
		schedule(check);
}

int supervise_check_open(struct supervise_check **out, struct child_reaper *reaper,
			 const struct supervise_check_settings *settings, const char *mark,
			 const struct supervise_check_events *events, void *arg)
{
	struct supervise_check *check = calloc(1, sizeof(*check));

	if (check == NULL)
		return -ENOMEM;
	check->reaper = reaper;
	check->loop = child_reaper_loop(reaper);
	check->settings = settings;
	check->mark = mark;
	check->events = events;
	check->arg = arg;
	check->early_ms = settings->kind == SUPERVISE_CHECK_EXEC ? EARLY_EXEC_MS : EARLY_PROBE_MS;
	ev_init(&check->timer, on_timer);
	check->timer.data = check;
	timer_set(check, 0);
	*out = check;
	return 0;
}

void supervise_check_assume(struct supervise_check *check, enum supervise_verdict verdict)
{
	check->health = (struct supervise_health){.now = verdict, .last = verdict};
	check->begun_ms = now_ms();
	schedule(check);
}

void supervise_check_now(struct supervise_check *check)
{
	check->is_asked = true;
	if (check->probe == NULL && check->task == NULL)
		timer_set(check, 0);
}

void supervise_check_close(struct supervise_check *check)
{
	if (check == NULL)
		return;
	if (check->is_calling) {
		check->was_closed = true;
		return;
	}
	ev_timer_stop(check->loop, &check->timer);
	supervise_probe_close(check->probe);
	child_task_close(check->task);
	free(check);
}
