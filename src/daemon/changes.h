/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* daemon/changes.h - what a reload changes, as lists for its answer. Main thread. */
#pragma once

#include <jansson.h>

struct settings;

/* Returns an object with a list for each kind of difference between the configuration in force and
 * the one that is to replace it, the empty ones, too; NULL if memory is short. The caller owns
 * it. */
json_t *daemon_changes_new(const struct settings *now, const struct settings *next);

/* Appends a text to one of its lists. NULL is fine. */
void daemon_changes_add(json_t *changes, const char *list, const char *text);

/* Logs which changes need a restart. */
void daemon_changes_log(const json_t *changes);
