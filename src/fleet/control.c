/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fleet/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "cli/fail.h"
#include "cli/form.h"
#include "cli/output.h"
#include "cli/socket.h"
#include "cli/text.h"
#include "control/command.h"
#include "fleet/agent.h"

/* Replaces a number of seconds since 1970 by the text that people and cli_show read as a time. */
static void time_replace(json_t *o, const char *field)
{
	const json_t *value = json_object_get(o, field);
	char text[CLI_FORM_TEXT_MAX];

	if (json_is_number(value))
		json_object_set_new(o, field,
				    json_string(cli_form_time_to_text(
					    text, (uint64_t)json_number_value(value))));
}

int fleet_control_run(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args)
{
	int status;
	json_t *result = fleet_agent_ask(command->is->name, options, nargs, args, &status);

	if (result == NULL)
		return status;
	if (!options->is_json)
		time_replace(result, "started");
	status = cli_output_result(options, result);
	json_decref(result);
	return status;
}

/* ---- service status ---- */

/* What people are shown of an instance in a line. */
static json_t *line_of(const json_t *o)
{
	static const char *const fields[] = {"instance", "state",    "pid",    "inc",	"port",
					     "started",	 "restarts", "health", "reason"};
	json_t *line = json_object();

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		json_t *value = json_object_get(o, fields[i]);
		const char *text = json_string_value(value);

		json_object_set(line, fields[i],
				value == NULL || (text != NULL && *text == '\0') ||
						(strcmp(fields[i], "pid") == 0 &&
						 json_integer_value(value) == 0)
					? json_null()
					: value);
	}
	return line;
}

/* Makes of `uses`, for people, texts. */
static void uses_replace(json_t *o)
{
	json_t *uses = json_object_get(o, "uses"), *use, *texts = json_array();
	size_t i;

	json_array_foreach(uses, i, use)
	{
		const char *name = json_string_value(json_object_get(use, "name"));
		const char *address = json_string_value(json_object_get(use, "address"));

		json_array_append_new(texts, json_sprintf("%s at %s", name != NULL ? name : "?",
							  address != NULL ? address : "nowhere"));
	}
	json_object_set_new(o, "uses", texts);
}

/* Shows instances: in lines, or each with all that there is. */
static int instances_show(const struct cli_options *options, json_t *result, bool is_each)
{
	json_t *instances = json_object_get(result, "instances"), *o, *lines;
	int status = CLI_OK;
	size_t i;

	if (options->is_json)
		return cli_output_result(options, result);
	lines = json_array();
	json_array_foreach(instances, i, o)
	{
		time_replace(o, "started");
		uses_replace(o);
		json_array_append_new(lines, line_of(o));
		if (is_each && i > 0)
			putchar('\n');
		if (is_each && status == CLI_OK)
			status = cli_output_result(options, o);
	}
	if (!is_each)
		status = cli_output_result(options, lines);
	json_decref(lines);
	return status;
}

int fleet_control_status(const struct cli_command *command, const struct cli_options *options,
			 int nargs, char **args)
{
	int status;
	json_t *result = fleet_agent_ask(command->is->name, options, nargs, args, &status);

	if (result == NULL)
		return status;
	status = instances_show(options, result, nargs > 0);
	json_decref(result);
	return status;
}

/* ---- service start, stop, restart, check ---- */

/* Returns whether a field of the instance has one of two texts. */
static bool is_either(const json_t *o, const char *field, const char *a, const char *b)
{
	const char *value = json_string_value(json_object_get(o, field));

	return value != NULL && (strcmp(value, a) == 0 || strcmp(value, b) == 0);
}

/* Returns whether the instance is as the command wants it. */
static bool is_achieved(const char *command, const json_t *o)
{
	if (strcmp(command, "service stop") == 0)
		return is_either(o, "state", "stopped", "assigned");
	if (strcmp(command, "service check") == 0)
		return is_either(o, "health", "passed", "degraded");
	return is_either(o, "state", "up", "up");
}

/* Reports an instance that is not as the command wants it. */
static void unachieved_report(const char *command, const json_t *o)
{
	const char *label = json_string_value(json_object_get(o, "instance"));
	const char *state = json_string_value(json_object_get(o, "state"));
	const char *reason = json_string_value(json_object_get(o, "reason"));
	bool has_reason = reason != NULL && *reason != '\0';

	cli_error("%s: %s is %s%s%s", command, label != NULL ? label : "?",
		  state != NULL ? state : "unknown", has_reason ? ": " : "",
		  has_reason ? reason : "");
}

