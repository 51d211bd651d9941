/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/names.h"

#include <stdio.h>
#include <string.h>

#include <weft/weft.h>

#include "cli/cli.h"

enum { LIMIT_MS = 2000, NAME_SIZE = 1024 };

static void name_give(const struct weft_instance *i, service_name_fn fn, void *arg)
{
	const char *name = weft_instance_name(i);
	size_t nchars = strlen(name);
	char copy[NAME_SIZE];

	if (nchars > 1 && name[nchars - 1] == '.')
		nchars--;
	if (nchars < sizeof(copy)) {
		snprintf(copy, sizeof(copy), "%.*s", (int)nchars, name);
		fn(arg, copy);
	}
}

/* Gives the instances of a type. Returns false if no registry answers. */
static bool instances_give(struct weft *w, const char *type, service_name_fn fn, void *arg)
{
	struct weft_instances *found;
	int error = weft_find(w, type, LIMIT_MS, &found);

	if (error != WEFT_OK)
		return error == WEFT_E_NOT_FOUND;
	for (size_t i = 0; i < weft_instances_count(found); i++)
		name_give(weft_instances_get(found, i), fn, arg);
	weft_instances_free(found);
	return true;
}

static void types_give(struct weft *w, bool has_instances, service_name_fn fn, void *arg)
{
	struct weft_instances *types;

	if (weft_find_types(w, NULL, LIMIT_MS, &types) != WEFT_OK)
		return;
	for (size_t i = 0; i < weft_instances_count(types); i++) {
		const struct weft_instance *type = weft_instances_get(types, i);

		if (!has_instances)
			name_give(type, fn, arg);
		else if (!instances_give(w, weft_instance_name(type), fn, arg))
			break;
	}
	weft_instances_free(types);
}

void service_names_each(const struct cli_options *options, bool has_instances, service_name_fn fn,
			void *arg)
{
	struct weft *w;

	if (weft_new(&w) != WEFT_OK)
		return;
	if ((options->config == NULL || weft_set_config(w, options->config) == WEFT_OK) &&
	    (options->registry == NULL || weft_set_registry(w, options->registry) == WEFT_OK) &&
	    (options->domain == NULL || weft_set_domain(w, options->domain) == WEFT_OK))
		types_give(w, has_instances, fn, arg);
	weft_free(w);
}
