/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* schema/value.h - JSON values: which are equal, and how messages show them.
 *
 * Numbers are equal if their values are: 1 and 1.0. No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

enum { SCHEMA_VALUE_TEXT_MAX = 81 };

/* Returns a negative number, 0 or a positive one as the number `a` is less than, equal to or more
 * than `b`. */
int schema_value_compare(const json_t *a, const json_t *b);

/* Returns whether two values are equal. Subtracts from `steps` what the comparison costs; once
 * nothing is left, the answer is false. */
bool schema_value_equal(const json_t *a, const json_t *b, size_t *steps);

/* Returns a hash of the value: equal values have equal ones, in this process. */
uint64_t schema_value_hash(const json_t *value);

/* Returns what the value costs when it is copied or compared: one for each value in it, and more
 * for long texts. */
size_t schema_value_weight(const json_t *value);

/* Returns whether the value has at most `depth` objects and arrays in each other. */
bool schema_value_is_flat(const json_t *value, unsigned depth);

/* Writes the value as messages show it, cut if it is long. Returns `out`. */
const char *schema_value_show(char out[static SCHEMA_VALUE_TEXT_MAX], const json_t *value);
