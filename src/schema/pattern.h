/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* schema/pattern.h - regular expressions whose work is limited (PCRE2).
 *
 * They are meant as those of ECMA-262, which JSON Schema has; PCRE2's differ from these in what
 * hardly any schema uses. An expression may come from a stranger: its size is limited when it is
 * compiled, and the steps when it is applied. A pattern does not change; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct schema_pattern;

enum { SCHEMA_PATTERN_MAX = 1000 }; /* characters of an expression */

/* Compiles the text. Returns 0 with a pattern for the caller to free, or -EINVAL or -ENOMEM with
 * `error` filled in. */
int schema_pattern_new(struct schema_pattern **out, const char *text, struct base_error *error);

/* Frees the pattern. NULL is fine. */
void schema_pattern_free(struct schema_pattern *pattern);

/* Returns the pattern's text. */
const char *schema_pattern_text(const struct schema_pattern *pattern);

/* Returns the most that applying the pattern to `nbytes` can cost, in hundreds of PCRE2's steps. */
size_t schema_pattern_cost(const struct schema_pattern *pattern, size_t nbytes);

/* Returns 1 if the pattern matches anywhere in the text, 0 if not, -E2BIG if that is too much work,
 * or -ENOMEM. */
int schema_pattern_match(const struct schema_pattern *pattern, const char *text, size_t nbytes);
