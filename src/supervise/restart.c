/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/restart.h"

#include <string.h>

/* Forgets the restarts that do not count any more. */
static void forget(struct supervise_restart *r, uint64_t before_ms)
{
	unsigned n = 0;

	while (n < r->n && r->at_ms[n] < before_ms)
		n++;
	r->n -= n;
	memmove(r->at_ms, r->at_ms + n, r->n * sizeof(*r->at_ms));
}

/* Returns the back-off before restart `in_row`, the first of which is 0. */
static uint64_t backoff(const struct supervise_restart_settings *s, unsigned in_row,
			uint32_t random)
{
	uint64_t ms = s->backoff_min_ms;

	if (in_row == 0)
		return 0;
	for (unsigned i = 1; i < in_row && ms < s->backoff_max_ms; i++)
		ms *= 2;
	if (ms > s->backoff_max_ms)
		ms = s->backoff_max_ms;
	return ms - (ms / 4) * (random % 1024) / 1024;
}

int64_t supervise_restart_next(struct supervise_restart *r,
			       const struct supervise_restart_settings *s, uint64_t now_ms,
			       uint64_t up_ms, uint32_t random)
{
	uint64_t wait_ms;

	if (up_ms >= (s->quiet_ms != 0 ? s->quiet_ms : s->within_ms))
		r->in_row = r->n = 0;
	forget(r, now_ms > s->within_ms ? now_ms - s->within_ms : 0);
	if (r->n >= s->times)
		return SUPERVISE_RESTART_NEVER;
	if (r->n == SUPERVISE_RESTART_TIMES_MAX) /* the oldest does not matter any more */
		memmove(r->at_ms, r->at_ms + 1, --r->n * sizeof(*r->at_ms));
	wait_ms = backoff(s, r->in_row, random);
	r->at_ms[r->n++] = now_ms + wait_ms;
	r->in_row++;
	return (int64_t)wait_ms;
}
