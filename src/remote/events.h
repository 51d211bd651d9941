/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* remote/events.h - events and refusals of the running weftd, for people. Each function fits struct
 * cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* Shows the last events, or follows them until weftd ends or the reader of the output does. Returns
 * an exit status. */
int remote_events(const struct cli_command *command, const struct cli_options *options, int nargs,
		  char **args);

/* Shows why requests of a key or a client were refused. Returns an exit status. */
int remote_explain(const struct cli_command *command, const struct cli_options *options, int nargs,
		   char **args);
