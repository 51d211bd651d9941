/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/log_line.h - the parts of a line of the log: `subject: event key=value key="more words"`.
 *
 * A line is given as it was logged, without level, time and newline. Knows no meaning of a key. Any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Where a part of a line is: borrowed from the line, and not ended by NUL. */
struct base_log_part {
	const char *text;
	size_t nchars;
};

/* Splits off what precedes the fields. A part that the line does not have is empty. */
void base_log_line_head(const char *line, size_t nchars, struct base_log_part *subject,
			struct base_log_part *event);

/* Finds the value of a field, with its quotes. Returns false if the line does not have the field.
 */
bool base_log_line_find(const char *line, size_t nchars, const char *key,
			struct base_log_part *value);

/* Splits off the field at `*at`, which is 0 at first and moves to the next one; words that are not
 * fields are skipped. Returns false at the end of the line. */
bool base_log_line_next(const char *line, size_t nchars, size_t *at, struct base_log_part *key,
			struct base_log_part *value);

/* Writes a value without its quotes and escapes to `out`, cut to `size` bytes with the NUL. Returns
 * the number of characters. */
size_t base_log_line_unquote(char *out, size_t size, const struct base_log_part *value);
