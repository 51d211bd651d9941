/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/help.h"

#include <string.h>

#include "control/command.h"
#include "tool/options.h"

enum { OPTION_WIDTH = 20, COMMAND_WIDTH = 30 };

static void command_write(FILE *out, const struct control_command *command)
{
	char both[128];
	int nchars = snprintf(both, sizeof(both), "%s %s", command->name, command->args);

	fprintf(out, "  %-*s", COMMAND_WIDTH, both);
	if (nchars > COMMAND_WIDTH)
		fprintf(out, "\n%*s", COMMAND_WIDTH + 2, "");
	fprintf(out, " %s\n", command->help);
}

/* Writes an option; `command` is the only one that is shown, or NULL: its letter may stand for
 * another option there. */
static void option_write(FILE *out, const struct tool_option *o, const struct cli_command *command)
{
	const char *line = o->help;
	char letter[] = "   ", option[64];
	int nchars;

	if (line == NULL)
		return;
	if (o->letter != 0 && (command == NULL || tool_option_of(o->letter, command) == o))
		snprintf(letter, sizeof(letter), "-%c,", o->letter);
	nchars = snprintf(option, sizeof(option), "%s --%s%s%s", letter, o->name,
			  o->argument == NULL		 ? ""
			  : o->kind == TOOL_OPTION_WATCH ? "[="
							 : " ",
			  o->argument != NULL ? o->argument + (o->argument[0] == '[') : "");
	fprintf(out, "  %-*s", OPTION_WIDTH, option);
	if (nchars > OPTION_WIDTH)
		fprintf(out, "\n%*s", OPTION_WIDTH + 2, "");
	while (line != NULL) {
		const char *end = strchr(line, '\n');

		fprintf(out, " %.*s\n", end != NULL ? (int)(end - line) : (int)strlen(line), line);
		line = end != NULL ? end + 1 : NULL;
		if (line != NULL)
			fprintf(out, "%*s", OPTION_WIDTH + 2, "");
	}
}

/* Whether any command takes the option. */
static bool is_taken(const struct tool_option *o, const struct cli_command *commands,
		     size_t ncommands)
{
	for (size_t i = 0; i < ncommands; i++)
		if (tool_option_fits(o, &commands[i]))
			return true;
	return false;
}

void tool_help_all(FILE *out, const struct cli_command *commands, size_t ncommands)
{
	fputs("Usage: weft [OPTION...] COMMAND [ARGUMENT...]\n\n", out);
	for (size_t i = 0; i < ncommands; i++)
		command_write(out, commands[i].is);
	fputc('\n', out);
	for (size_t i = 0; i < tool_noptions; i++)
		if (is_taken(&tool_options[i], commands, ncommands))
			option_write(out, &tool_options[i], NULL);
}

bool tool_help_group(FILE *out, const struct cli_command *commands, size_t ncommands,
		     const char *word)
{
	size_t nword = strlen(word);
	bool is_begun = false;

	for (size_t i = 0; i < ncommands; i++) {
		const char *name = commands[i].is->name;

		if (strncmp(name, word, nword) != 0 || name[nword] != ' ')
			continue;
		if (!is_begun)
			fprintf(out, "Usage: weft [OPTION...] %s COMMAND [ARGUMENT...]\n\n", word);
		is_begun = true;
		command_write(out, commands[i].is);
	}
	return is_begun;
}

void tool_help_command(FILE *out, const struct cli_command *command)
{
	const struct control_command *is = command->is;

	fprintf(out, "Usage: weft [OPTION...] %s%s%s\n\n  %s\n", is->name,
		is->args[0] != '\0' ? " " : "", is->args, is->help);
	fputc('\n', out);
	for (size_t i = 0; i < tool_noptions; i++)
		if (tool_option_fits(&tool_options[i], command))
			option_write(out, &tool_options[i], command);
}
