/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/gates.h - what an instance needs before it may be started, in the order in which it is
 * waited for: a declaration; that the zone is known to want it here, or, while no registry answers,
 * that it cannot have gone elsewhere; that no other node runs it; its name; its resources; what it
 * uses. One thread. */
#pragma once

#include "agent/state.h"

/* Goes through all gates. Returns whether the instance may be started; else `i->gate` and
 * `i->gate_why` have what it waits for, and it is touched when that may have changed. */
bool agent_gates_pass(struct agent_instance *i);

/* Begins to register the instance, if it is not and may be: when the zone has confirmed its order,
 * or when it runs. */
void agent_gates_register(struct agent_instance *i);
