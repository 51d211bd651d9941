/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/unit.h - the process of an instance: opened as its declaration has it, and what happens to
 * it. One thread. */
#pragma once

#include "agent/state.h"

/* Begins to open the instance's outfit, with its declaration; or has the one that is open take it.
 * Returns whether something is being opened, or waited for: the instance is touched when that is
 * over. Else, if it cannot be opened, `i->open_error` has why. */
bool agent_unit_open(struct agent_instance *i);

/* Closes the outfit; what runs of it goes on. */
void agent_unit_close(struct agent_instance *i);

/* Writes down that it has failed, or is done, as the unit is now. */
void agent_unit_end(struct agent_instance *i, const struct supervise_unit_view *view);

/* Forgets that it has, so that it is started again. */
void agent_unit_revive(struct agent_instance *i);

/* Runs the command that ends the instance on the node that has it; on_action of the outfit follows,
 * and the instance is fenced if it succeeds. */
void agent_unit_fence(struct agent_instance *i);

/* Does what the declaration has for this case: a signal, a command. */
void agent_unit_act(struct agent_instance *i, const struct spec_action *action);

/* Has checks use the addresses that the node has now. */
void agent_unit_refresh(struct agent_instance *i);
