/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fleet/differ.h - what differs between an agent's instances and the records of its zone.
 *
 * Compares the answers of an agent (control/agent_commands.h) with an atlas; it asks nobody. One
 * thread. */
#pragma once

#include <jansson.h>

struct fleet_join;

/* Returns the differences, as objects with the texts `of` and `what`, in the order of the
 * instances; NULL if memory is short. `status` is the result of the agent's `agent status`,
 * `services` that of `service status`. */
json_t *fleet_differ_find(const struct fleet_join *j, const json_t *status, const json_t *services);
