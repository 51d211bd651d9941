/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* daemon/report.h - log lines that several units of the room write in the same form.
 *
 * Problems of the configuration and of zone files come through here (process/report.h has what all
 * daemons log).
 * Any thread. */
#pragma once

#include "base/error.h"

struct hosting_zone;
struct settings;

/* Logs a problem as process_report does, and, after -EACCES, daemon_report_denied. Fits
 * base_report_fn; `arg` is not used. */
void daemon_report(void *arg, enum base_log_level level, const struct base_error *error);

/* Writes a problem to standard error as compilers do, `FILE:LINE: text`, for people and editors.
 * Fits base_report_fn; `arg` is not used. */
void daemon_report_plain(void *arg, enum base_log_level level, const struct base_error *error);

/* After a file could not be opened for -EACCES: logs that it may be one which weftd has given up.
 * Does nothing if it has given up none. */
void daemon_report_denied(void);

/* Logs an event of a zone; `ret` is a negative errno that is the reason, or 0. */
void daemon_report_zone(enum base_log_level level, const struct hosting_zone *h, const char *event,
			int ret);

/* Logs the current epoch of each fabric, for operators who rotate one. The configuration is
 * unlocked. */
void daemon_report_fabrics(const struct settings *config);

/* Logs until when the certificate from files is valid: a renewed one is seen to be in use. The
 * configuration is unlocked. */
void daemon_report_certificate(const struct settings *config);

/* Reports a configuration without zones, which is hardly meant. */
void daemon_report_empty(const struct settings *config, base_report_fn report, void *arg);

/* Logs the sentence that ends the start. Returns -1. */
int daemon_report_end(const char *sentence);
