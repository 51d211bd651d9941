/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/line.h"

#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "control/command.h"
#include "tool/options.h"

enum {
	LONG = 256,	   /* an option given by its long form: this and its row */
	OPTIONS_MAX = 128, /* rows of the table, at most */
};

/* An option as it was given. */
struct given {
	int c; /* its letter, or LONG and more */
	const char *value;
};

struct reading {
	struct tool_line *line;
	tool_command_find_fn find;
	struct option long_options[OPTIONS_MAX];
	char letters[2 + 3 * OPTIONS_MAX];
	struct given *given;
	size_t ngiven;
};

/* ---- the table as getopt_long wants it ---- */

static int has_argument(const struct tool_option *o)
{
	return o->argument == NULL	      ? no_argument
	       : o->kind == TOOL_OPTION_WATCH ? optional_argument
					      : required_argument;
}

/* Returns the option that a letter stands for: the command's own one, else that of all commands,
 * else any. `has_value` is whether it was given one; -1: not known yet. */
static const struct tool_option *letter_find(int letter, int has_value,
					     const struct cli_command *command)
{
	const struct tool_option *found = NULL;

	for (size_t i = 0; i < tool_noptions; i++) {
		const struct tool_option *o = &tool_options[i];

		if (o->letter != letter || (has_value >= 0 && has_value != (o->argument != NULL)))
			continue;
		if (command != NULL && (o->takes & command->takes))
			return o;
		if (found == NULL || (command != NULL && found->takes != 0 && o->takes == 0))
			found = o;
	}
	return found;
}

/* Returns the option that getopt_long has returned `c` for. */
static const struct tool_option *option_find(const struct given *given,
					     const struct cli_command *command)
{
	if (given->c >= LONG)
		return &tool_options[given->c - LONG];
	return letter_find(given->c, given->value != NULL, command);
}

static void long_options_make(struct reading *r)
{
	size_t n = 0;

	for (size_t i = 0; i < tool_noptions && n + 1 < OPTIONS_MAX; i++)
		if (tool_options[i].name != NULL)
			r->long_options[n++] = (struct option){tool_options[i].name,
							       has_argument(&tool_options[i]), NULL,
							       LONG + (int)i};
}

/* Without a command a letter that may have a value has one. */
static void letters_make(struct reading *r, const struct cli_command *command)
{
	char *to = r->letters;

	*to++ = '+';
	*to++ = ':';
	for (size_t i = 0; i < tool_noptions; i++) {
		int letter = tool_options[i].letter;
		const struct tool_option *o;

		if (letter == 0 || memchr(r->letters, letter, (size_t)(to - r->letters)) != NULL)
			continue;
		o = letter_find(letter, -1, command);
		if (command == NULL && letter_find(letter, 1, NULL) != NULL)
			o = letter_find(letter, 1, NULL);
		*to++ = (char)letter;
		if (o->argument != NULL)
			*to++ = ':';
	}
	*to = '\0';
}

/* ---- one option ---- */

static void address_take(struct cli_options *options, const char *value)
{
	if (options->naddresses < CLI_ADDRESSES_MAX)
		options->addresses[options->naddresses++] = value;
}

static void option_take(struct tool_line *line, const struct tool_option *o, const char *value)
{
	void *field = (char *)line->options + o->offset;

	if (o->kind == TOOL_OPTION_HELP)
		line->is_help = true;
	else if (o->kind == TOOL_OPTION_VERSION)
		line->is_version = true;
	else if (o->kind == TOOL_OPTION_FLAG)
		*(bool *)field = true;
	else
		*(const char **)field = value != NULL ? value : "1"; /* of --watch: every second */
	if (o->kind == TOOL_OPTION_ADDRESS)
		address_take(line->options, value);
}

