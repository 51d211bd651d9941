/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fleet/graph_show.h - the resource graph as a tree for people, as JSON, and for dot(1). Reads the
 * zone. Fits struct cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `graph [ZONE]`. */
int fleet_graph_show(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args);
