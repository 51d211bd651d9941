/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fleet/control.h - what weft-agentd does at once: its own state, and the instances of its node.
 * Each function fits struct cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* Sends the command with its arguments and shows the answer. */
int fleet_control_run(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args);

/* `service status [INSTANCE...]`: a table of all instances, or all there is of some. */
int fleet_control_status(const struct cli_command *command, const struct cli_options *options,
			 int nargs, char **args);

/* `service start|stop|restart|check INSTANCE...`: fails if an instance is not up, stopped or well
 * then. */
int fleet_control_act(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args);

/* `service log INSTANCE [LINES]`: the end of an instance's output, and what follows if that is
 * wanted. */
int fleet_control_log(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args);

/* `agent stop`: asks before it is done, unless --yes is given. */
int fleet_control_stop(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args);
