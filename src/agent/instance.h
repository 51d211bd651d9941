/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/instance.h - the life of one instance on this node, from its order to its end.
 *
 *	its outfit is opened; what runs of it is adopted
 *	it is registered, as assigned
 *	the gates (gates.h)
 *	its unit is started, and starts itself again after deaths (unit.h)
 *	it is stopped: by its withdrawal, an operator, a changed declaration, something that it
 *	uses, or because another has what it holds
 *	what it holds is given up; if it is withdrawn, its records are removed, and it ends
 *
 * All decisions are made in agent_instance_settle(), by what is so then. One thread. */
#pragma once

#include "agent/state.h"

/* Makes an instance for an order. Returns NULL if memory is short. */
struct agent_instance *agent_instance_new(struct agent *a, const struct assign_order *order);

/* Frees it. What runs goes on, and what is registered remains, for the next agent. */
void agent_instance_free(struct agent_instance *i);

/* Takes that its order has changed, or that it has one again. `before` as in assign_events. */
void agent_instance_order(struct agent_instance *i, const struct assign_order *order,
			  const struct spec_service *before);

/* Takes that it is not assigned any more. */
void agent_instance_withdraw(struct agent_instance *i);

/* Takes the next step, if there is one to be taken now. Returns false if it is at its end: then it
 * is to be freed. */
bool agent_instance_settle(struct agent_instance *i);

/* Has it run, or not, or run anew, as an operator wants. */
void agent_instance_start(struct agent_instance *i);
void agent_instance_stop(struct agent_instance *i);
void agent_instance_restart(struct agent_instance *i);
