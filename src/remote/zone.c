/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "remote/zone.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "remote/control.h"

enum { REPLY_MAX = 16 };

static void name_show(const json_t *zone)
{
	const char *name = json_string_value(json_object_get(zone, "zone"));

	puts(name != NULL ? name : "?");
}

int remote_zone_list(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args)
{
	return remote_control_show(command, options, nargs, args, name_show);
}

/* Asks the person at the terminal. Returns whether the answer is yes. */
static bool is_confirmed(const char *zone)
{
	char reply[REPLY_MAX];

	fprintf(stderr,
		"Delete the zone %s with everything that was registered in it? This cannot be "
		"undone.\nType yes to go on: ",
		zone);
	fflush(stderr);
	if (fgets(reply, sizeof(reply), stdin) != NULL && strcmp(reply, "yes\n") == 0)
		return true;
	cli_error("%s is not purged", zone);
	return false;
}

int remote_zone_purge(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args)
{
	if (options->is_yes)
		return remote_control_run(command, options, nargs, args);
	if (!isatty(STDIN_FILENO)) {
		cli_error("zone purge cannot be undone: without a terminal to ask it needs --yes");
		return CLI_USAGE;
	}
	return is_confirmed(args[0]) ? remote_control_run(command, options, nargs, args)
				     : CLI_FAILURE;
}

static long long number_of(const json_t *o, const char *name)
{
	return (long long)json_integer_value(json_object_get(o, name));
}

static void reload_show(const json_t *zone)
{
	const char *name = json_string_value(json_object_get(zone, "zone"));

	if (name == NULL)
		return;
	if (json_is_true(json_object_get(zone, "changed")))
		printf("%s: records +%lld -%lld, serial %lld -> %lld\n", name,
		       number_of(zone, "added"), number_of(zone, "removed"),
		       number_of(zone, "serial-before"), number_of(zone, "serial"));
	else
		printf("%s: nothing changed, serial %lld\n", name, number_of(zone, "serial"));
}

int remote_zone_reload(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args)
{
	return remote_control_show(command, options, nargs, args, reload_show);
}
