/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/log_limit.h - how many lines of the log one peer may cause.
 *
 * A peer is a text: the name of a key, or a client's address. In each window of
 * BASE_LOG_LIMIT_WINDOW_S it may cause a number of lines; those beyond are counted, and the
 * count is logged at the end of the window. A fixed number of peers is known: of more,
 * those that have caused the fewest lines are forgotten, and begin again. The unit knows no log.
 * One thread at a time: base/log.c has a lock around it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	BASE_LOG_LIMIT_WINDOW_S = 10,
	BASE_LOG_LIMIT_LINES = 10000,
	BASE_LOG_LIMIT_PEERS = 512,
	BASE_LOG_LIMIT_NAME = 128, /* octets of a name that are shown, with the NUL */
};

struct base_log_limit_peer {
	uint64_t hash; /* of the whole name */
	uint64_t begin_s;
	uint32_t nlines; /* in this window; 0: the place is free */
	uint32_t left_out;
	char name[BASE_LOG_LIMIT_NAME];
};

/* All zero at first. */
struct base_log_limit {
	struct base_log_limit_peer peers[BASE_LOG_LIMIT_PEERS];
	uint64_t left_out; /* lines of all peers, since the start */
	uint32_t nover;	   /* peers with lines that were left out in their window */
};

/* Counts a line by `name` at `now_s`, seconds that never go back. Returns whether it may be
 * written: `most` in a window may. */
bool base_log_limit_take(struct base_log_limit *l, const char *name, uint32_t most, uint64_t now_s);

/* Counts `n` lines by `name` that are left out. */
void base_log_limit_leave_out(struct base_log_limit *l, const char *name, uint32_t n,
			      uint64_t now_s);

/* Finds a peer whose window has ended with lines left out; with `is_end`, whether it has ended or
 * not. Writes its name to `name`, forgets it, and returns how many lines were left out; 0 if there
 * is none. */
uint32_t base_log_limit_report(struct base_log_limit *l, uint64_t now_s, bool is_end,
			       char name[static BASE_LOG_LIMIT_NAME]);
