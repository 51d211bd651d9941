/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/backup.h - a backup of a running weftd, and a store from it (offline/restore.h). The
 * functions fit struct cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `backup FILE|-`: has weftd write a backup to the file, which is replaced in one step, or to
 * standard output. */
int tool_backup(const struct cli_command *command, const struct cli_options *options, int nargs,
		char **args);

/* `restore FILE|-`: makes a backup the store of a weftd that does not run. */
int tool_restore(const struct cli_command *command, const struct cli_options *options, int nargs,
		 char **args);
