/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fleet/list.h - services as the zone has them: what is declared, assigned and registered, joined.
 * Fit struct cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `service list [ZONE]`: all instances, those of a node, a type or in a state if that is wanted. */
int fleet_list_services(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args);

/* `service show INSTANCE`: all there is of an instance. */
int fleet_list_show(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args);
