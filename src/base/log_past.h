/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/log_past.h - a line of the log that is kept in memory, and where a reader of such lines is.
 *
 * What both base/log.h and the memory below it (base/log_recent.h) speak of. Plain values. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { BASE_LOG_PAST_MAX = 4096 }; /* characters of a line that is kept */

/* Where a reader of the last lines is. */
struct base_log_cursor {
	uint64_t offset, number; /* of the next line */
	uint64_t nlost;		 /* lines that were gone before they were read; for the reader to
				    set back */
};

/* A line that was logged: `subject: event key=value`. */
struct base_log_past {
	uint64_t time_us; /* since 1970 */
	int level; /* enum base_log_level */
	size_t nchars;
	char line[BASE_LOG_PAST_MAX]; /* without NUL and newline */
};
