/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/start.h - a weftd comes up, and goes down again. Main thread, which is registered with RCU
 * in between. */
#pragma once

#include <stdbool.h>

struct daemon;

/* Starts everything by the configuration at `config_path`, which is borrowed until weftd_stop().
 * With `is_confined` gives up what it does not need (weftd/confine.h). Returns 0 when queries and
 * updates are answered, or -1 after logging the reason. Either way the caller calls
 * weftd_stop(). */
int weftd_start(struct daemon *d, const char *config_path, bool is_confined);

/* Answers the requests that have arrived, runs the jobs that are waiting, writes what is to be
 * kept, and frees everything. Also after a failed start. */
void weftd_stop(struct daemon *d);
