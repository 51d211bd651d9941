/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* remote/status.h - `weft status`, which is for people and for monitoring. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* Shows the state of weftd. Fits struct cli_command; also fails if weftd is not well. */
int remote_status(const struct cli_command *command, const struct cli_options *options, int nargs,
		  char **args);
