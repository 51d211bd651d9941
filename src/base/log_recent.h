/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/log_recent.h - the last lines of the log, in memory: what `weft events` shows.
 *
 * A ring of bytes with a lock around it. The newest line replaces the oldest ones; a reader has a
 * cursor of its own, which counts the lines that it has missed. Putting a line never waits for a
 * reader. Any thread; each cursor in one. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log_past.h"

struct base_log_recent {
	/* set by base_log_recent_init */
	char *bytes;
	size_t size;

	/* under `lock` */
	pthread_mutex_t lock;
	uint64_t begin, end; /* offsets since the start, of the oldest line and after the newest */
	uint64_t first;	     /* number of the oldest line, from 0 */
	uint64_t next;	     /* number of the next line */
};

/* Makes an empty ring of `size` bytes, more than a line has. Returns 0 or -ENOMEM. */
int base_log_recent_init(struct base_log_recent *r, size_t size);

/* Frees what the ring holds. */
void base_log_recent_fini(struct base_log_recent *r);

/* Adds the line `subject: text` of `time_us`, microseconds since 1970, and of a level of
 * base/log.h. A line that the ring cannot
 * hold is left out. */
void base_log_recent_put(struct base_log_recent *r, uint64_t time_us, int level,
			 const char *subject, const char *text, size_t nchars);

/* Sets the cursor to the oldest line, or after the newest. */
void base_log_recent_seek(struct base_log_recent *r, struct base_log_cursor *at, bool is_oldest);

/* Reads as base_log_read does. */
bool base_log_recent_read(struct base_log_recent *r, struct base_log_cursor *at,
			  struct base_log_past *out);
