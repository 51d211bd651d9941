/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/log.h - the log: one line for each event.
 *
 * A line is `2026-11-21T15:32:15.123Z info room: message key=value`, sent by one write to standard
 * error or a file, or handed to syslog. Under systemd's journal, which records the time itself, a
 * line starts with the level as `<6>` and has no time. The log does not know what its lines mean;
 * secrets and whole packets are never given to it.
 *
 * Any thread may log and change the level. Opening and reopening are for the main thread. Until
 * base_log_open is called, lines go to standard error at level info. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* From the most to the least important. */
enum base_log_level {
	BASE_LOG_ERROR,	  /* something that was asked for is not done */
	BASE_LOG_WARNING, /* somebody should look */
	BASE_LOG_INFO,	  /* what an operator wants to read afterwards */
	BASE_LOG_DEBUG,	  /* what a developer wants to read */
};

/* Converts `error`, `warning`, `info` or `debug` to a level. Returns 0, or -EINVAL with `level`
 * unchanged. */
int base_log_level_from_text(const char *text, enum base_log_level *level);

/* Returns the name of a level, a constant. */
const char *base_log_level_to_text(enum base_log_level level);

/* Sends all lines from now on to `target`: `stderr`, `syslog`, or the path of a file, to which
 * lines are appended and which is created with mode 0640 if it is absent. Returns 0, or a negative
 * errno with the old target still in use. */
int base_log_open(const char *target);

/* Opens the log's file again by its path, after another program has moved the file away. Does
 * nothing for other targets. Returns 0, or a negative errno with the old file still in use. */
int base_log_reopen(void);

/* Sets the level: less important lines are not written from now on. */
void base_log_set_level(enum base_log_level level);

/* Returns the level that was set last. */
enum base_log_level base_log_get_level(void);

/* Returns whether a line of `level` would be written, for callers whose text is costly to make. */
bool base_log_is(enum base_log_level level);

/* Writes one line about `room`, cut after about 4,000 bytes. Control characters in it become `?`,
 * so that text from outside cannot forge a line. Leaves errno as it was. */
__attribute__((format(printf, 3, 4))) void base_log(enum base_log_level level, const char *room,
						    const char *fmt, ...);

/* Writes several lines at once, all with the same time: `lines` are `nbytes` in all, and each ends
 * with a newline. Each line is cut, and cleaned of control characters, as base_log does. */
void base_log_lines(enum base_log_level level, const char *room, const char *lines, size_t nbytes);

/* Writes `value` to `buf` as the value of a key: one word as it is, anything else in double quotes
 * with `\"` and `\\` escaped, cut to what fits in `size` bytes (at least 4) with the NUL. Returns
 * `buf`. */
const char *base_log_quote(char *buf, size_t size, const char *value);
