/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/import.h - the configuration of another name server becomes one of weftd (import/bind.h,
 * import/knot.h). The functions fit struct cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `import bind FILE` and `import knot FILE`: write a weftd.conf to the folder of -o, or to standard
 * output, and what could not be taken over to standard error. */
int tool_import_bind(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args);
int tool_import_knot(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args);
