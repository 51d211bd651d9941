/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* process/notify.h - reporting the state of this process to the service manager: the datagrams of
 * sd_notify(3), sent without libsystemd.
 *
 * Every function does nothing and returns 0 if NOTIFY_SOCKET is not set; otherwise it returns 0 or
 * a negative errno, which a caller may log: nothing depends on the manager. The unit does not know
 * what the process does. Main thread only. */

#pragma once

#include <stdint.h>

/* Reports READY=1: started, or done with reloading. `status`, of which the first 500 bytes are
 * sent, is one line for systemctl status; NULL: none. */
int process_notify_ready(const char *status);

/* Reports STATUS alone: a line as that of process_notify_ready(). */
int process_notify_status(const char *status);

/* Reports RELOADING=1 with MONOTONIC_USEC, as Type=notify-reload requires. A call of
 * process_notify_ready() ends the reload. */
int process_notify_reloading(void);

/* Reports STOPPING=1. */
int process_notify_stopping(void);

/* Reports WATCHDOG=1: the process is alive. */
int process_notify_watchdog(void);

/* Returns how often process_notify_watchdog() must be called, in milliseconds: half of
 * WATCHDOG_USEC. Returns 0 if the manager does not watch this process. */
uint64_t process_notify_watchdog_interval_ms(void);
