/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* export/export.h - the command `weft export`: the instances of a service in the format of another
 * program (export/format.h), once or each time they change. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `export FORMAT TYPE`. Fits struct cli_command. */
int export_run(const struct cli_command *command, const struct cli_options *options, int nargs,
	       char **args);