int fleet_control_act(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args)
{
	const char *name = command->is->name;
	json_t *result, *o;
	int status, shown;
	size_t i;

	result = fleet_agent_ask(name, options, nargs, args, &status);
	if (result == NULL)
		return status;
	shown = instances_show(options, result, false);
	json_array_foreach(json_object_get(result, "instances"), i, o)
	{
		if (is_achieved(name, o))
			continue;
		unachieved_report(name, o);
		status = CLI_FAILURE;
	}
	json_decref(result);
	return status != CLI_OK ? status : shown;
}

/* ---- service log ---- */

/* Shows what a service has written. It must not control the terminal of an operator; a pipe or a
 * file gets it as it is. */
static bool output_show(const char *text, size_t nbytes)
{
	size_t n;

	if (!isatty(STDOUT_FILENO))
		return fwrite(text, 1, nbytes, stdout) == nbytes;
	for (; nbytes > 0; text += n, nbytes -= n) {
		n = cli_text_character((const uint8_t *)text, nbytes);
		if (n == 0 && *text != '\n' && *text != '\t') {
			printf("\\%03u", (unsigned char)*text);
			n = 1;
			continue;
		}
		n = n > 0 ? n : 1;
		fwrite(text, 1, n, stdout);
	}
	return ferror(stdout) == 0;
}

static int lines_show(const struct cli_options *options, const json_t *result)
{
	const json_t *line;
	size_t i;

	if (options->is_json)
		return cli_output_result(options, result);
	json_array_foreach(json_object_get(result, "lines"), i, line)
	{
		output_show(json_string_value(line), json_string_length(line));
		putchar('\n');
	}
	return fflush(stdout) == 0 ? CLI_OK : CLI_FAILURE;
}

/* Shows lines until the agent or the reader ends. The first one is the answer. */
static int follow(const struct cli_options *options, FILE *in)
{
	int status = CLI_FAILURE;
	char *line = NULL;
	const char *error;
	json_t *answer;
	size_t size = 0;
	ssize_t n;

	if (getline(&line, &size, in) < 0) {
		free(line);
		return cli_fail(options, CLI_FAILURE, "weft-agentd hung up without an answer");
	}
	answer = json_loads(line, 0, NULL);
	error = json_string_value(json_object_get(answer, "error"));
	if (json_is_true(json_object_get(answer, "ok")))
		status = CLI_OK;
	else
		cli_fail(options, CLI_FAILURE, "%s",
			 error != NULL ? error : "weft-agentd gave no reason");
	json_decref(answer);
	while (status == CLI_OK && (n = getline(&line, &size, in)) >= 0)
		if (!output_show(line, (size_t)n) || fflush(stdout) != 0)
			status = CLI_FAILURE;
	free(line);
	return status;
}

static int log_follow(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args)
{
	int status, fd = cli_socket_send(&cli_socket_agentd, options, command->is->name, nargs,
					 args, -1, &status);
	FILE *in;

	if (fd < 0)
		return status;
	in = fdopen(fd, "r");
	if (in == NULL) {
		close(fd);
		return cli_fail(options, CLI_FAILURE, "%s", strerror(errno));
	}
	status = follow(options, in);
	fclose(in);
	return status;
}

int fleet_control_log(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args)
{
	char *words[3] = {args[0]}, follow[] = "follow";
	json_t *result;
	int nwords = nargs, status;

	if (nargs > 1)
		words[1] = args[1];
	if (options->is_follow) {
		words[nwords++] = follow;
		return log_follow(command, options, nwords, words);
	}
	result = fleet_agent_ask(command->is->name, options, nwords, words, &status);
	if (result == NULL)
		return status;
	status = lines_show(options, result);
	json_decref(result);
	return status;
}

/* ---- agent stop ---- */

int fleet_control_stop(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args)
{
	char answer[16];

	if (!options->is_yes && isatty(STDIN_FILENO)) {
		fprintf(stderr, "This stops all services of this node. To leave them running: weft "
				"agent leave. Stop? [y/N] ");
		if (fgets(answer, sizeof(answer), stdin) == NULL ||
		    (answer[0] != 'y' && answer[0] != 'Y'))
			return cli_fail(options, CLI_FAILURE, "nothing was stopped");
	}
	return fleet_control_run(command, options, nargs, args);
}
