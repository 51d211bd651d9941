/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "remote/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "cli/output.h"
#include "remote/control.h"

enum { ARGS_MAX = 8 };

static const char *text_of(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text == NULL ? "-" : text;
}

static void event_show(const json_t *event)
{
	const json_t *lost = json_object_get(event, "lost");

	if (lost != NULL)
		printf("(%lld events lost)\n", (long long)json_integer_value(lost));
	else
		printf("%s %s %s\n", text_of(event, "time"), text_of(event, "level"),
		       text_of(event, "line"));
}

/* Shows a line of the stream. Returns 0, or -1 if it cannot. */
static int line_show(const struct cli_options *options, const char *line)
{
	json_t *event;

	if (options->is_json) {
		fputs(line, stdout);
		return fflush(stdout);
	}
	event = json_loads(line, 0, NULL);
	if (event == NULL)
		return -1;
	event_show(event);
	json_decref(event);
	return fflush(stdout);
}

/* Shows lines until there are no more. The first one is the answer. */
static int follow(const struct cli_options *options, int fd)
{
	FILE *in = fdopen(fd, "r");
	int status = CLI_FAILURE;
	char *line = NULL;
	json_t *answer;
	size_t size = 0;

	if (in == NULL || getline(&line, &size, in) < 0) {
		cli_error("weftd hung up without an answer");
		goto out;
	}
	answer = json_loads(line, 0, NULL);
	if (!json_is_true(json_object_get(answer, "ok"))) {
		cli_error("%s", text_of(answer, "error"));
		if (options->is_json)
			fputs(line, stdout);
		json_decref(answer);
		goto out;
	}
	json_decref(answer);
	status = CLI_OK;
	while (getline(&line, &size, in) >= 0)
		if (line_show(options, line) != 0)
			goto out;
	cli_error("weftd hung up");
	status = CLI_FAILURE;
out:
	free(line);
	if (in != NULL)
		fclose(in);
	else
		close(fd);
	return status;
}

int remote_events(const struct cli_command *command, const struct cli_options *options, int nargs,
		  char **args)
{
	char zone[1100], key[1100], *words[ARGS_MAX];
	int n = 0, fd;

	if (nargs > ARGS_MAX - 4) {
		cli_error("events takes --follow, --refused, --zone and --key");
		return CLI_USAGE;
	}

	while (n < nargs) {
		words[n] = args[n];
		n++;
	}
	if (options->is_follow)
		words[n++] = (char *)"follow";
	if (options->is_refused)
		words[n++] = (char *)"refused";
	if (options->zone != NULL) {
		snprintf(zone, sizeof(zone), "zone=%s", options->zone);
		words[n++] = zone;
	}
	if (options->key != NULL) {
		snprintf(key, sizeof(key), "key=%s", options->key);
		words[n++] = key;
	}
	if (!options->is_follow)
		return remote_control_show(command, options, n, words, event_show);
	fd = remote_control_send(command, options, n, words);
	return fd < 0 ? CLI_FAILURE : follow(options, fd);
}

static void refusal_show(const json_t *r)
{
	long long count = (long long)json_integer_value(json_object_get(r, "count"));

	printf("%s  %s of %s by %s, zone %s: %s", text_of(r, "last"), text_of(r, "request"),
	       text_of(r, "client"),
	       json_is_string(json_object_get(r, "key")) ? text_of(r, "key") : "no key",
	       text_of(r, "zone"), text_of(r, "reason"));
	if (count > 1)
		printf(", %lld times since %s", count, text_of(r, "first"));
	printf("\n  why   %s\n  mend  %s\n", text_of(r, "why"), text_of(r, "mend"));
}

int remote_explain(const struct cli_command *command, const struct cli_options *options, int nargs,
		   char **args)
{
	json_t *found = remote_control_ask(command, options, nargs, args);
	int status = CLI_FAILURE;

	if (found != NULL && options->is_json) {
		status = cli_output_result(options, found);
	} else if (found != NULL) {
		for (size_t i = 0; i < json_array_size(found); i++)
			refusal_show(json_array_get(found, i));
		status = fflush(stdout) == 0 ? CLI_OK : CLI_FAILURE;
		if (json_array_size(found) == 0)
			cli_error("no request of %s was refused since weftd was started", args[0]);
	}
	json_decref(found);
	return status;
}
