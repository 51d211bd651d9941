/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/ends.h - how an agent ends: with its services, dependants first; or without them. One
 * thread. */
#pragma once

#include "agent/state.h"

/* Takes the next step towards the end, if the agent is to end; once a turn, when all that was
 * touched is settled. */
void agent_ends_settle(struct agent *a);

/* The time for the end has come; `arg` is the agent. */
void agent_ends_on_due(void *arg, uint64_t now_ms);
