/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/resolve.h - the command `weft resolve`: the instances of a service in the order to
 * contact them. It fits struct cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `resolve TYPE|NAME`. */
int service_resolve(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args);
