/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* daemon/problems.h - what is wrong with files, as lines for the answer to a request.
 *
 * Each problem is logged, too. One thread at a time. */
#pragma once

#include <stddef.h>

#include "base/error.h"

/* Starts as zeros. */
struct daemon_problems {
	char *lines; /* without a final newline; NULL: none, or memory is short */
	size_t nbytes;
};

/* Logs a problem, and adds it as `FILE:LINE: text`. Fits base_report_fn; `problems` is a struct
 * daemon_problems. */
void daemon_problems_add(void *problems, enum base_log_level level, const struct base_error *error);

/* Adds a line that is not about a file, and is not logged. */
__attribute__((format(printf, 2, 3))) void daemon_problems_line(struct daemon_problems *problems,
								const char *format, ...);

/* Frees the lines. */
void daemon_problems_fini(struct daemon_problems *problems);
