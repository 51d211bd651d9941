/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/holds.h - the name and the resources that an instance holds while it runs.
 *
 * A name is a lock on this machine (outfit/lock.h) and a claim in the zone; if no registry answers,
 * or it refuses the claim, the lock is enough. An exclusive resource is a claim alone, so it cannot
 * be had without a registry. Shared resources are shown only, nothing waits for them. One thread.
 */
#pragma once

#include "agent/state.h"

/* Takes what the declaration has, and gives up what it has no more. Returns whether the instance
 * has all of it now; else `i->gate` and `i->gate_why` have what is missing, and the instance is
 * touched when that changes. */
bool agent_holds_take(struct agent_instance *i);

/* Returns the name in the zone that the instance wants and another one holds, or NULL. */
const uint8_t *agent_holds_awaited(const struct agent_instance *i);

/* Returns whether another has what this instance, which runs, needs to hold: with that in `why`. */
bool agent_holds_are_lost(const struct agent_instance *i, const char **why);

/* Records the main process of the instance: 0: it has none that can be looked at; -1: nothing
 * runs. */
void agent_holds_set_process(struct agent_instance *i, pid_t pid);

/* Gives up all. */
void agent_holds_release(struct agent_instance *i);

/* Returns whether nothing is held or being given up. */
bool agent_holds_are_free(const struct agent_instance *i);

/* Frees all. What is held remains so, for the next agent, if `is_left`. */
void agent_holds_free(struct agent_instance *i, bool is_left);
