/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* remote/lease.h - the commands on leases that need more than to be sent. Each fits struct
 * cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* Takes a duration as its second argument, such as 1h. */
int remote_lease_extend(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args);
