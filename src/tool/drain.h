/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/drain.h - the commands `drain` and `undrain`: of a weftd on this host by its control socket,
 * else by an update that the instance's own key signs. They fit struct cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

int tool_drain(const struct cli_command *command, const struct cli_options *options, int nargs,
	       char **args);
int tool_undrain(const struct cli_command *command, const struct cli_options *options, int nargs,
		 char **args);
