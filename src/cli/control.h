/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/control.h - commands that a running weftd answers. Each fits struct cli_command. One thread.
 */
#pragma once

struct cli_command;
struct cli_options;

/* Sends the command with its arguments to weftd and shows the answer. Returns an exit status. */
int cli_control_run(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args);

/* Like cli_control_run, but hands over the output for weftd to write to: for long answers. */
int cli_control_dump(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args);
