/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/commands.h - what runs each command of the control socket. Main thread. */
#pragma once

#include "control/commands.h"
#include "control/server.h"

/* The functions of control_commands[], by enum control_weftd. Their argument is the struct weftd.
 */
extern const control_run_fn weftd_commands[CONTROL_COMMANDS];
