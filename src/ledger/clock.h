/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ledger/clock.h - the lease clock: milliseconds during which weftd has run, over all its runs.
 *
 * It is stopped while weftd does not run, so that an outage of the registry ends no lease. It
 * reads no clock itself: callers pass the steady clock's time. About once a second its time is
 * written to the store, so a crash sets it back by a second or so. Written by main before the
 * registrar starts, then by the registrar; any thread may read the time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ledger_clock {
	uint64_t start_ms;	  /* the lease clock when weftd started */
	uint64_t steady_start_ms; /* the steady clock then */
	uint64_t saved_ms;	  /* the lease clock as it is on disk */
};

/* Returns the lease clock for a time of the steady clock. */
uint64_t ledger_clock_now(const struct ledger_clock *c, uint64_t steady_ms);

/* Takes a time that was saved; the latest one counts, in whatever order they are read. */
void ledger_clock_read(struct ledger_clock *c, uint64_t saved_ms);

/* Starts the clock at the latest saved time. */
void ledger_clock_start(struct ledger_clock *c, uint64_t steady_ms);

/* Returns when the clock is to be saved next: lease clock. */
uint64_t ledger_clock_next_save(const struct ledger_clock *c);
