/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/loop.h - the main thread's loop: signals, the watchdog, the roll of cookie secrets. Main
 * thread. */
#pragma once

struct daemon;

/* Watches for SIGTERM, SIGINT and SIGHUP, and starts the timers. */
void weftd_loop_start(struct daemon *d);

/* Serves until SIGTERM, SIGINT or the command `stop`. The thread is registered with RCU and online.
 */
void weftd_loop_run(struct daemon *d);
