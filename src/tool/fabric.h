/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/fabric.h - the commands `fabric init`, `show`, `export` and `rotate`, and which fabric is
 * meant. One thread.
 *
 * The commands fit struct cli_command. */
#pragma once

struct cli_command;
struct cli_options;
struct fabric;

/* Makes a fabric named by the only argument and writes its file. */
int tool_fabric_init(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args);

/* Shows name, public key and epoch of the fabric that is meant, without its passphrase. */
int tool_fabric_show(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args);

/* Writes the public key of the fabric that is meant, to standard output or the file of --public. */
int tool_fabric_export(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args);

/* Begins a new epoch of the fabric that is meant, and replaces its file. */
int tool_fabric_rotate(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args);

/* Opens the fabric that is meant, with its secrets: that of -f, that called `name` (NULL: no name
 * was given), the configuration's, or the only one in this folder. Returns a fabric that the caller
 * frees with fabric_free(), or NULL after a message. */
struct fabric *tool_fabric_open(const struct cli_options *options, const char *name);
