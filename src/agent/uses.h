/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/uses.h - the services that an instance uses, and where they are (depend/depend.h). One
 * thread. */
#pragma once

#include "agent/state.h"

/* Looks for what the declaration has in `uses`, and for nothing else. Returns whether all of it is
 * there; else `i->gate` and `i->gate_why` have what is missing, and the instance is touched when
 * that changes. */
bool agent_uses_are_there(struct agent_instance *i);

/* Takes those that have changed since the process was started, one by one: returns NULL if there is
 * none left. */
const struct spec_action *agent_uses_take_change(struct agent_instance *i,
						 const struct agent_using **out);

/* The process is started with what is known now. */
void agent_uses_are_passed(struct agent_instance *i);

/* Fills in `pairs` with what was found: NAME and HOST:PORT, at most `size`. Returns how many. */
size_t agent_uses_facts(const struct agent_instance *i, struct spec_pair *pairs, size_t size);

/* Looks for nothing any more. */
void agent_uses_end(struct agent_instance *i);
