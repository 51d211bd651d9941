/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* control/command.h - what a command is called, what it takes, and what it is for.
 *
 * The program that answers a command and the one that sends it share the row, so usage, help and
 * completion are the same in both. Constant: any thread. */
#pragma once

#include <stdbool.h>

enum {
	CONTROL_ARGS_MANY = 1000,  /* the most arguments of a command that takes a list */
	CONTROL_LINE_MAX = 65536, /* octets of a request's line; the newline is the last of them */
};

struct control_command {
	const char *name;	     /* one or two words: `zone status` */
	const char *args;	     /* as usage shows them: `[ZONE...]`; "" if there are none */
	const char *help; /* one line: verb first, no final period; NULL: not for people */
	unsigned args_min, args_max; /* how many arguments the command takes */
};

/* Returns whether the command of that name changes nothing: its last word is one of a list. */
bool control_command_reads(const char *name);
