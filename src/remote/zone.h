/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* remote/zone.h - the commands on zones that need more than to be sent. Each fits struct
 * cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* For people it shows the names only, one a line. */
int remote_zone_list(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args);

/* Asks before it is done, unless --yes is given: there is no way back. */
int remote_zone_purge(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args);

/* `zone reload [ZONE...]`: merges zone files, and shows what that has changed in each zone. */
int remote_zone_reload(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args);
