/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "remote/reload.h"

#include <stdio.h>

#include "remote/control.h"

/* The lists of the answer, and the line for each item. */
static const struct {
	const char *list, *before, *after;
} lines[] = {
	{"zones-added", "zone ", " added"},
	{"zones-removed", "zone ", " removed: what was registered in it is kept"},
	{"zones-merged", "zone ", ": the zone file is merged"},
	{"keys-added", "key ", " added"},
	{"keys-removed", "key ", " removed"},
	{"keys-changed", "key ", " changed"},
	{"fabrics-added", "fabric ", " added"},
	{"fabrics-removed", "fabric ", " removed"},
	{"fabrics-changed", "fabric ", " changed"},
	{"options", "", " changed"},
	{"zone-options", "zone ", " changed"},
	{"needs-restart", "", " changed: takes effect at a restart"},
	{"warnings", "", ""},
};

static void changes_show(const json_t *changes)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		const json_t *list = json_object_get(changes, lines[i].list);

		for (size_t j = 0; j < json_array_size(list); j++)
			printf("%s%s%s\n", lines[i].before,
			       json_string_value(json_array_get(list, j)), lines[i].after);
	}
}

int remote_reload(const struct cli_command *command, const struct cli_options *options, int nargs,
		  char **args)
{
	return remote_control_show(command, options, nargs, args, changes_show);
}
