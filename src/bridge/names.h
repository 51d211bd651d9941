/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/names.h - names that were taken on the LAN, and by which others they were replaced.
 *
 * An instance that was renamed for the LAN keeps that name, also when weftd starts again: the names
 * are in a file of the state folder, written anew at each change. A damaged file is reported and
 * begun again: it holds nothing that cannot be found again. Bounded; the oldest are forgotten. The
 * bridge's thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

struct bridge_names;

enum { BRIDGE_NAMES_MAX = 4096 };

/* Reads the names of the state folder. Returns NULL if memory is short. */
struct bridge_names *bridge_names_open(const char *state_dir, uint64_t seed);

/* Returns the name on the LAN that was chosen for a name of the registry (wire names, in any case),
 * valid until the next change, or NULL. */
const uint8_t *bridge_names_find(const struct bridge_names *n, const uint8_t *name);

/* Remembers it. What cannot be written is logged once and remembered until weftd ends. Returns 0 or
 * -ENOMEM. */
int bridge_names_set(struct bridge_names *n, const uint8_t *name, const uint8_t *lan_name);

/* Frees the names. NULL is fine. */
void bridge_names_close(struct bridge_names *n);
