/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* remote/top.h - `weft top`: what a running weftd does now, on a screen. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* Shows rates until a key or a signal ends it, or once with --once. Fits struct cli_command. */
int remote_top(const struct cli_command *command, const struct cli_options *options, int nargs,
	       char **args);
