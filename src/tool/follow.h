/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/follow.h - what `weft watch` and `weft subscribe` have in common: the client made of the
 * options, the loop, the lines.
 *
 * Changes go to standard output, a line each; the state of the connection goes to standard error,
 * with --json to standard output, too. Lines that a reader does not take are waited for, and
 * nothing is received meanwhile: what changes then is seen afterwards. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "dns/name.h"
#include "tool/server.h"

struct cli_options;

enum tool_follow_event { TOOL_FOLLOW_ADD, TOOL_FOLLOW_REMOVE, TOOL_FOLLOW_CHANGE };

/* The caller reads `server`, `options` and `has_color` at most. */
struct tool_follow {
	const struct cli_options *options;
	struct tool_server server;
	bool has_color;		      /* lines go to a terminal that shows colours */
	uint8_t domain[DNS_NAME_MAX]; /* that names without a final dot are completed with */
	char *lines;		      /* that are to be written */
	size_t nlines, lines_size;
	uint64_t nchanges, nchanges_max; /* shown, and of --count; 0: any number */
	bool has_shown_state, is_closed, is_over;
	int status;
	char last_state[DNS_NAME_TEXT_MAX + 256]; /* why there is no answer; "": there is one */
};

/* Makes the client. Returns CLI_OK, after which tool_follow_end is owed, or another exit status
 * after a message. */
int tool_follow_begin(struct tool_follow *f, const struct cli_options *options);

/* Ends the sessions, and frees all. */
void tool_follow_end(struct tool_follow *f);

/* Reads a name; one without a final dot is completed with the domain of --domain, client.conf(5) or
 * resolv.conf(5), unless it has it already. Returns CLI_OK or CLI_USAGE after a message. */
int tool_follow_name(struct tool_follow *f, uint8_t out[static DNS_NAME_MAX], const char *text);

/* Shows a change: a sign and `text`, without a newline, or with --json the object, whose reference
 * is taken, with time and event. Lines after the last of --count are dropped. */
void tool_follow_show(struct tool_follow *f, enum tool_follow_event event, bool has_time,
		      const char *text, json_t *object);

/* Receives and shows until the end that the options, a signal or a reader demand. `is_current` is
 * whether all there is was shown. Returns an exit status. */
int tool_follow_run(struct tool_follow *f, bool (*is_current)(void *arg), void *arg);
