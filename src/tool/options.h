/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/options.h - the options of weft(1): one table, by which command lines are read, help is
 * written and words are completed.
 *
 * A letter may stand for several options, of which each command takes one at most: `-t` is
 * --timeout, but --terminate of browse. Constant: any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli_command;

enum tool_option_kind {
	TOOL_OPTION_FLAG,
	TOOL_OPTION_TEXT,
	TOOL_OPTION_ADDRESS, /* a text that is also added to a list */
	TOOL_OPTION_WATCH,   /* a text that may be missing */
	TOOL_OPTION_HELP,
	TOOL_OPTION_VERSION,
};

struct tool_option {
	char letter;	      /* or 0 */
	const char *name;     /* the long form, or NULL */
	const char *argument; /* as help shows it; its word decides what is completed; or NULL */
	uint64_t takes;	      /* CLI_TAKES_* of the commands that take it; 0: all do */
	enum tool_option_kind kind;
	size_t offset;	  /* of its field in struct cli_options */
	const char *help; /* a newline begins another line; NULL: not shown */
};

/* In the order in which help shows them. */
extern const struct tool_option tool_options[];
extern const size_t tool_noptions;

/* Returns the option that a letter stands for in the command, or NULL. */
const struct tool_option *tool_option_of(char letter, const struct cli_command *command);

/* Returns whether the command, or if it is NULL any, takes the option. */
bool tool_option_fits(const struct tool_option *option, const struct cli_command *command);
