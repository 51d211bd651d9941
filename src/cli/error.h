/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/error.h - messages to the person at the terminal, on standard error. One thread. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "base/error.h"

/* Writes `weft: `, the message and a newline to standard error. */
__attribute__((format(printf, 1, 2))) void cli_error(const char *format, ...);

/* From now on keeps the messages for cli_error_kept, too, or does not. */
void cli_error_keep(bool is_kept);

/* Returns the messages that were kept, without `weft: `, as a list of texts that is borrowed. NULL:
 * there was none. */
json_t *cli_error_kept(void);

/* Writes an error of a configuration with its file and line; warnings are weftd's to report. Fits
 * base_report_fn; `arg` is not used. */
void cli_error_report(void *arg, enum base_log_level level, const struct base_error *error);

/* Ignores what is reported, for a configuration that need not be there. Fits base_report_fn. */
void cli_error_ignore(void *arg, enum base_log_level level, const struct base_error *error);
