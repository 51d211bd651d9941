/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/show.h - how an instance is, for its records, the history and people. One thread.
 *
 * The words of events are: assigned, preparing, starting, started (`why` has the configuration),
 * restarted (after its death), configured, cannot-start, cannot-configure, acquired, released,
 * degraded, recovered, uses (one that it uses has moved or is gone), failed, lost, terminating,
 * stopped; of the node: up, terminating. */
#pragma once

#include "agent/state.h"

/* Records and reports what has changed since the last call. */
void agent_show(struct agent_instance *i);

/* Writes why it is as it is, for people. */
void agent_show_reason(char out[static AGENT_REASON_MAX], const struct agent_instance *i);

/* Returns a word for what the instance waits for; NULL: nothing. */
const char *agent_show_gate_text(enum agent_gate gate);
