/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/clocks.h - the clocks of the host that a registrant needs beside the steady one, as
 * functions: a test has its own. */
#pragma once

#include <stdint.h>

struct registrant_clocks {
	uint64_t (*wall_ms)(void *arg);	 /* since 1970: for signatures and incarnations */
	uint64_t (*slept_ms)(void *arg); /* how long the host has slept since it was booted */
	void *arg;
};

/* Those of the system. */
extern const struct registrant_clocks registrant_clocks_system;
