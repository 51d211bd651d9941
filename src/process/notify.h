/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* process/notify.h - telling the service manager how we are: the datagrams of sd_notify(3).
 *
 * Everything here does nothing and returns 0 when NOTIFY_SOCKET is not set. Errors are returned for
 * the log, but nothing depends on them. Main thread only. */

#pragma once

#include <stdint.h>

/* READY=1: started, or done with reloading; `status` (may be NULL) is what systemctl status shows.
 */
int process_notify_ready(const char *status);

/* RELOADING=1 with MONOTONIC_USEC, as Type=notify-reload wants. */
int process_notify_reloading(void);

/* STOPPING=1. */
int process_notify_stopping(void);

/* STATUS= one line. */
int process_notify_status(const char *status);

/* WATCHDOG=1: still turning. */
int process_notify_watchdog(void);

/* How often process_notify_watchdog() must be called, in milliseconds: half of what WATCHDOG_USEC
 * says; 0 when nobody watches this process. */
uint64_t process_notify_watchdog_interval_ms(void);
