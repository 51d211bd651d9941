/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/table.h - the instances of an agent, in the order of their names. One thread. */
#pragma once

#include "agent/state.h"

/* Returns the instance of that owner name, or NULL. */
struct agent_instance *agent_table_find(const struct agent *a, const uint8_t *name);

/* Adds an instance, which is not there yet. Returns 0 or -ENOMEM. */
int agent_table_add(struct agent *a, struct agent_instance *i);

/* Removes an instance, which is there, and does not free it. */
void agent_table_remove(struct agent *a, const struct agent_instance *i);
