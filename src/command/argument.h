/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/argument.h - arguments that several commands take. Main thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct control_request;
struct daemon;
struct hosting_zone;
struct settings_zone;

/* Returns the zone, served or parked, that argument `i` names. If there is no such zone, or it is
 * being purged, answers the request with an error and returns NULL. */
struct hosting_zone *command_argument_hosted(const struct daemon *d,
					     struct control_request *request, size_t i);

/* Returns the deepest configured zone that a wire name is in, or NULL. */
const struct settings_zone *command_argument_zone(const struct daemon *d, const uint8_t *name);
