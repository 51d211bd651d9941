/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* remote/bridge.h - what is bridged to the LAN and back, for people. Fits struct cli_command. One
 * thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `bridge list`: the services, those of a direction or the refused ones if that is wanted. */
int remote_bridge_list(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args);
