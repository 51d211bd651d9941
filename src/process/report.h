/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* process/report.h - log lines in which each of weft's daemons reports what is wrong with its
 * configuration, and what ended its start. Any thread. */
#pragma once

#include "base/error.h"

/* Logs a problem with its file and line, as `file-error` or `file-warning`. Fits base_report_fn;
 * `arg` is not used. */
void process_report(void *arg, enum base_log_level level, const struct base_error *error);

/* Logs an error that ends the start: `what`, a path or what could not be done, and the reason, a
 * negative errno. Returns -1, so that a caller can end with `return process_report_failure(...)`.
 */
int process_report_failure(const char *what, int ret);

/* Logs an error that ends the start, with its file if it has one. Returns -1. */
int process_report_error(const struct base_error *error);
