/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agentd/table.h - the commands of the control socket, and the functions that run them; those about
 * the agent itself are here. One thread. */
#pragma once

#include "control/agent_commands.h"
#include "control/server.h"

/* By enum control_agent; the argument of each is a struct agentd. */
extern const control_run_fn agentd_table_run[CONTROL_AGENT_COMMANDS];
