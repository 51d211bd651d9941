/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/log.h - one line for each event.
 *
 * A line is `2026-11-21T15:32:15.123Z info room: message key=value`, sent by one write to standard
 * error or a file, or handed to syslog. Under systemd's journal, which keeps the time itself, a
 * line starts with the level as `<6>` and has no time. The log knows nothing of what it is told;
 * secrets and whole packets are never given to it.
 *
 * Any thread may log and change the level. Opening and re-opening are for the main thread. Until
 * it is opened the log goes to standard error at level info. */

#pragma once

#include <stdbool.h>
#include <stddef.h>

enum base_log_level {
	BASE_LOG_ERROR,
	BASE_LOG_WARNING,
	BASE_LOG_INFO,
	BASE_LOG_DEBUG,
};

/* Turns `error`, `warning`, `info` or `debug` into the level. Returns 0, or -EINVAL with `level`
 * unchanged. */
int base_log_level_from_text(const char *text, enum base_log_level *level);

/* The level's name, for ever valid. */
const char *base_log_level_to_text(enum base_log_level level);

/* Sends what is logged from now on to `target`: `stderr`, `syslog`, or the path of a file, which is
 * made with mode 0640 when it is missing and appended to. Returns 0, or the negative errno of the
 * file with the log left where it was. */
int base_log_open(const char *target);

/* Opens the log's file again under its name, for who moved it away; nothing to do for the other
 * targets. Returns 0, or a negative errno with the old file still in use. */
int base_log_reopen(void);

/* Lines of a level less important than `level` are not written from now on. */
void base_log_set_level(enum base_log_level level);

/* The level that base_log_set_level() set last. */
enum base_log_level base_log_get_level(void);

/* Whether a line of `level` would be written, for callers that would work for its text. */
bool base_log_is(enum base_log_level level);

/* Writes one line, cut after about 4,000 bytes. Control characters in it become `?`, so that no
 * text from outside can forge a line. errno stays as it was. */
__attribute__((format(printf, 3, 4))) void base_log(enum base_log_level level, const char *room,
						    const char *fmt, ...);

/* Writes several lines at once, with one time: `lines` holds them one after the other, each ended
 * by a newline, `nbytes` in all. What was said of control characters and length holds for each. */
void base_log_lines(enum base_log_level level, const char *room, const char *lines, size_t nbytes);

/* Writes `value` for use as the value of a key: as it is when it is one word, else in double quotes
 * with `\"` and `\\` inside, cut to what fits `buf`. Returns `buf`. */
const char *base_log_quote(char *buf, size_t size, const char *value);
