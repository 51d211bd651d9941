/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/registration.h - one registration of the agent: an instance, its node, a claim. It does not
 * know what is registered. One thread. */
#pragma once

#include "agent/state.h"

/* Begins to register, or registers what has changed. `r` has `agent`, `on_change` and `arg` set.
 * Does nothing while it is being removed. Returns 0 or a negative errno. */
int agent_registration_set(struct agent_registration *r,
			   const struct registrant_settings *settings);

/* Begins to remove it; `on_change` is called when that is done, and `service` is NULL then. */
void agent_registration_end(struct agent_registration *r);

/* Forgets it; what is registered is removed in the background. */
void agent_registration_drop(struct agent_registration *r);

/* Returns whether registering has failed because no registry answers. */
bool agent_registration_is_silent(const struct agent_registration *r);
