/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/connect.h - the command `weft connect`: a connection to a service, whichever instance it
 * is. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `connect TYPE|NAME [-- COMMAND...]`: connects, and copies standard input and output, or runs the
 * command with the socket as descriptor 3. Fits struct cli_command. */
int service_connect(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args);
