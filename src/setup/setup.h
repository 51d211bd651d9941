/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* setup/setup.h - weft setup-resolver: has this host's resolver ask the registries. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* Prints, installs or removes the snippet. Fits cli_command.run. */
int setup_run(const struct cli_command *command, const struct cli_options *options, int nargs,
	      char **args);
