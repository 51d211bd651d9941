/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/parameters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "schema/schema.h"

static json_t *pairs_value(const struct spec_pairs *pairs)
{
	json_t *object = json_object();

	for (size_t i = 0; object != NULL && i < pairs->count; i++)
		if (json_object_set_new(object, pairs->items[i].name,
					json_string(pairs->items[i].value)) < 0) {
			json_decref(object);
			return NULL;
		}
	return object;
}

static json_t *resources_value(const struct spec_resources *resources)
{
	json_t *array = json_array();

	for (size_t i = 0; array != NULL && i < resources->count; i++)
		if (json_array_append_new(array, json_string(resources->items[i].name)) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

/* Returns what the schema describes, or NULL if memory is short. */
static json_t *object_of(const struct spec_service *s)
{
	json_t *object = json_object();

	if (json_object_set_new(object, "parameters",
				s->parameters != NULL ? json_loads(s->parameters, 0, NULL)
						      : json_object()) == 0 &&
	    json_object_set_new(object, "environment", pairs_value(&s->environment)) == 0 &&
	    json_object_set_new(object, "text", pairs_value(&s->text)) == 0 &&
	    json_object_set_new(object, "resources", resources_value(&s->resources)) == 0)
		return object;
	json_decref(object);
	return NULL;
}

static const char *text_copy(struct base_arena *arena, const char *text)
{
	return base_arena_copy(arena, text, strlen(text) + 1);
}

static int pair_compare(const void *a, const void *b)
{
	const struct spec_pair *pa = a, *pb = b;

	return strcmp(pa->name, pb->name);
}

/* Makes pairs of an object's members that are strings; others are as their text in JSON. */
static int pairs_take(struct spec_pairs *out, struct base_arena *arena, const json_t *object)
{
	struct spec_pairs pairs = {0};
	const char *name;
	json_t *member;

	pairs.items =
		base_arena_alloc(arena, (json_object_size(object) + 1) * sizeof(*pairs.items));
	if (pairs.items == NULL)
		return -ENOMEM;
	json_object_foreach((json_t *)object, name, member)
	{
		char *text = json_is_string(member)
				     ? NULL
				     : json_dumps(member, JSON_COMPACT | JSON_ENCODE_ANY);
		struct spec_pair *pair = &pairs.items[pairs.count++];

		if (!json_is_string(member) && text == NULL)
			return -ENOMEM;
		pair->name = text_copy(arena, name);
		pair->value = text_copy(arena, text != NULL ? text : json_string_value(member));
		free(text);
		if (pair->name == NULL || pair->value == NULL)
			return -ENOMEM;
	}
	if (pairs.count > 0)
		qsort(pairs.items, pairs.count, sizeof(*pairs.items), pair_compare);
	*out = pairs;
	return 0;
}

/* Takes the values with defaults into the service: all, or nothing. */
static int object_take(struct spec_service *s, struct base_arena *arena, const json_t *object)
{
	const json_t *parameters = json_object_get(object, "parameters");
	struct spec_pairs environment, text;
	const char *copy = NULL;
	char *dumped;
	int ret = pairs_take(&environment, arena, json_object_get(object, "environment"));

	if (ret == 0)
		ret = pairs_take(&text, arena, json_object_get(object, "text"));
	if (ret == 0 && json_object_size(parameters) > 0) {
		dumped = json_dumps(parameters, JSON_COMPACT | JSON_SORT_KEYS);
		copy = dumped != NULL ? text_copy(arena, dumped) : NULL;
		free(dumped);
		ret = copy != NULL ? 0 : -ENOMEM;
	}
	if (ret < 0)
		return ret;
	s->environment = environment;
	s->text = text;
	s->parameters = copy;
	return 0;
}

int spec_parameters_check(struct spec_service *s, struct base_arena *arena,
			  const struct schema *schema, bool fills_in, base_report_fn report,
			  void *arg)
{
	json_t *object = object_of(s);
	int ret;

	if (object == NULL)
		return -ENOMEM;
	/* Filled in even if not asked for: what the schema requires may have a default. */
	ret = schema_check(schema, object, true, report, arg);
	if (ret == 0 && fills_in)
		ret = object_take(s, arena, object);
	json_decref(object);
	return ret;
}
