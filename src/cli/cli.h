/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/cli.h - what the parts of the command line `weft` share.
 *
 * A command is a row of the table in weft.c. Most are sent to the running weftd as they are; some
 * work here, on files. One thread. */

#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

/* Exit statuses. */
enum { CLI_OK = 0, CLI_FAILURE = 1, CLI_USAGE = 2 };

struct cli_options {
	const char *config;  /* -c, or NULL */
	const char *socket;  /* -s, or NULL */
	const char *timeout; /* -t: seconds, or NULL */
	const char *output;  /* -o, or NULL: standard output */
	const char *file;    /* -f, a fabric's file, or NULL */
	const char *passphrase_file;
	const char *public_file;
	const char *algorithm;
	const char *purpose; /* --for */
	bool is_passphrase;  /* --passphrase: ask for one */
	bool is_json;
};

/* What a command takes besides -c, -s and --json. */
enum {
	CLI_TAKES_OUTPUT = 1,
	CLI_TAKES_FILE = 2,
	CLI_TAKES_PASSPHRASE_FILE = 4,
	CLI_TAKES_PASSPHRASE = 8,
	CLI_TAKES_PUBLIC = 16,
	CLI_TAKES_ALGORITHM = 32,
	CLI_TAKES_FOR = 64,
};

struct cli_command {
	const char *name;
	const char *args;
	const char *help;
	unsigned args_min, args_max;
	unsigned takes; /* CLI_TAKES_* */
	/* Returns an exit status; messages go to standard error. */
	int (*run)(const struct cli_command *command, const struct cli_options *options, int nargs,
		   char **args);
};

/* Sends the command with its arguments to weftd and shows the answer. */
int cli_control_run(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args);

/* The same, handing over the output for weftd to write to: for long answers. */
int cli_control_dump(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args);

/* `key generate NAME [ALGORITHM]`, `key issue NAME` */
int cli_key_generate(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args);
int cli_key_issue(const struct cli_command *command, const struct cli_options *options, int nargs,
		  char **args);

/* `fabric init NAME`, `fabric show`, `export` and `rotate [NAME]` */
int cli_fabric_init(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args);
int cli_fabric_show(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args);
int cli_fabric_export(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args);
int cli_fabric_rotate(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args);

/* Opens the fabric that is meant - by -f, by `name` (NULL: not given), by the configuration, or the
 * only one in this folder - with its secrets. NULL after a message. */
struct fabric;
struct fabric *cli_fabric_open(const struct cli_options *options, const char *name);

/* Reads a passphrase: from --passphrase-file, from the file that WEFT_PASSPHRASE_FILE names, or
 * from `file` (NULL: none), else from the terminal with this prompt. Returns its length, at most
 * FABRIC_PASSPHRASE_MAX; 0 if there is no terminal; or a negative errno after a message. */
int cli_passphrase_read(const struct cli_options *options, const char *file, const char *prompt,
			char *out);

/* `store check [FOLDER]`, `store export ZONE [FOLDER]` */
int cli_store_check(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args);
int cli_store_export(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args);

/* Opens what -o names for writing, with `mode`; refuses a file that is there. NULL after a message.
 */
FILE *cli_output_open(const struct cli_options *options, unsigned mode);

/* Writes a JSON value for people: objects as lines of name and value, lists of objects as tables.
 */
void cli_show(FILE *out, const json_t *value);

/* Writes the value as JSON, or for people, to standard output. An exit status. */
int cli_result(const struct cli_options *options, const json_t *value);

/* Writes `weft: ` and the message to standard error. */
__attribute__((format(printf, 1, 2))) void cli_error(const char *fmt, ...);
