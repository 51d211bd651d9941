/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/look.h - how an instance is, by its unit and by what is wanted. Changes nothing. One
 * thread. */
#pragma once

#include "agent/state.h"

/* Returns whether anything of the instance runs, or is being prepared, started or stopped; with how
 * that is in `view`, unless it is NULL. */
bool agent_look_unit(const struct agent_instance *i, struct supervise_unit_view *view);

/* Returns whether the instance is to run, as far as orders and operators are concerned. */
bool agent_look_is_wanted(const struct agent_instance *i);

/* Return the hash of the configuration, and the version, of what runs; of what was never started
 * those that it is to have. "" if there is none. */
const char *agent_look_cfg(const struct agent_instance *i);
const char *agent_look_ver(const struct agent_instance *i);
