/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* remote/top_view.h - the screen of `weft top` as text, from two answers of weftd's command `top`.
 *
 * Knows no terminal, no socket and no clock; any thread. */
#pragma once

#include <stdio.h>

#include <jansson.h>

/* What the lists of zones and keys are sorted by; types always by their rate. */
enum remote_top_sort { REMOTE_TOP_BY_REQUESTS, REMOTE_TOP_BY_CHANGES, REMOTE_TOP_BY_NAME };

struct remote_top_view {
	int rows;    /* lines of the screen; 0: no screen, ten of each list */
	int columns; /* a line is cut after that many characters; 0: not at all */
	enum remote_top_sort sort;
	const char *note; /* a last line, or NULL */
};

/* Writes the screen: lines of at most `columns` characters, at most `rows` of them. Rates are those
 * between `before` and `after`, `seconds` apart. */
void remote_top_write(FILE *out, const json_t *before, const json_t *after, double seconds,
		      const struct remote_top_view *view);

/* Returns the duration, in microseconds, within which a share of the commits between two answers
 * ended, rounded up to the end of its bucket; 0 if there were none, -1 if it is beyond the longest.
 */
json_int_t remote_top_commit_us(const json_t *before, const json_t *after, double share);
