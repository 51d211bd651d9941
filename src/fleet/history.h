/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fleet/history.h - the history of a fabric, from its zone. Fits struct cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `history [ZONE]`: the events, those of an instance, a node or since a time if that is wanted;
 * with --follow also those to come. */
int fleet_history_show(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args);
