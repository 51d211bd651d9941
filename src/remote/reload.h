/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* remote/reload.h - the command `reload`, whose answer is what has changed. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* Has weftd reload its configuration, and shows what that has changed, a line each. Fits struct
 * cli_command. */
int remote_reload(const struct cli_command *command, const struct cli_options *options, int nargs,
		  char **args);
