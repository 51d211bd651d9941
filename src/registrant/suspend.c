/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/suspend.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "registrant/queue.h"
#include "registrant/standing.h"

enum { LEAST_MS = 1000 }; /* that counts as sleep: both clocks are read one after the other */

/* The lease of a unit has got shorter. */
static void shorten(struct registrant_service *s, uint64_t slept_ms, uint64_t now_ms)
{
	if (!s->is_registered || s->lease_end_ms == UINT64_MAX)
		return;
	s->lease_end_ms = s->lease_end_ms > slept_ms ? s->lease_end_ms - slept_ms : 0;
	if (s->lease_end_ms <= now_ms) {
		resolve_timer_clear(&s->r->events->timers, &s->lease_end);
		registrant_standing_lease_end(s, now_ms);
		return;
	}
	resolve_timer_set(&s->r->events->timers, &s->lease_end, s->lease_end_ms);
	if (s->place == REGISTRANT_WAITS && s->todo == REGISTRANT_REFRESH)
		registrant_queue_now(s, REGISTRANT_REFRESH);
}

void registrant_suspend_check(struct registrant *r, uint64_t now_ms)
{
	uint64_t slept_ms = r->clocks->slept_ms(r->clocks->arg), more_ms;

	if (slept_ms < r->slept_ms + LEAST_MS)
		return;
	more_ms = slept_ms - r->slept_ms;
	r->slept_ms = slept_ms;
	for (struct registrant_service *s = r->units; s != NULL; s = s->next)
		shorten(s, more_ms, now_ms);
	if (r->network != NULL)
		registrant_addresses_refresh(r->network, now_ms);
}

/* A timer of the wall clock that never comes, but is cancelled when that clock is set, which the
 * kernel does after the host has slept (timerfd_create(2)). */
static void arm(int fd)
{
	const struct itimerspec never = {.it_value = {.tv_sec = (time_t)(INT64_MAX >> 8)}};

	timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

static void on_wake(void *arg, uint32_t events, uint64_t now_ms)
{
	struct registrant *r = arg;
	uint64_t count;

	(void)events;
	if (read(r->wakes.fd, &count, sizeof(count)) < 0)
		count = 0;
	arm(r->wakes.fd);
	registrant_suspend_check(r, now_ms);
}

void registrant_suspend_begin(struct registrant *r)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);

	r->slept_ms = r->clocks->slept_ms(r->clocks->arg);
	r->wakes = (struct resolve_descriptor){
		.fd = fd, .wanted = EPOLLIN, .on_ready = on_wake, .arg = r};
	if (fd < 0)
		return;
	arm(fd);
	resolve_events_add(r->events, &r->wakes);
}

void registrant_suspend_end(struct registrant *r)
{
	resolve_events_close(r->events, &r->wakes);
}
