/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fleet/event.h - one event of the history, for people and in JSON. Knows no transfer. No state;
 * any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "atlas/atlas.h"

enum { FLEET_EVENT_TIME_MAX = 40 };

/* Writes a time as `2026-11-30T19:33:04.123Z`. Returns `out`. */
const char *fleet_event_time_to_text(char out[static FLEET_EVENT_TIME_MAX], uint64_t time_ms);

/* Returns whether the event is about the instance of this name. */
bool fleet_event_is_of(const struct atlas_event *e, const uint8_t *name, const uint8_t *zone);

/* Returns whether the event is about what a person calls `text`: a label, a label with its type, or
 * a whole name. */
bool fleet_event_is_about(const struct atlas_event *e, const char *text, const uint8_t *zone);

/* Returns the event as JSON has it. */
json_t *fleet_event_to_json(const struct atlas_event *e);

/* Returns of such JSON what people are shown in a line of a table. */
json_t *fleet_event_line(const json_t *event);
