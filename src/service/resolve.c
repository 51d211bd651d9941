/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/resolve.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include <weft/weft.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "service/context.h"
#include "service/show.h"
#include "service/waiting.h"

static int resolved_show(const struct service *s, const char *name,
			 const struct weft_instances *found)
{
	size_t n = weft_instances_count(found);
	const struct weft_instance **all = calloc(n, sizeof(*all));
	json_t *list = json_array(), *object;
	int ret = 0;

	if (all == NULL || list == NULL) {
		cli_error("out of memory");
		free(all);
		json_decref(list);
		return CLI_FAILURE;
	}
	for (size_t i = 0; i < n; i++)
		all[i] = weft_instances_get(found, i);
	for (size_t i = 0; s->options->is_json && i < n; i++)
		json_array_append_new(list, service_show_json(all[i]));
	object = json_pack("{s:o, s:b, s:O}", "name", service_show_text(name), "stale",
			   weft_instances_are_stale(found), "instances", list);
	if (s->options->is_json) {
		json_dumpf(object, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		ret = service_show_table(stdout, all, n);
	}
	json_decref(object);
	json_decref(list);
	free(all);
	if (ret == 0)
		return service_flush(NULL);
	cli_error("out of memory");
	return CLI_FAILURE;
}

int service_resolve(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args)
{
	struct weft_instances *found;
	struct service s;
	int status = service_open(&s, options);

	(void)command;
	(void)nargs;
	if (status != CLI_OK)
		return status;
	status = service_waiting_find(&s, args[0], false, &found);
	if (status == CLI_OK) {
		status = resolved_show(&s, args[0], found);
		weft_instances_free(found);
	}
	service_close(&s);
	return status;
}