/* Gives all options to the command. Returns false, after a message, if it does not take one. */
static bool options_take(struct reading *r, bool is_completed)
{
	struct tool_line *line = r->line;
	const struct cli_command *command = line->command;

	for (size_t i = 0; i < r->ngiven; i++) {
		const struct tool_option *o = option_find(&r->given[i], command);

		if (o == NULL || (command != NULL && !tool_option_fits(o, command))) {
			if (is_completed)
				continue;
			if (r->given[i].c >= LONG)
				cli_error("%s does not take --%s", command->is->name, o->name);
			else
				cli_error("%s does not take -%c", command->is->name, r->given[i].c);
			return false;
		}
		option_take(line, o, r->given[i].value);
	}
	return true;
}

/* Reports what getopt has stopped at, which it returned `c` for. Returns an exit status. */
static int option_unknown(char **argv, int c)
{
	/* Of several letters after one dash getopt stops within the word. */
	const char *before = argv[optind - 1];
	bool is_before = before[0] == '-' && (before[1] == '-' || strchr(before, optopt) != NULL);
	const char *word = is_before ? before : argv[optind];

	if (c == ':')
		cli_error("%s needs a value; see weft help", word);
	else if (isdigit(optopt))
		cli_error("%s is negative, which no value may be", word);
	else
		cli_error("unknown option %s; see weft help", word);
	return CLI_USAGE;
}

/* ---- all of it ---- */

/* Takes the next word as the value of --watch if it is a number: getopt takes only what follows an
 * equals sign, since the value may be missing. */
static const char *value_take(int c, char **argv)
{
	if (c >= LONG && tool_options[c - LONG].kind == TOOL_OPTION_WATCH && optarg == NULL &&
	    argv[optind] != NULL && isdigit((unsigned char)argv[optind][0]))
		return argv[optind++];
	return optarg;
}

static void word_take(struct reading *r, char *word)
{
	struct tool_line *line = r->line;

	line->words[line->nwords++] = word;
	if (line->command == NULL) {
		line->command = r->find(line->nwords, line->words, &line->nused);
		letters_make(r, line->command);
	}
}

/* Takes what follows `--`: the program to run, or arguments. */
static void rest_take(struct reading *r, int argc, char **argv)
{
	if (r->line->command != NULL && (r->line->command->takes & CLI_TAKES_PROGRAM)) {
		r->line->options->program = argv + optind;
		return;
	}
	while (optind < argc)
		word_take(r, argv[optind++]);
}

static int words_read(struct reading *r, int argc, char **argv, bool is_completed)
{
	opterr = 0;
	while (optind < argc) {
		int before = optind;
		int c = getopt_long(argc, argv, r->letters, r->long_options, NULL);

		if (c == -1 && optind > before) { /* over `--` */
			rest_take(r, argc, argv);
			break;
		}
		if (c == -1) {
			word_take(r, argv[optind++]);
			continue;
		}
		if (c == ':' && is_completed) {
			struct given missing = {optopt, ""};

			r->line->pending = option_find(&missing, r->line->command);
			continue;
		}
		if (c == '?' || c == ':') {
			if (is_completed)
				continue;
			return option_unknown(argv, c);
		}
		r->given[r->ngiven++] = (struct given){c, value_take(c, argv)};
	}
	return CLI_OK;
}

int tool_line_read(struct tool_line *line, struct cli_options *options, int argc, char **argv,
		   tool_command_find_fn find, bool is_completed)
{
	struct reading r = {.line = line, .find = find};
	size_t nletters = 1;
	int status;

	*line = (struct tool_line){.options = options};
	line->words = calloc((size_t)argc + 1, sizeof(*line->words));
	for (int i = 1; i < argc; i++) /* a word has as many options as letters, at most */
		nletters += strlen(argv[i]) + 1;
	r.given = calloc(nletters, sizeof(*r.given));
	if (line->words == NULL || r.given == NULL) {
		cli_error("out of memory");
		free(r.given);
		return CLI_FAILURE;
	}
	long_options_make(&r);
	letters_make(&r, NULL);
	status = words_read(&r, argc, argv, is_completed);
	if (status == CLI_OK && !options_take(&r, is_completed))
		status = CLI_USAGE;
	free(r.given);
	return status;
}

void tool_line_fini(struct tool_line *line)
{
	free(line->words);
}
