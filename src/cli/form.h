/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/form.h - times, durations and sizes as people write and read them, and as JSON has them.
 *
 * JSON has a time as a text by RFC 3339 in UTC, a duration as a number of seconds and a size as a
 * number of bytes. The field's name decides which numbers are durations and sizes: a table here.
 * For people they have units. Reads no clock; any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/* Room for any text of this unit. */
enum { CLI_FORM_TEXT_MAX = 64 };

/* Parses a duration that a person has given for `what`: `90`, `5m` or `1h`. Returns true if it is
 * from `min` to `max` seconds; else false after a message. */
bool cli_form_duration_parse(uint64_t *out, const char *what, const char *text, uint64_t min,
			     uint64_t max);

/* Writes a duration by its two largest units, rounded down: `27s`, `13m12s`, `2d4h`. Returns `out`.
 */
const char *cli_form_duration_to_text(char out[static CLI_FORM_TEXT_MAX], uint64_t seconds);

/* Writes a size with one of the units of weftd.conf(5), 1024 bytes and so on: `512`, `66.5K`.
 * Returns `out`. */
const char *cli_form_size_to_text(char out[static CLI_FORM_TEXT_MAX], uint64_t nbytes);

/* Writes a time, seconds since 1970, as `2026-11-29T07:03:25Z`. Returns `out`. */
const char *cli_form_time_to_text(char out[static CLI_FORM_TEXT_MAX], uint64_t time_s);

/* Parses such a time, with or without a fraction of a second, which is ignored. Returns whether the
 * text is one. */
bool cli_form_time_from_text(uint64_t *out, const char *text);

/* Writes how long ago `time_s` is at `now_s`: `13m ago`, or `in 13m`. Returns `out`. */
const char *cli_form_ago_to_text(char out[static CLI_FORM_TEXT_MAX], uint64_t time_s,
				 uint64_t now_s);

/* Writes the value of the field `name` of `object` for people if it is a duration or a size.
 * Returns `out`, or NULL for others. */
const char *cli_form_field_to_text(char out[static CLI_FORM_TEXT_MAX], const json_t *object,
				   const char *name);
