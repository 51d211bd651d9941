/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/text.h - octets from the network as text that may be shown on a terminal.
 *
 * What is not UTF-8, control characters and backslashes become \DDD, as in zone files. Knows no
 * locale: text is UTF-8. Constant: any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "base/buf.h"

/* Returns the number of octets of the UTF-8 character at `at`, of which `left` octets are there; 0
 * if it is cut, malformed, or a control character, also one of direction. */
size_t cli_text_character(const uint8_t *at, size_t left);

/* Returns whether all octets are such characters, so that nothing needs an escape but a
 * backslash. */
bool cli_text_is_shown(const void *octets, size_t nbytes);

/* Writes the octets; as many fit. */
void cli_text_write(struct base_out *o, const void *octets, size_t nbytes);

/* Returns the octets as text, to be freed, or NULL if memory is short. */
char *cli_text_escape(const void *octets, size_t nbytes);

/* Writes a text to `out` with its escapes; `?` if memory is short. */
void cli_text_print(FILE *out, const char *text);

/* Returns the octets as a string of JSON, or NULL if memory is short. */
json_t *cli_text_to_json(const void *octets, size_t nbytes);

/* Returns how many columns of a terminal a text takes. */
size_t cli_text_width(const char *text);

/* Returns how many octets of a text take at most `width` columns. */
size_t cli_text_fit(const char *text, size_t width);
