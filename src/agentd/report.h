/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agentd/report.h - log lines that several units of the room write in the same form. One thread. */
#pragma once

#include "base/error.h"

/* Logs a problem with its file and line, as `file-error` or `file-warning`. Fits base_report_fn;
 * `arg` is not used. */
void agentd_report(void *arg, enum base_log_level level, const struct base_error *error);

/* Writes a problem to standard error as compilers do, `FILE:LINE: text`. Fits base_report_fn; `arg`
 * is not used. */
void agentd_report_plain(void *arg, enum base_log_level level, const struct base_error *error);

/* Logs an error that ends the start: `what`, a path or what could not be done, and the reason, a
 * negative errno. Returns -1, so that a caller can end with `return agentd_report_failure(...)`. */
int agentd_report_failure(const char *what, int ret);

/* Logs an error that ends the start, with its file if it has one. Returns -1. */
int agentd_report_error(const struct base_error *error);
