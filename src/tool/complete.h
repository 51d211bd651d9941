/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/complete.h - the candidates for the next word of a command line, for the shells.
 *
 * The scripts in contrib/completion only hand over the words and show the candidates. Commands come
 * from the table of main.c, and so does the kind of an argument: it is the word in the command's
 * usage, such as ZONE or KEY. Names come from the running weftd, which the options determine as in
 * any command. The unit knows no shell. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct cli_command;
struct cli_options;
struct tool_option;

/* A command line up to the cursor; everything is borrowed. */
struct tool_complete {
	const struct cli_command *commands; /* all there are */
	size_t ncommands;
	const struct cli_options *given;   /* the options before the cursor */
	const struct cli_command *command; /* the command before the cursor, or NULL */
	char **words;			   /* before the cursor, without options */
	int nwords, nused;		   /* all, and those that are the command's name */
	const struct tool_option *pending; /* the option that the word belongs to, or NULL */
	const char *word;		   /* at the cursor; may be empty */
};

/* Writes the candidates that begin with the word to standard output, one a line: the word, and
 * after a tab a description if there is one. A line `:files` or `:folders` asks the shell for names
 * of files or folders. Writes nothing if weftd does not answer soon. */
void tool_complete(const struct tool_complete *at);
