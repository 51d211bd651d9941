/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* spec/json.h - a declared service as JSON: the text of its `_spec` records.
 *
 * The text is canonical: names sorted, no blanks, times in seconds, options left out that have
 * their default. So equal services have equal texts, and a weft with other defaults does not make
 * them differ. What is read may come from anywhere and is checked like a file. One thread. */
#pragma once

#include <stddef.h>

#include <jansson.h>

#include "base/error.h"
#include "spec/service.h"

struct base_arena;

enum {
	SPEC_JSON_MAX = 65279,	  /* characters: what the strings of one TXT record hold */
	SPEC_JSON_DEPTH_MAX = 32, /* objects and arrays in each other */
};

/* Returns the service as an object for the caller to release, or NULL if memory is short. */
json_t *spec_json_of(const struct spec_service *s);

/* Writes the canonical text, with its NUL, to the arena. Returns 0, -EMSGSIZE if it has more than
 * SPEC_JSON_MAX characters, or -ENOMEM. */
int spec_json_write(const char **out, struct base_arena *arena, const struct spec_service *s);

/* Reads a service from the `nchars` at `text`. Calls `report` with every error and warning;
 * `at.file` is the JSON pointer, `at.line` is 0. Returns 0 with the service in `arena`; -EBADMSG if
 * an error was reported, or -ENOMEM. */
int spec_json_read(struct spec_service **out, struct base_arena *arena, const char *text,
		   size_t nchars, base_report_fn report, void *arg);
