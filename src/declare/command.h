/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* declare/command.h - weft apply, delete and place: what shall run, and where, written to the zone.
 *
 * They fit cli_command.run. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* Declares the services and schemas in the files that `args` are. */
int declare_command_apply(const struct cli_command *command, const struct cli_options *options,
			  int nargs, char **args);

/* Deletes the declarations of services and schemas. */
int declare_command_delete(const struct cli_command *command, const struct cli_options *options,
			   int nargs, char **args);

/* Puts an instance on a node, or with --none on none. */
int declare_command_place(const struct cli_command *command, const struct cli_options *options,
			  int nargs, char **args);
