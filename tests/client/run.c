/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "run.h"

#include <poll.h>

#include "base/clock.h"

/* As resolve_events_run wants it: not the coarse clock. */
static uint64_t now_ms(void)
{
	return base_clock_steady_us() / 1000;
}

void run_until_input(struct resolve_events *events)
{
	struct pollfd fds[] = {{.fd = events->fd, .events = POLLIN}, {.events = POLLIN}};

	while (fds[1].revents == 0) {
		uint64_t due = resolve_events_deadline(events), now = now_ms();
		int wait_ms = due <= now ? 0 : due - now > 60000 ? 60000 : (int)(due - now);

		if (poll(fds, 2, wait_ms) >= 0)
			resolve_events_run(events, now_ms());
	}
}
