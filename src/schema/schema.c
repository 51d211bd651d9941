/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "schema/schema.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/pattern.h"
#include "schema/pointer.h"
#include "schema/schema_priv.h"
#include "schema/value.h"

enum { ARENA_BLOCK = 4096 };

struct reading {
	struct schema *schema;
	base_report_fn report;
	void *arg;
	struct schema_pointer at;
	unsigned depth, nnodes, nerrors;
	bool is_short;
	/* Keywords contain schemas, and schemas keywords. Returns NULL only after an error. */
	struct schema_node *(*node_read)(struct reading *r, const json_t *value);
};

/* Reads the value of a keyword into the node. */
typedef void (*keyword_fn)(struct reading *r, struct schema_node *node, const json_t *value);

__attribute__((format(printf, 2, 3))) static void fail(struct reading *r, const char *format, ...)
{
	struct base_error error = {.code = -EBADMSG, .at = {.file = r->at.text}};
	va_list args;

	va_start(args, format);
	vsnprintf(error.text, sizeof(error.text), format, args);
	va_end(args);
	if (r->nerrors++ < SCHEMA_ERRORS_MAX)
		r->report(r->arg, BASE_LOG_ERROR, &error);
}

static void *node_alloc(struct reading *r, size_t nbytes)
{
	void *p = base_arena_alloc(&r->schema->arena, nbytes > 0 ? nbytes : 1);

	if (p == NULL)
		r->is_short = true;
	else
		memset(p, 0, nbytes);
	return p;
}

/* ---- keywords ---- */

static unsigned type_bit(const json_t *value)
{
	static const struct {
		const char *name;
		unsigned bit;
	} types[] = {
		{"array", SCHEMA_ARRAY},   {"boolean", SCHEMA_BOOLEAN}, {"integer", SCHEMA_INTEGER},
		{"null", SCHEMA_NULL},	   {"number", SCHEMA_NUMBER},	{"object", SCHEMA_OBJECT},
		{"string", SCHEMA_STRING},
	};

	for (size_t i = 0; json_is_string(value) && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, json_string_value(value)) == 0)
			return types[i].bit;
	return 0;
}

static void type_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	const json_t *item;
	size_t i;

	node->types = type_bit(value);
	if (json_is_array(value))
		json_array_foreach(value, i, item)
		{
			unsigned bit = type_bit(item);

			node->types = bit == 0 ? 0 : node->types | bit;
			if (bit == 0)
				break;
		}
	if (node->types == 0)
		fail(r, "type is array, boolean, integer, null, number, object or string, or a "
			"list of these");
}

static void choices_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	if (!json_is_array(value) || json_array_size(value) == 0)
		fail(r, "enum is a list of values");
	else
		node->choices = value;
}

static void constant_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	(void)r;
	node->constant = value;
}

static void initial_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	(void)r;
	node->initial = value;
	node->initial_weight = schema_value_weight(value);
}

/* Returns the value if it is a number, else NULL after reporting it. */
static const json_t *number_get(struct reading *r, const json_t *value)
{
	if (json_is_number(value))
		return value;
	fail(r, "this is a number");
	return NULL;
}

static void minimum_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	node->minimum = number_get(r, value);
}

static void maximum_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	node->maximum = number_get(r, value);
}

static void above_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	node->above = number_get(r, value);
}

static void below_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	node->below = number_get(r, value);
}

static void multiple_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	node->multiple_of = number_get(r, value);
	if (node->multiple_of != NULL && json_number_value(value) <= 0)
		fail(r, "multipleOf is more than 0");
}

/* Reads a number of items or characters. */
static void length_get(struct reading *r, const json_t *value, uint64_t *out)
{
	double number = json_number_value(value);

	if (!json_is_number(value) || number < 0 || number > 1e15 ||
	    number != (double)(uint64_t)number)
		fail(r, "this is a whole number from 0 on");
	else
		*out = (uint64_t)number;
}

static void min_length_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	length_get(r, value, &node->min_length);
}

static void max_length_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	length_get(r, value, &node->max_length);
}

static void min_items_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	length_get(r, value, &node->min_items);
}

static void max_items_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	length_get(r, value, &node->max_items);
}

static void unique_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	if (!json_is_boolean(value))
		fail(r, "uniqueItems is true or false");
	node->is_unique = json_is_true(value);
}

