/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weft-poll.h - a context of libweft in a loop around poll(2).
 *
 *     struct pollfd p[2] = {{.fd = mine, .events = POLLIN}};
 *
 *     for (;;) {
 *             int timeout_ms = weft_poll_prepare(w, &p[1], -1);
 *
 *             poll(p, 2, timeout_ms);
 *             weft_poll_process(w, &p[1]);
 *             ...
 *     }
 */
#ifndef WEFT_WEFT_POLL_H
#define WEFT_WEFT_POLL_H

#include <poll.h>
#include <weft/context.h>

/* Fills in what to wait for. Returns how long to wait: `timeout_ms`, which is what the caller's own
 * timers want (-1: for ever), or less. */
static inline int weft_poll_prepare(const struct weft *w, struct pollfd *p, int timeout_ms)
{
	int own_ms = weft_timeout_ms(w);

	p->fd = weft_fd(w);
	p->events = (short)weft_events(w);
	p->revents = 0;
	return own_ms >= 0 && (timeout_ms < 0 || own_ms < timeout_ms) ? own_ms : timeout_ms;
}

/* Does what is to be done after poll(2). */
static inline void weft_poll_process(struct weft *w, const struct pollfd *p)
{
	if (p->revents != 0 || weft_timeout_ms(w) == 0)
		weft_process(w);
}

#endif
