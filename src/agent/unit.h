/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/unit.h - the process of an instance: opened as its declaration has it, numbered before each
 * start, and what happens to it. One thread. */
#pragma once

#include "agent/state.h"

/* Begins to open the instance's outfit, with its declaration; or has the one that is open take it.
 * Returns whether something is being opened, or waited for: the instance is touched when that is
 * over. Else, if it cannot be opened, `i->open_error` has why. */
bool agent_unit_open(struct agent_instance *i);

/* Closes the outfit; what runs of it goes on. */
void agent_unit_close(struct agent_instance *i);

/* Gives the instance its next number, greater than `seen` also, and writes it down. */
void agent_unit_number(struct agent_instance *i, uint64_t seen);

/* Writes down what is to be known of the instance. */
void agent_unit_keep(struct agent_instance *i, bool is_durable);

/* Does what the declaration has for this case: a signal, a command. */
void agent_unit_act(struct agent_instance *i, const struct spec_action *action);

/* Has checks use the addresses that the node has now. */
void agent_unit_refresh(struct agent_instance *i);
