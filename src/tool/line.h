/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/line.h - a command line becomes a command, its arguments and its options.
 *
 * Options may be anywhere, as far as `--`. What a letter stands for is decided when the command is
 * known. One thread. */
#pragma once

#include <stdbool.h>

struct cli_command;
struct cli_options;
struct tool_option;

struct tool_line {
	struct cli_options *options; /* borrowed */
	char **words;		     /* without options; ends with NULL */
	int nwords;
	const struct cli_command *command; /* that the words begin with, or NULL */
	int nused;			   /* words that its name has */
	const struct tool_option *pending; /* of completion: the option that wants the next word */
	bool is_help, is_version;
};

/* Finds the command that words begin with, and how many words its name has; or NULL. */
typedef const struct cli_command *(*tool_command_find_fn)(int nwords, char **words, int *used);

/* Reads a command line, from argv[1] on; `is_completed`: one that is not complete, so nothing is
 * reported. Returns CLI_OK or CLI_USAGE after a message. In both cases tool_line_fini() is owed. */
int tool_line_read(struct tool_line *line, struct cli_options *options, int argc, char **argv,
		   tool_command_find_fn find, bool is_completed);

void tool_line_fini(struct tool_line *line);
