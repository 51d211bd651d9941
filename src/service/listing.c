/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/listing.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include <weft/weft.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "cli/table.h"
#include "service/context.h"
#include "service/types.h"
#include "service/waiting.h"

/* The type of what weft_find_types() lists, which has it as its name. */
static void type_split(const struct weft_instance *i, char *type, size_t size, const char **domain)
{
	const char *name = weft_instance_name(i), *dot = strchr(name, '.');

	dot = dot != NULL ? strchr(dot + 1, '.') : NULL;
	*domain = dot != NULL ? dot + 1 : "";
	snprintf(type, size, "%.*s", dot != NULL ? (int)(dot - name) : (int)strlen(name), name);
}

static int types_table(const struct weft_instances *found)
{
	struct cli_table *t = cli_table_new(3);
	int ret = t != NULL ? 0 : -1;
	char type[256];

	for (size_t i = 0; ret == 0 && i < weft_instances_count(found); i++) {
		const char *cells[] = {type, NULL, NULL};

		type_split(weft_instances_get(found, i), type, sizeof(type), &cells[2]);
		cells[1] = service_types_name(type);
		ret = cli_table_add(t, cells);
	}
	if (ret == 0) {
		cli_table_column(t, 0, "type", false);
		cli_table_column(t, 1, "for", false);
		cli_table_column(t, 2, "domain", false);
		cli_table_write(t, stdout, cli_table_terminal(stdout), 0);
	}
	cli_table_free(t);
	return ret;
}

static void types_json(const struct weft_instances *found)
{
	json_t *list = json_array();
	char type[256];

	for (size_t i = 0; i < weft_instances_count(found); i++) {
		const char *domain;

		type_split(weft_instances_get(found, i), type, sizeof(type), &domain);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "type", type, "for",
						      service_types_name(type), "domain", domain));
	}
	json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
}

int service_listing(const struct service *s)
{
	struct weft_instances *found;
	int status = service_waiting_find_types(s, &found), ret = 0;
	char type[256];

	if (status != CLI_OK)
		return status;
	if (s->options->is_json)
		types_json(found);
	else if (!s->options->is_parsable)
		ret = types_table(found);
	for (size_t i = 0; s->options->is_parsable && i < weft_instances_count(found); i++) {
		const char *domain;

		type_split(weft_instances_get(found, i), type, sizeof(type), &domain);
		printf("+;-;-;%s;%.*s\n", type, (int)strlen(domain) - 1, domain);
	}
	weft_instances_free(found);
	if (ret < 0) {
		cli_error("out of memory");
		return CLI_FAILURE;
	}
	return service_flush(NULL);
}
