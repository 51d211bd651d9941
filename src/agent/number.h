/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/number.h - incarnations: the number that a process of an instance is given.
 *
 * None is given twice, and none below one that was given before, on whatever node. Two things show
 * what was given before, and neither need be there: the node's own file, which does not have the
 * last one if the agent was killed just then, and the record in the zone, which goes with its
 * lease, with a node that gives the instance up, and with a registry that loses its store. What
 * remains is time:
 *
 *  - a number that follows one which this agent has given, or found in a process that runs, is the
 *    next one, if that was registered all the time: another node would have had to register a
 *    higher one meanwhile, and that is reported;
 *  - any other one is the wall clock in milliseconds, or more if more was seen.
 *
 * A process takes longer than a millisecond to begin and to end, so numbers that were counted from
 * an earlier clock are below a later one, on all nodes whose clocks agree. Where they do not, the
 * record of the other node is seen, if it is there; and a registry takes nothing from a node whose
 * clock is off by more than 300 s (RFC 8945 5.2.3). A libweft service numbers itself likewise. One
 * thread. */
#pragma once

#include "agent/state.h"

/* Gives the instance a number above those seen, before it is registered. */
void agent_number_take(struct agent_instance *i, uint64_t seen);

/* Gives it the number of the process that is about to be started, if it has none yet, or one that
 * others may have followed meanwhile. */
void agent_number_next(struct agent_instance *i);

/* Takes that a process runs which an earlier agent has started; pid 0: it has no process. */
void agent_number_adopt(struct agent_instance *i, pid_t pid);

/* Writes down the number, and what else is to be known of the instance. */
void agent_number_keep(struct agent_instance *i, bool is_durable);
