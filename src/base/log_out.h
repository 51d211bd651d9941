/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/log_out.h - where the log's lines go: standard error, a file, syslog's socket.
 *
 * Writing waits for the reader at most as long as the caller allows, also if the reader is a pipe,
 * a terminal or a socket that nobody reads. (A disk that does not answer can still hold a write.)
 * Any thread may write; opening is for the main thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum base_log_target {
	BASE_LOG_TO_STDERR,
	BASE_LOG_TO_JOURNAL, /* systemd's journal: standard error, or its own socket */
	BASE_LOG_TO_SYSLOG,
	BASE_LOG_TO_FILE,
};

/* Sends all lines from now on to `target`, as base_log_open. */
int base_log_out_open(const char *target);

/* Opens the file anew, as base_log_reopen. */
int base_log_out_reopen(void);

/* Sets whether the journal gets entries with fields, as base_log_set_fields. Any thread. */
void base_log_out_set_fields(bool has);

/* Returns the target in use: it decides how a line begins. */
enum base_log_target base_log_out_target(void);

/* Writes the lines, `nbytes` in all, each with its newline. Waits for the reader at most
 * `timeout_ms` at a time (negative: as long as it takes). Returns how many bytes were written or
 * given up for an error other than that the reader does not read: always whole lines where the
 * reader is a pipe. */
size_t base_log_out_write(const char *lines, size_t nbytes, int timeout_ms);