static void pattern_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	struct base_error error;
	int ret;

	if (!json_is_string(value)) {
		fail(r, "pattern is a string");
		return;
	}
	ret = schema_pattern_new(&node->pattern, json_string_value(value), &error);
	if (ret == -ENOMEM)
		r->is_short = true;
	else if (ret < 0)
		fail(r, "%s", error.text);
}

static void required_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	bool are_names = json_is_array(value);
	const json_t *item;
	size_t i;

	json_array_foreach(value, i, item) are_names = are_names && json_is_string(item);
	if (are_names)
		node->required = value;
	else
		fail(r, "required is a list of names");
}

static int property_compare(const void *a, const void *b)
{
	const struct schema_property *pa = a, *pb = b;

	return strcmp(pa->name, pb->name);
}

/* Reads an object of names and schemas. */
static void properties_get(struct reading *r, const json_t *value, struct schema_property **out,
			   size_t *count)
{
	struct schema_property *all;
	const char *name;
	json_t *member;

	if (!json_is_object(value)) {
		fail(r, "this is an object of names and schemas");
		return;
	}
	all = node_alloc(r, (*count + json_object_size(value)) * sizeof(*all));
	if (all == NULL)
		return;
	if (*count > 0)
		memcpy(all, *out, *count * sizeof(*all));
	*out = all;
	json_object_foreach((json_t *)value, name, member)
	{
		size_t nchars = schema_pointer_add(&r->at, name);

		all[(*count)++] = (struct schema_property){name, r->node_read(r, member)};
		schema_pointer_cut(&r->at, nchars);
	}
	qsort(all, *count, sizeof(*all), property_compare);
}

static void properties_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	properties_get(r, value, &node->properties, &node->nproperties);
}

static void additional_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	node->additional = r->node_read(r, value);
}

static void items_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	node->items = r->node_read(r, value);
}

static void not_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	node->not = r->node_read(r, value);
}

static void nodes_get(struct reading *r, const json_t *value, struct schema_nodes *out)
{
	const json_t *item;
	size_t i;

	if (!json_is_array(value) || json_array_size(value) == 0) {
		fail(r, "this is a list of schemas");
		return;
	}
	out->items = node_alloc(r, json_array_size(value) * sizeof(out->items[0]));
	if (out->items == NULL)
		return;
	json_array_foreach(value, i, item)
	{
		size_t nchars = schema_pointer_add_index(&r->at, i);

		out->items[out->count++] = r->node_read(r, item);
		schema_pointer_cut(&r->at, nchars);
	}
}

static void all_of_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	nodes_get(r, value, &node->all_of);
}

static void any_of_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	nodes_get(r, value, &node->any_of);
}

static void one_of_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	nodes_get(r, value, &node->one_of);
}

static void definitions_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	(void)node;
	if (r->depth > 1)
		fail(r, "definitions are at the top of a schema only");
	else
		properties_get(r, value, &r->schema->definitions, &r->schema->ndefinitions);
}

/* Takes the escapes out of a part of a JSON pointer (RFC 6901 section 4), in place. Returns false
 * if it has another part, or an invalid escape. */
static bool part_unescape(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++) {
		if (*text == '/' || (*text == '~' && text[1] != '0' && text[1] != '1'))
			return false;
		*to++ = *text != '~' ? *text : *++text == '0' ? '~' : '/';
	}
	*to = '\0';
	return true;
}

static void ref_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	static const char *const begins[] = {"#/$defs/", "#/definitions/"};
	const char *text = json_is_string(value) ? json_string_value(value) : "";
	char *name;

	if (strcmp(text, "#") == 0) {
		node->ref_text = "";
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(begins[i]);

		if (strncmp(text, begins[i], n) != 0 || text[n] == '\0')
			continue;
		name = base_arena_copy(&r->schema->arena, text + n, strlen(text + n) + 1);
		if (name == NULL)
			r->is_short = true;
		else if (part_unescape(name))
			node->ref_text = name;
	}
	if (node->ref_text == NULL && !r->is_short)
		fail(r, "$ref is # or #/$defs/NAME");
}

/* What is for readers of the schema only. */
static void comment_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	(void)r;
	(void)node;
	(void)value;
}

