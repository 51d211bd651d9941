/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/output.h - where results go: standard output, or the new file of -o. One thread. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

struct cli_options;

/* A file that is there completely or not at all: it is written beside its place, and renamed. */
struct cli_output_file {
	const char *path; /* borrowed */
	char *temporary;
	int fd;
	FILE *stream; /* of cli_output_open */
	bool is_forced; /* replaces a file that is there */
};

/* Begins the file at `path` (borrowed until the end) with `mode`, less the umask. A file that
 * exists is replaced only if `is_forced`, and never if it is not a regular file. Returns 0, after
 * which cli_output_commit or _abort is owed, or -1 after a message. */
int cli_output_begin(struct cli_output_file *f, const char *path, unsigned mode, bool is_forced);

/* Makes the file durable and puts it in its place. Returns 0, or -1 after a message with nothing
 * left behind. */
int cli_output_commit(struct cli_output_file *f);

/* Removes what was written. */
void cli_output_abort(struct cli_output_file *f);

/* Begins the file as cli_output_begin does and returns a stream that writes to it, after which
 * cli_output_close is owed; standard output if `path` is NULL or `-`; or NULL after a message. */
FILE *cli_output_open(struct cli_output_file *f, const char *path, unsigned mode, bool is_forced);

/* Ends what cli_output_open has begun: commits the file if `is_whole`, else removes what was
 * written. Returns 0, or -1 after a message if what is whole could not be written. */
int cli_output_close(struct cli_output_file *f, bool is_whole);

/* Writes the value to standard output, as JSON with --json, else for people. Null, the
 * result of a command that has none, is `{"ok": true}` in JSON. The value stays the caller's.
 * Returns an exit status. */
int cli_output_result(const struct cli_options *options, const json_t *value);

/* With --json, writes to standard output that the command has failed, with the messages that were
 * kept (cli_error_keep), unless there are none. */
void cli_output_failure(const struct cli_options *options);
