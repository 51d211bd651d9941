/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* declare/show.h - what is changed by a commit, or would be, for people and as JSON. One thread. */
#pragma once

#include <stdio.h>

#include <jansson.h>

#include "declare/commit.h"

/* Writes what has changed, a line for each service, schema and place, and what to do next. */
void declare_show_done(FILE *out, const struct declare_commit *c);

/* Writes what would change: declarations as lines with `-` and `+`, and what follows for instances
 * that run. Returns 0 or -ENOMEM. */
int declare_show_difference(FILE *out, const struct declare_plan *p);

/* Writes which services and schemas the plan deletes. */
void declare_show_deleted(FILE *out, const struct declare_plan *p);

/* Returns the value of --json, or NULL if memory is short. */
json_t *declare_show_to_json(const struct declare_commit *c);
