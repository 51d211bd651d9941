/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* remote/control.h - commands that a running weftd answers. Each fits struct cli_command. Messages
 * go to standard error, and with --json also into an answer on standard output. One thread. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <jansson.h>

struct cli_command;
struct cli_options;

/* Sends the command with its arguments to weftd and shows the answer. Returns an exit status. */
int remote_control_run(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args);

/* Like remote_control_run, but shows the answer, or each item of it if it is a list, by `show`,
 * unless it is to be in JSON. */
int remote_control_show(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args, void (*show)(const json_t *item));

/* Returns whether there is a socket at the path by which weftd would be asked, without a
 * message. */
bool remote_control_has_socket(const struct cli_options *options);

/* Returns the result of the command, for the caller to release; NULL after a message. */
json_t *remote_control_ask(const struct cli_command *command, const struct cli_options *options,
			   int nargs, char **args);

/* Sends the command to weftd. Returns the descriptor by which the answer comes, for the caller to
 * close; -1 after a message. */
int remote_control_send(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args);

/* Like remote_control_run, but hands over `fd`, which stays the caller's, for weftd to write to.
 * `is_silent`: shows no answer, since what weftd writes goes to standard output. */
int remote_control_write(const struct cli_command *command, const struct cli_options *options,
			 int nargs, char **args, int fd, bool is_silent);

/* Like remote_control_write, to the file at `path`, which is there as a whole or not at all. `mode`
 * and `is_forced` are as for cli_output_begin. */
int remote_control_save(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args, const char *path, mode_t mode, bool is_forced);

/* Like remote_control_run, but hands over the output for weftd to write to: for long answers. */
int remote_control_dump(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args);
