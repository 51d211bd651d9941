/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/push.h - whether changes of the zone are pushed to the agent, for people.
 *
 * An agent to which no registry pushes works, but is slower: what it has to run is asked for every
 * other second. So a change between the two is logged, once, with what to do. It decides nothing.
 * One thread. */
#pragma once

#include "agent/state.h"
#include "client/client.h"

/* Takes a change of what the follower does. */
void agent_push_take(struct agent *a, const struct client_state *state);
