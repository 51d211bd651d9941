/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "remote/service.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "cli/output.h"
#include "control/command.h"
#include "remote/control.h"

enum { WORDS_MAX = CONTROL_ARGS_MANY };

/* The arguments of a command, and after them one for each option: `node=n1`. */
struct words {
	char *word[WORDS_MAX];
	int count, nargs;
};

static bool word_add(struct words *w, const char *name, const char *value)
{
	if (value == NULL)
		return true;
	if (w->count == WORDS_MAX || asprintf(&w->word[w->count], "%s=%s", name, value) < 0) {
		cli_error("too many arguments");
		return false;
	}
	w->count++;
	return true;
}

static bool words_make(struct words *w, const struct cli_options *options, int nargs, char **args)
{
	w->count = w->nargs = nargs;
	for (int i = 0; i < nargs; i++)
		w->word[i] = args[i];
	return word_add(w, "zone", options->zone) && word_add(w, "node", options->node) &&
	       word_add(w, "type", options->type) && word_add(w, "key", options->key) &&
	       word_add(w, "state", options->state);
}

static void words_free(struct words *w)
{
	while (w->count > w->nargs)
		free(w->word[--w->count]);
}

/* Sends the command with the words. Returns the result, for the caller to release; NULL after a
 * message. */
static json_t *ask(const struct cli_command *command, const struct cli_options *options, int nargs,
		   char **args)
{
	struct words w;
	json_t *result = NULL;

	if (words_make(&w, options, nargs, args))
		result = remote_control_ask(command, options, w.count, w.word);
	words_free(&w);
	return result;
}

int remote_lease_list(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args)
{
	struct words w;
	int status = CLI_USAGE;

	if (words_make(&w, options, nargs, args))
		status = remote_control_run(command, options, w.count, w.word);
	words_free(&w);
	return status;
}

/* Names the zones that changed while the list was made. */
static void changed_show(const json_t *result)
{
	json_t *changed = json_object_get(result, "changed"), *zone;
	size_t i;

	json_array_foreach(changed, i, zone)
		cli_error("%s changed meanwhile: the list is not of one moment",
			  json_string_value(zone));
}

/* What people are shown of a service in a line. */
static json_t *service_row(const json_t *service)
{
	const json_t *srv = json_array_get(json_object_get(service, "srv"), 0);

	return json_pack("{s:O, s:O, s:O?, s:O?, s:O, s:O, s:O, s:O}", "instance",
			 json_object_get(service, "instance"), "state",
			 json_object_get(service, "state"), "target",
			 json_object_get(srv, "target"), "port", json_object_get(srv, "port"),
			 "left", json_object_get(service, "left"), "key",
			 json_object_get(service, "key"), "txt", json_object_get(service, "txt"),
			 "why", json_object_get(service, "why"));
}

/* Shows rows made of a list in the result; the result as it is in JSON. */
static int rows_show(const struct cli_options *options, const json_t *result, const char *list,
		     json_t *(*row)(const json_t *item))
{
	json_t *rows = json_array(), *item;
	int status;
	size_t i;

	if (options->is_json) {
		json_decref(rows);
		return cli_output_result(options, result);
	}
	json_array_foreach(json_object_get(result, list), i, item)
		json_array_append_new(rows, row(item));
	status = cli_output_result(options, rows);
	json_decref(rows);
	changed_show(result);
	return status;
}

int remote_service_list(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args)
{
	json_t *result = ask(command, options, nargs, args);
	int status = CLI_FAILURE;

	if (result != NULL)
		status = rows_show(options, result, "services", service_row);
	json_decref(result);
	return status;
}

/* What people are shown of a node in a line. */
static json_t *node_row(const json_t *node)
{
	json_t *row = json_pack("{s:O, s:s, s:O, s:O}", "node", json_object_get(node, "node"),
				"state",
				json_is_true(json_object_get(node, "drained")) ? "drained" : "up",
				"left", json_object_get(node, "left"), "instances",
				json_object_get(node, "instances"));
	const char *state;
	json_t *count;

	json_object_foreach(json_object_get(node, "states"), state, count)
		json_object_set(row, state, count);
	json_object_set(row, "addresses", json_object_get(node, "addresses"));
	return row;
}

/* Leaves out, in the counts of all nodes, states that no instance is in. */
static void states_trim(json_t *nodes)
{
	json_t *all = json_copy(json_object_get(json_array_get(nodes, 0), "states")), *node, *count;
	const char *state;
	size_t i;
	void *next;

	json_object_del(all, "live");
	json_array_foreach(nodes, i, node)
		json_object_foreach_safe(all, next, state, count)
			if (json_integer_value(json_object_get(json_object_get(node, "states"),
							       state)) != 0)
				json_object_del(all, state);
	json_array_foreach(nodes, i, node)
		json_object_foreach(all, state, count)
			json_object_del(json_object_get(node, "states"), state);
	json_decref(all);
}

int remote_node_list(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args)
{
	json_t *result = remote_control_ask(command, options, nargs, args);
	int status = CLI_FAILURE;

	if (result != NULL && !options->is_json)
		states_trim(json_object_get(result, "nodes"));
	if (result != NULL)
		status = rows_show(options, result, "nodes", node_row);
	json_decref(result);
	return status;
}
