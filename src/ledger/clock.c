/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/clock.h"

enum { SAVE_MS = 1000 };

uint64_t ledger_clock_now(const struct ledger_clock *c, uint64_t steady_ms)
{
	return c->start_ms + (steady_ms - c->steady_start_ms);
}

void ledger_clock_read(struct ledger_clock *c, uint64_t saved_ms)
{
	if (saved_ms > c->start_ms)
		c->start_ms = saved_ms;
}

void ledger_clock_start(struct ledger_clock *c, uint64_t steady_ms)
{
	c->steady_start_ms = steady_ms;
	c->saved_ms = c->start_ms;
}

uint64_t ledger_clock_next_save(const struct ledger_clock *c)
{
	return c->saved_ms + SAVE_MS;
}
