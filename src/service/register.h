/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/register.h - the commands `weft register` and `weft node register`: they keep something
 * registered as long as they, or a command that they run, go on. They fit struct cli_command. One
 * thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `register NAME TYPE PORT [key=value...] [-- COMMAND...]`. */
int service_register(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args);

/* `node register [NAME] [-- COMMAND...]`. */
int service_register_node(const struct cli_command *command, const struct cli_options *options,
			  int nargs, char **args);
