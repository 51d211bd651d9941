/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "declare/names.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "declare/zone.h"

enum { LIMIT_S = 2, NAME_MAX_CHARS = 80 };

typedef void (*name_fn)(void *arg, const char *name);

static void declared_each(const struct atlas *a, name_fn on_name, void *arg)
{
	size_t nservices, nschemas;
	const struct atlas_service *services = atlas_services(a, &nservices);
	const struct atlas_schema *schemas = atlas_schemas(a, &nschemas);

	for (size_t i = 0; i < nservices; i++)
		on_name(arg, services[i].name);
	for (size_t i = 0; i < nservices; i++)
		if (i == 0 || strcmp(services[i].type, services[i - 1].type) != 0)
			on_name(arg, services[i].type);
	for (size_t i = 0; i < nschemas; i++) {
		char text[NAME_MAX_CHARS];

		snprintf(text, sizeof(text), "schema/%s", schemas[i].name);
		on_name(arg, text);
	}
}

static void instances_each(const struct atlas *a, name_fn on_name, void *arg)
{
	size_t n;
	const struct atlas_spec *specs = atlas_specs(a, &n);

	for (size_t i = 0; i < n; i++)
		on_name(arg, specs[i].label);
}

static void nodes_each(const struct atlas *a, name_fn on_name, void *arg)
{
	size_t n;
	const struct atlas_node *nodes = atlas_nodes(a, &n);

	for (size_t i = 0; i < n; i++)
		on_name(arg, nodes[i].label);
}

void declare_names_each(const struct cli_options *options, enum declare_names which,
			name_fn on_name, void *arg)
{
	static void (*const each[])(const struct atlas *a, name_fn on_name, void *arg) = {
		[DECLARE_NAMES_DECLARED] = declared_each,
		[DECLARE_NAMES_INSTANCES] = instances_each,
		[DECLARE_NAMES_NODES] = nodes_each,
	};
	struct cli_options limited = *options;
	struct declare_zone zone;
	struct atlas *a;

	limited.has_limit = true;
	limited.limit_s = LIMIT_S;
	if (declare_zone_open(&zone, &limited) != CLI_OK)
		return;
	if (declare_zone_read(&zone, &a) == CLI_OK) {
		each[which](a, on_name, arg);
		atlas_free(a);
	}
	declare_zone_close(&zone);
}
