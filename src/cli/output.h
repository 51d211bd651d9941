/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/output.h - where results go: standard output, or the new file of -o. One thread. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

struct cli_options;

/* Opens the file of -o for writing, with `mode`; standard output without -o. A file that exists is
 * not overwritten; with --force it is, by cli_output_close. The caller closes the file unless it
 * is standard output. Returns NULL after a message if that fails. */
FILE *cli_output_open(const struct cli_options *options, unsigned mode);

/* Closes what cli_output_open returned. With --force the file of -o is replaced now, in one step;
 * if `is_whole` is false, it stays as it was. Returns 0, or -1 after a message. */
int cli_output_close(const struct cli_options *options, FILE *file, bool is_whole);

/* A file that is there completely or not at all: it is written beside its place, and renamed. */
struct cli_output_file {
	const char *path; /* borrowed */
	char *temporary;
	int fd;
	bool is_forced; /* replaces a file that is there */
};

/* Begins the file at `path` (borrowed until the end) with `mode`, less the umask. A file that exists
 * is replaced only if `is_forced`. Returns 0, after which cli_output_commit or _abort is owed, or -1
 * after a message. */
int cli_output_begin(struct cli_output_file *f, const char *path, unsigned mode, bool is_forced);

/* Makes the file durable and puts it in its place. Returns 0, or -1 after a message with nothing
 * left behind. */
int cli_output_commit(struct cli_output_file *f);

/* Removes what was written. */
void cli_output_abort(struct cli_output_file *f);

/* Writes the value to standard output, as JSON with --json, else for people. The value stays the
 * caller's. Returns an exit status. */
int cli_output_result(const struct cli_options *options, const json_t *value);
