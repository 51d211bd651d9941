/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/change.h"

#include <stdio.h>

#include <jansson.h>

#include <weft/weft.h>

#include "cli/cli.h"
#include "service/context.h"
#include "service/show.h"
#include "service/waiting.h"

enum { TIMEOUT_MS = 5000 };

/* Changes what is registered under a name. Returns WEFT_OK or an error. */
typedef int (*change_fn)(const struct service *s, const char *name, int timeout_ms);

/* Makes one change for each name. Returns an exit status: that of the first failure. */
static int names_change(const struct cli_options *options, int nargs, char **args, const char *done,
			change_fn change)
{
	json_t *list = json_array();
	struct service s;
	int first = service_open(&s, options);

	if (first != CLI_OK) {
		json_decref(list);
		return first;
	}
	for (int i = 0; i < nargs; i++) {
		int error, status;

		service_waiting_begin(&s);
		error = change(&s, args[i], service_timeout_ms(&s, TIMEOUT_MS));
		service_waiting_end();
		status = error == WEFT_OK ? CLI_OK : service_fail(&s, error, args[i]);
		if (status != CLI_OK && first == CLI_OK)
			first = status;
		if (status != CLI_OK)
			continue;
		json_array_append_new(list, service_show_text(args[i]));
		if (!options->is_json && !options->is_quiet)
			printf("%s: %s\n", args[i], done);
	}
	service_report_registries(&s);
	if (options->is_json && first == CLI_OK) {
		json_t *object = json_pack("{s:b, s:s, s:O}", "ok", 1, "done", done, "names", list);

		json_dumpf(object, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(object);
	}
	json_decref(list);
	if (first == CLI_OK)
		first = service_flush(NULL);
	service_close(&s);
	return first;
}

static int name_remove(const struct service *s, const char *name, int timeout_ms)
{
	return weft_unregister_name(s->w, name, timeout_ms);
}

int service_unregister(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args)
{
	(void)command;
	return names_change(options, nargs, args, "unregistered", name_remove);
}

static int name_suspect(const struct service *s, const char *name, int timeout_ms)
{
	return weft_suspect_name(s->w, name, s->options->why, timeout_ms);
}

int service_suspect(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args)
{
	(void)command;
	return names_change(options, nargs, args, "suspect", name_suspect);
}

static int name_drain(const struct service *s, const char *name, int timeout_ms)
{
	return weft_set_state_of(s->w, name, WEFT_STATE_DRAINING, timeout_ms);
}

static int name_undrain(const struct service *s, const char *name, int timeout_ms)
{
	return weft_set_state_of(s->w, name, WEFT_STATE_UP, timeout_ms);
}

int service_drain(const struct cli_command *command, const struct cli_options *options, int nargs,
		  char **args)
{
	(void)command;
	return names_change(options, nargs, args, "draining", name_drain);
}

int service_undrain(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args)
{
	(void)command;
	return names_change(options, nargs, args, "up", name_undrain);
}
