/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/store.h - commands that read the store of a stopped weftd (offline/check.h,
 * offline/export.h): `store check` and `store export`. They fit struct cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* Returns the folder of the store, to be freed: `named`, or that of the configuration of -c, or of
 * the usual one, if `named` is NULL. NULL after a message. */
char *tool_store_folder(const struct cli_options *options, const char *named);

/* `store check [FOLDER]`: examines the store and prints a report. */
int tool_store_check(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args);

/* `store export ZONE [FOLDER]`: writes the zone as the store has it. */
int tool_store_export(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args);
