/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fleet/check.h - whether the zone has what the agent of this host runs, and nothing else of this
 * node. Fits struct cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `agent check`: shows differences, one a line. Fails if there are any that remain: zone and agent
 * are asked again a few times, since they change while they are read. */
int fleet_check_run(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args);
