/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* spec/parameters.h - a service checked by its schema.
 *
 * The schema describes an object of four members, which are always there: `parameters`,
 * `environment` and `text` as declared (objects), and `resources`, the names of these (an array).
 * One thread for a service. */
#pragma once

#include "base/error.h"
#include "spec/service.h"

struct base_arena;
struct schema;

/* Checks the service by the schema. If `fills_in`, adds the schema's defaults to `parameters`,
 * `environment` and `text`; new texts live in `arena`. Calls `report` with every error; `at.file`
 * is the JSON pointer. Returns 0, -EBADMSG if an error was reported, or -ENOMEM. */
int spec_parameters_check(struct spec_service *s, struct base_arena *arena,
			  const struct schema *schema, bool fills_in, base_report_fn report,
			  void *arg);
