/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/change.h - commands that change what is registered, by one signed update each. They fit
 * struct cli_command. One thread. */
#pragma once

struct cli_command;
struct cli_options;

/* `unregister NAME...`: removes what is registered under the names. */
int service_unregister(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args);

/* `suspect NAME`: reports an instance as not working. */
int service_suspect(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args);

/* `drain NAME...` and `undrain NAME...` with the key of the instances: sets their state to
 * draining, or up. */
int service_drain(const struct cli_command *command, const struct cli_options *options, int nargs,
		  char **args);
int service_undrain(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args);
