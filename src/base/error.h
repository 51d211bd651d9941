/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/error.h - what went wrong: a code for the program, a location and a sentence for people.
 *
 * Every room that reads something a person wrote, or something that may be damaged, describes its
 * errors by this one value. A function that can fail at most once takes a `struct base_error *`,
 * which it fills in only when it fails; one that reports several problems takes a base_report_fn.
 * Any thread. */
#pragma once

#include "base/location.h"
#include "base/log.h"

enum { BASE_ERROR_TEXT_MAX = 1024 }; /* room for a sentence that names three domain names */

struct base_error {
	int code; /* negative errno */
	struct base_location
		at; /* `file` NULL: no file is at fault. Borrowed from the reader of it */
	char text[BASE_ERROR_TEXT_MAX]; /* one sentence, without file, line and final period */
};

/* Takes a report of one problem; `level` is BASE_LOG_ERROR or BASE_LOG_WARNING. `error` and what it
 * points to are valid during the call. `arg` is the value that was given with the function. */
typedef void (*base_report_fn)(void *arg, enum base_log_level level,
			       const struct base_error *error);

/* Fills in `error`, without a location; a text that is too long is cut. Returns `code`, so that a
 * caller can end with `return base_error_set(...)`. `error` may be NULL. */
int base_error_set(struct base_error *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Like base_error_set, with a location, whose file name is borrowed. */
int base_error_set_at(struct base_error *error, int code, struct base_location at,
		      const char *format, ...) __attribute__((format(printf, 4, 5)));
