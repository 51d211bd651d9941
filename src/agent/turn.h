/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/turn.h - which instances are to be settled in this turn of the loop, and what about them is
 * reported. One thread. */
#pragma once

#include "agent/state.h"

/* Has the instance be settled before the loop waits again. */
void agent_turn_touch(struct agent_instance *i);

/* Likewise all instances. */
void agent_turn_touch_all(struct agent *a);

/* Takes one that was touched, or returns NULL. */
struct agent_instance *agent_turn_take(struct agent *a);

/* Takes the instance out of the list, before it is freed. */
void agent_turn_forget(struct agent_instance *i);

/* Has the instance be settled within AGENT_RETRY_MS: for what cannot be waited for. */
void agent_turn_retry(struct agent_instance *i);

/* The time for that has come; `arg` is the agent. */
void agent_turn_on_retry(void *arg, uint64_t now_ms);

/* Takes whether no registry answers: some instances may start only then, others only else. */
void agent_turn_set_silent(struct agent *a, bool is_silent);

/* Adds an event about the instance, or about the node if `i` is NULL, to the history and to the
 * log. `why` may be "". */
void agent_turn_event(struct agent *a, const struct agent_instance *i, const char *what,
		      const char *why);

/* Logs a line about an instance, or about the agent itself if `i` is NULL. */
__attribute__((format(printf, 4, 5))) void agent_turn_log(struct agent *a,
							  const struct agent_instance *i,
							  enum base_log_level level,
							  const char *format, ...);
