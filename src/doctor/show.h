/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/show.h - a visit for people, as a table of hops and then what was found, and as JSON. One
 * thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "doctor/visit.h"

/* Writes it to standard output. With `is_quiet` only what was found. Returns 0, or -1 if standard
 * output cannot be written. */
int doctor_show(const struct doctor_visit *v, bool is_quiet);

/* Returns it as an object, or NULL if memory is short. */
json_t *doctor_show_to_json(const struct doctor_visit *v);
