/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/browse.h - the command `weft browse`: services as they come and go. It fits struct
 * cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `browse [TYPE]`: lists the instances of a type, or with -a of all types, and follows them unless
 * -t is given; without either the types there are. */
int service_browse(const struct cli_command *command, const struct cli_options *options, int nargs,
		   char **args);
