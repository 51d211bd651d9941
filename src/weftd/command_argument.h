/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/command_argument.h - arguments that several commands take. Main thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct control_request;
struct hosting_zone;
struct settings_zone;
struct weftd;

/* Returns the zone, served or parked, that argument `i` names. If there is no such zone, or it is
 * being purged, answers the request with an error and returns NULL. */
struct hosting_zone *weftd_command_argument_hosted(const struct weftd *d,
						   struct control_request *request, size_t i);

/* Returns the deepest configured zone that a wire name is in, or NULL. */
const struct settings_zone *weftd_command_argument_zone(const struct weftd *d, const uint8_t *name);
