/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/json.h - the values that all answers of commands have in the same form, as weft(1)
 * describes it: names with their final dot, times by RFC 3339 in UTC. Any thread. */
#pragma once

#include <stdint.h>

#include <jansson.h>

/* Returns a wire name as a JSON string; null if `name` is NULL. The caller owns it. */
json_t *command_json_name(const uint8_t *name);

/* Returns a time, seconds since 1970, as a JSON string. The caller owns it. */
json_t *command_json_time(uint64_t time_s);
