/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* remote/service.h - commands about services, the nodes that they run on and their leases, with
 * options for which ones. Each fits struct cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `service list`: service instances; a table of the most important for people. */
int remote_service_list(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args);

/* `node list [ZONE]`: nodes, and how many instances in which state each has. */
int remote_node_list(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args);

/* `lease list [ZONE | NAME...]`: leases, those of a key or a node if that is wanted. */
int remote_lease_list(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args);
