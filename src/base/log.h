/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/log.h - the log: one line for each event.
 *
 * A line is `2026-11-21T15:32:15.123Z info subject: event key=value key="more words"`, on standard
 * error, in a file, or handed to syslog. The subject is a word that an operator knows; the event
 * is a fixed word, and weftd(8) lists all of them (tests/check-log holds the calls against it).
 * Under systemd's journal, which records the time itself, a line starts with the level as `<6>`
 * and has no time, or is an entry with fields (base/log_journal.h). The log does not know what its
 * lines mean; secrets and whole packets are never given to it.
 *
 * Logging never waits for the reader of the log. Between base_log_start and base_log_stop a thread
 * of its own writes the lines; those that it has not written yet take 1 MiB at most, and what does
 * not fit is dropped, counted and reported in the log. Before and after, a line is given up after
 * 0.1 s.
 *
 * Any thread may log and change the level. Opening, reopening, starting and stopping are for the
 * main thread. Until base_log_open is called, lines go to standard error at level info. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log_past.h"

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

/* Sets whether systemd's journal gets entries with fields, if it is the log. At first it gets lines
 * on standard error, of which it knows the unit also when the process has ended: it reads the unit
 * of an entry only when it comes to it. So fields are for a program that has started. */
void base_log_set_fields(bool has);

/* Opens the log's file again by its path, after another program has moved the file away. Does
 * nothing for other targets. Returns 0, or a negative errno with the old file still in use. */
int base_log_reopen(void);

/* Starts the thread that writes the log; when privileges are dropped, and before any other thread
 * logs. Also writes what is left of the log on SIGABRT. Returns 0, or a negative errno: then lines
 * are written as before. Once in a process. */
int base_log_start(void);

/* Writes what has been logged, but for at most 1.4 s, and ends the thread. Does nothing if it is
 * not running. Lines can still be logged afterwards. */
void base_log_stop(void);

/* Waits until what has been logged is written: 50 ms at most, and not at all while nobody reads the
 * log. For answers to people, who look into the log next. */
void base_log_flush(void);

/* Lines that are not in the log, since the start. */
struct base_log_stats {
	uint64_t dropped;  /* nobody read the log in time */
	uint64_t left_out; /* beyond what base_log_may allows */
};

/* Reads the counters. Any thread. */
void base_log_get_stats(struct base_log_stats *out);

/* Sets the level: less important lines are not written from now on. */
void base_log_set_level(enum base_log_level level);

/* Returns the level that was set last. */
enum base_log_level base_log_get_level(void);

/* Returns whether a line of `level` would be written or kept, for callers whose text is costly to
 * make. */
bool base_log_is(enum base_log_level level);

/* Writes one line about `subject`, cut after about 4,000 bytes. Control characters in it become
 * `?`, so that text from outside cannot forge a line. Leaves errno as it was. */
__attribute__((format(printf, 3, 4))) void base_log(enum base_log_level level, const char *subject,
						    const char *fmt, ...);

/* Writes several lines at once, all with the same time: `lines` are `nbytes` in all, and each ends
 * with a newline. Each line is cut, and cleaned of control characters, as base_log does. */
void base_log_lines(enum base_log_level level, const char *subject, const char *lines,
		    size_t nbytes);

/* ---- the last lines, in memory ---- */

/* Sets the cursor to the oldest line that is kept, or after the newest. Lines are kept since
 * base_log_start: 1 MiB of them, and those of level info even if the log's level leaves them out.
 */
void base_log_seek(struct base_log_cursor *at, bool is_oldest);

/* Reads the cursor's line and moves to the next one. Counts in at->nlost the lines that the cursor
 * has missed. Returns false if there is no newer line. */
bool base_log_read(struct base_log_cursor *at, struct base_log_past *out);

/* ---- limits and values ---- */

enum { BASE_LOG_PEER_MAX = 1024 }; /* a domain name as text */

/* Counts a line that `peer`, a key's name or a client's address without or with its `@port`,
 * causes, and returns whether it may be logged: no more than 10,000 in 10 s. Those beyond are
 * counted in the log when the time has passed. For lines of which a peer can cause any number. */
bool base_log_may(const char *peer);

/* Like base_log_may, with another limit: at most `most` lines in 10 s. */
bool base_log_may_few(const char *peer, uint32_t most);

/* Counts `n` lines by `peer` that the caller leaves out, to be logged likewise. */
void base_log_leave_out(const char *peer, uint32_t n);

/* Writes `value` to `buf` as the value of a key: one word as it is, anything else in double quotes
 * with `\"` and `\\` escaped, cut to what fits in `size` bytes (at least 4) with the NUL. Returns
 * `buf`. */
const char *base_log_quote(char *buf, size_t size, const char *value);
