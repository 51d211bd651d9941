/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/key.h - the commands that print a key: `key generate` and `key issue`. They fit struct
 * cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `key generate NAME [ALGORITHM]`: prints a new random key. */
int tool_key_generate(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args);

/* `key issue NAME`: prints the key of that name of the fabric that is meant. */
int tool_key_issue(const struct cli_command *command, const struct cli_options *options, int nargs,
		   char **args);

/* Has weftd revoke a key; with --drop also ends the leases that it was granted. */
int tool_key_revoke(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args);
