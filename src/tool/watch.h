/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/watch.h - weft watch: the instances of a service type, or one, as they come, change and go.
 * One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* Follows args[0], a service type or the name of an instance. Returns an exit status. */
int tool_watch(const struct cli_command *command, const struct cli_options *options, int nargs,
	       char **args);
