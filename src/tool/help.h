/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/help.h - what weft prints about its commands and options: of all, of a group of commands
 * such as `zone`, or of one command. Constant: any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/cli.h"

/* Writes the usage, all commands and all options. */
void tool_help_all(FILE *out, const struct cli_command *commands, size_t ncommands);

/* Writes the commands whose first word of two is `word`. Returns false, with nothing written, if
 * there are none. */
bool tool_help_group(FILE *out, const struct cli_command *commands, size_t ncommands,
		     const char *word);

/* Writes the usage of one command, what it does and the options that it takes. */
void tool_help_command(FILE *out, const struct cli_command *command);
