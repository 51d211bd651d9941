/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* remote/diff.h - what merging a zone file would change in a zone, before it is merged. One
 * thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `zone diff ZONE FILE | -`: shows the records that weftd would add to the zone and remove from it.
 * Returns 0 if there are none, 1 if there are, and 2 in case of trouble, as diff(1) does. */
int remote_diff(const struct cli_command *command, const struct cli_options *options, int nargs,
		char **args);
