/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* remote/rates.h - rates from two answers of `stats`, one later than the other.
 *
 * Counters become differences a second; figures that go up and down are left out. Knows which are
 * which by their names: a table here. Reads no clock; any thread. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

/* Returns the rate of a counter between two values of it, `seconds` apart. A value that is smaller
 * than before is of a weftd that was started again: it counts from 0. */
double remote_rates_of(const json_t *before, const json_t *after, double seconds);

/* Returns the rates of all counters, in objects and lists as `after` has them; items of a list are
 * compared by the text of their first field, which stays. Without `has_zeros` those that are 0 are
 * left out, and what is empty then. The caller owns the result; NULL if nothing is left. */
json_t *remote_rates(const json_t *before, const json_t *after, double seconds, bool has_zeros);
