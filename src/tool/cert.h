/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/cert.h - the command `fabric cert`: certificates that a fabric signs. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* Issues a certificate for the names and addresses among the arguments, and writes it with its key
 * to standard output or the file of -o; with --ca writes the fabric's own. Fits struct
 * cli_command. */
int tool_cert(const struct cli_command *command, const struct cli_options *options, int nargs,
	      char **args);
