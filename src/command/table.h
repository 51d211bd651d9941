/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/table.h - what runs each command of the control socket. Main thread. */
#pragma once

#include "control/commands.h"
#include "control/server.h"

/* The functions of control_commands[], by enum control_weftd. Their argument is the struct daemon.
 */
extern const control_run_fn command_table_run[CONTROL_COMMANDS];
