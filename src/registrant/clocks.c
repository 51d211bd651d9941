/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/clocks.h"

#include "base/clock.h"

static uint64_t wall_ms(void *arg)
{
	(void)arg;
	return base_clock_wall_ms();
}

static uint64_t slept_ms(void *arg)
{
	(void)arg;
	return base_clock_slept_ms();
}

const struct registrant_clocks registrant_clocks_system = {wall_ms, slept_ms, 0};
