/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/services.h - `service list` and `service show`: of the weftd of this host, by its control
 * socket, or of a fabric, by its zone. Each fits struct cli_command. One thread.
 *
 * The socket is used with -s or -c, and if it is there and neither options, environment nor
 * client.conf(5) name a registry: so on the registry's host nothing needs to be configured. */
#pragma once

struct cli_command;
struct cli_options;

int tool_services_list(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args);

int tool_services_show(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args);
