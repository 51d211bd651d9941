/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* remote/drain.h - draining instances, and waiting until all clients know. Fits struct cli_command.
 * One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `drain INSTANCE...`, with --wait also waits until every subscriber has got the change, and until
 * those who ask have no old answer any more. Returns an exit status: CLI_FAILURE if --timeout is
 * over before that. */
int remote_drain(const struct cli_command *command, const struct cli_options *options, int nargs,
		 char **args);