static const struct keyword {
	const char *name;
	keyword_fn read;
} keywords[] = {
	{"$comment", comment_read},
	{"$defs", definitions_read},
	{"$ref", ref_read},
	{"$schema", comment_read},
	{"additionalProperties", additional_read},
	{"allOf", all_of_read},
	{"anyOf", any_of_read},
	{"const", constant_read},
	{"default", initial_read},
	{"definitions", definitions_read},
	{"description", comment_read},
	{"enum", choices_read},
	{"examples", comment_read},
	{"exclusiveMaximum", below_read},
	{"exclusiveMinimum", above_read},
	{"items", items_read},
	{"maxItems", max_items_read},
	{"maxLength", max_length_read},
	{"maximum", maximum_read},
	{"minItems", min_items_read},
	{"minLength", min_length_read},
	{"minimum", minimum_read},
	{"multipleOf", multiple_read},
	{"not", not_read},
	{"oneOf", one_of_read},
	{"pattern", pattern_read},
	{"properties", properties_read},
	{"required", required_read},
	{"title", comment_read},
	{"type", type_read},
	{"uniqueItems", unique_read},
};

/* ---- schemas ---- */

static void keywords_read(struct reading *r, struct schema_node *node, const json_t *value)
{
	const char *name;
	json_t *member;

	json_object_foreach((json_t *)value, name, member)
	{
		size_t nchars = schema_pointer_add(&r->at, name), i = 0, n;

		n = sizeof(keywords) / sizeof(keywords[0]);
		while (i < n && strcmp(keywords[i].name, name) != 0)
			i++;
		if (i < n)
			keywords[i].read(r, node, member);
		else
			fail(r, "the keyword %.40s is not supported", name);
		schema_pointer_cut(&r->at, nchars);
	}
}

static struct schema_node *node_read(struct reading *r, const json_t *value)
{
	struct schema_node *node;

	if (!json_is_object(value) && !json_is_boolean(value)) {
		fail(r, "a schema is an object, true or false");
		return NULL;
	}
	if (r->nnodes == SCHEMA_NODES_MAX || r->depth == SCHEMA_DEPTH_MAX) {
		fail(r, "the schema has more than %d schemas in it, or %d in each other",
		     SCHEMA_NODES_MAX, SCHEMA_DEPTH_MAX);
		return NULL;
	}
	node = node_alloc(r, sizeof(*node));
	if (node == NULL)
		return NULL;
	r->nnodes++;
	node->next = r->schema->nodes;
	r->schema->nodes = node;
	node->is_false = json_is_false(value);
	node->max_length = node->max_items = UINT64_MAX;
	r->depth++;
	if (json_is_object(value))
		keywords_read(r, node, value);
	r->depth--;
	return node;
}

static struct schema_node *definition_find(const struct schema *schema, const char *name)
{
	struct schema_property key = {.name = name}, *found;

	if (*name == '\0')
		return schema->root;
	if (schema->ndefinitions == 0)
		return NULL;
	found = bsearch(&key, schema->definitions, schema->ndefinitions, sizeof(key),
			property_compare);
	return found != NULL ? found->node : NULL;
}

static void refs_resolve(struct reading *r)
{
	for (struct schema_node *node = r->schema->nodes; node != NULL; node = node->next) {
		if (node->ref_text == NULL)
			continue;
		node->ref = definition_find(r->schema, node->ref_text);
		if (node->ref == NULL && r->nerrors == 0)
			fail(r, "$ref: there is no %.40s in $defs", node->ref_text);
	}
}

void schema_free(struct schema *schema)
{
	if (schema == NULL)
		return;
	for (struct schema_node *node = schema->nodes; node != NULL; node = node->next)
		schema_pattern_free(node->pattern);
	json_decref(schema->document);
	base_arena_fini(&schema->arena);
	free(schema);
}

int schema_read(struct schema **out, const json_t *document, base_report_fn report, void *arg)
{
	struct schema *schema = calloc(1, sizeof(*schema));
	struct reading r = {.schema = schema, .report = report, .arg = arg, .node_read = node_read};

	*out = NULL;
	if (schema == NULL)
		return -ENOMEM;
	base_arena_init(&schema->arena, ARENA_BLOCK);
	/* What is not flat could be a document that takes too much of the stack to copy. */
	if (!schema_value_is_flat(document, 2 * SCHEMA_DEPTH_MAX)) {
		fail(&r, "the schema has more than %d objects and arrays in each other",
		     2 * SCHEMA_DEPTH_MAX);
	} else {
		schema->document = json_deep_copy(document);
		r.is_short = schema->document == NULL;
		if (!r.is_short)
			schema->root = node_read(&r, schema->document);
		refs_resolve(&r);
	}
	if (r.nerrors == 0 && !r.is_short) {
		*out = schema;
		return 0;
	}
	schema_free(schema);
	return r.nerrors > 0 ? -EBADMSG : -ENOMEM;
}
