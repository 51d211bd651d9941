/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/node.h - the node's own record: addresses, and TXT `state= boot= age= rev= manage=`. One
 * thread. */
#pragma once

#include "agent/state.h"

/* Reads the id of this boot, and counts the node's appearance, unless an agent was here in this
 * boot that did not stop. Returns whether it has appeared. */
bool agent_node_appear(struct agent *a);

/* Takes the addresses, an address_fn; `arg` is the agent. */
void agent_node_on_addresses(void *arg, const struct sockaddr_storage *addresses, size_t n,
			     uint64_t now_ms);

/* Goes on without knowing the addresses. A resolve_timer_fn; `arg` is the agent. */
void agent_node_on_no_addresses(void *arg, uint64_t now_ms);

/* Registers the node as it is now, once it has addresses. */
void agent_node_set(struct agent *a);

/* Removes the record. */
void agent_node_end(struct agent *a);
