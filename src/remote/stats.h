/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* remote/stats.h - `weft stats`, once or again and again. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* Shows the counters, or with --watch what they grow by, each interval until weftd or the reader
 * ends. Fits struct cli_command. */
int remote_stats(const struct cli_command *command, const struct cli_options *options, int nargs,
		 char **args);
