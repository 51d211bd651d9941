/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A value is checked by a schema in one walk. Of anyOf, oneOf and not only the outcome counts, so
 * what is wrong inside is not reported there. Each step is paid from one budget, so that neither
 * references in circles nor alternatives within alternatives take long. */

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "schema/pattern.h"
#include "schema/pointer.h"
#include "schema/schema.h"
#include "schema/schema_priv.h"
#include "schema/value.h"

enum { LIST_MAX = 200 /* characters of a list of choices in a message */ };

struct checking {
	base_report_fn report;
	void *arg;
	struct schema_pointer at;
	size_t steps; /* left */
	unsigned depth, nerrors;
	bool is_filling, is_quiet, is_short, has_given_up;
};

static bool node_check(struct checking *c, const struct schema_node *node, json_t *value);

/* Reports an error at the value that is being checked. Returns false. */
__attribute__((format(printf, 2, 3))) static bool fail(struct checking *c, const char *format, ...)
{
	struct base_error error = {.code = -EBADMSG, .at = {.file = c->at.text}};
	va_list args;

	if (c->is_quiet || c->has_given_up || c->is_short)
		return false;
	va_start(args, format);
	vsnprintf(error.text, sizeof(error.text), format, args);
	va_end(args);
	if (c->nerrors++ < SCHEMA_ERRORS_MAX)
		c->report(c->arg, BASE_LOG_ERROR, &error);
	return false;
}

/* Ends the check: nothing that follows is valid, or reported. Returns false. */
static bool give_up(struct checking *c, const char *why)
{
	c->is_quiet = false;
	fail(c, "%s", why);
	c->has_given_up = true;
	return false;
}

static bool is_over(const struct checking *c)
{
	return c->has_given_up || c->is_short;
}

/* Pays for a step. Returns false if the check is over. */
static bool pay(struct checking *c, size_t cost)
{
	if (is_over(c))
		return false;
	if (c->steps > cost) {
		c->steps -= cost;
		return true;
	}
	c->steps = 0;
	return give_up(c, "checking this by its schema takes too long");
}

static bool is_equal(struct checking *c, const json_t *a, const json_t *b)
{
	bool is = schema_value_equal(a, b, &c->steps);

	return pay(c, 0) && is;
}

/* ---- any value ---- */

static unsigned types_of(const json_t *value)
{
	double number;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return SCHEMA_OBJECT;
	case JSON_ARRAY:
		return SCHEMA_ARRAY;
	case JSON_STRING:
		return SCHEMA_STRING;
	case JSON_INTEGER:
		return SCHEMA_INTEGER | SCHEMA_NUMBER;
	case JSON_REAL:
		number = json_real_value(value);
		return number == floor(number) ? SCHEMA_INTEGER | SCHEMA_NUMBER : SCHEMA_NUMBER;
	case JSON_NULL:
		return SCHEMA_NULL;
	default:
		return SCHEMA_BOOLEAN;
	}
}

static const struct {
	unsigned bit;
	const char *text;
} type_texts[] = {
	{SCHEMA_INTEGER, "an integer"}, {SCHEMA_NUMBER, "a number"}, {SCHEMA_STRING, "a string"},
	{SCHEMA_BOOLEAN, "a boolean"},	{SCHEMA_ARRAY, "an array"},  {SCHEMA_OBJECT, "an object"},
	{SCHEMA_NULL, "null"},
};

enum { NTYPES = sizeof(type_texts) / sizeof(type_texts[0]) };

static const char *type_name(const json_t *value)
{
	unsigned types = types_of(value);
	size_t i = 0;

	while ((type_texts[i].bit & types) == 0)
		i++;
	return type_texts[i].text;
}

static bool type_check(struct checking *c, const struct schema_node *node, const json_t *value)
{
	char wanted[LIST_MAX] = "", shown[SCHEMA_VALUE_TEXT_MAX];
	struct base_out o = base_out_over(wanted, sizeof(wanted) - 1);

	if (node->types == 0 || (node->types & types_of(value)) != 0)
		return true;
	if (c->is_quiet)
		return false;
	for (size_t i = 0; i < NTYPES; i++) {
		if ((node->types & type_texts[i].bit) == 0)
			continue;
		if (base_out_nbytes(&o) > 0)
			base_out_bytes(&o, " or ", 4);
		base_out_bytes(&o, type_texts[i].text, strlen(type_texts[i].text));
	}
	if (json_is_object(value) || json_is_array(value))
		return fail(c, "this is %s, not %s", type_name(value), wanted);
	return fail(c, "%s is %s, not %s", schema_value_show(shown, value), type_name(value),
		    wanted);
}

static void choices_show(char out[static LIST_MAX], const json_t *choices)
{
	struct base_out o = base_out_over(out, LIST_MAX - sizeof(", ..."));
	char shown[SCHEMA_VALUE_TEXT_MAX];
	const json_t *choice;
	size_t i;

	json_array_foreach(choices, i, choice)
	{
		size_t n = strlen(schema_value_show(shown, choice));

		if (base_out_left(&o) < n + 2) {
			o.end = (uint8_t *)out + LIST_MAX - 1;
			base_out_bytes(&o, ", ...", 5);
			break;
		}
		if (i > 0)
			base_out_bytes(&o, ", ", 2);
		base_out_bytes(&o, shown, n);
	}
	*o.at = '\0';
}

static bool choice_check(struct checking *c, const struct schema_node *node, const json_t *value)
{
	char shown[SCHEMA_VALUE_TEXT_MAX], choices[LIST_MAX];
	const json_t *choice;
	size_t i;

	if (node->constant != NULL && !is_equal(c, node->constant, value))
		return fail(c, "%s is not %s", schema_value_show(shown, value),
			    schema_value_show(choices, node->constant));
	if (node->choices == NULL)
		return true;
	json_array_foreach(node->choices, i, choice)
	{
		if (is_equal(c, choice, value))
			return true;
	}
	if (c->is_quiet)
		return false;
	choices_show(choices, node->choices);
	return fail(c, "%s is not one of %s", schema_value_show(shown, value), choices);
}

/* ---- numbers and strings ---- */

static bool is_multiple(const json_t *value, const json_t *of)
{
	double quotient;

	if (json_is_integer(value) && json_is_integer(of))
		return json_integer_value(value) % json_integer_value(of) == 0;
	/* Decimal fractions have no exact doubles: 0.0075 is a multiple of 0.0001. */
	quotient = json_number_value(value) / json_number_value(of);
	return isfinite(quotient) &&
	       fabs(quotient - round(quotient)) <= 1e-12 * fmax(1, fabs(quotient));
}

static bool number_check(struct checking *c, const struct schema_node *node, const json_t *value)
{
	const struct {
		const json_t *limit;
		bool is_passed;
		const char *text;
	} limits[] = {
		{node->minimum,
		 node->minimum != NULL && schema_value_compare(value, node->minimum) < 0,
		 "less than"},
		{node->maximum,
		 node->maximum != NULL && schema_value_compare(value, node->maximum) > 0,
		 "more than"},
		{node->above, node->above != NULL && schema_value_compare(value, node->above) <= 0,
		 "not more than"},
		{node->below, node->below != NULL && schema_value_compare(value, node->below) >= 0,
		 "not less than"},
		{node->multiple_of,
		 node->multiple_of != NULL && !is_multiple(value, node->multiple_of),
		 "not a multiple of"},
	};
	char shown[SCHEMA_VALUE_TEXT_MAX], limit[SCHEMA_VALUE_TEXT_MAX];
	bool is_valid = true;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limits[i].is_passed)
			is_valid = fail(c, "%s is %s %s", schema_value_show(shown, value),
					limits[i].text, schema_value_show(limit, limits[i].limit));
	return is_valid;
}

static uint64_t nchars_of(const json_t *value)
{
	const char *text = json_string_value(value);
	size_t nbytes = json_string_length(value);
	uint64_t nchars = 0;

	for (size_t i = 0; i < nbytes; i++)
		nchars += ((unsigned char)text[i] & 0xc0) != 0x80;
	return nchars;
}

static bool pattern_check(struct checking *c, const struct schema_node *node, const json_t *value)
{
	size_t nbytes = json_string_length(value);
	char shown[SCHEMA_VALUE_TEXT_MAX];

	if (node->pattern == NULL)
		return true;
	if (!pay(c, schema_pattern_cost(node->pattern, nbytes)))
		return false;
	switch (schema_pattern_match(node->pattern, json_string_value(value), nbytes)) {
	case 1:
		return true;
	case 0:
		return fail(c, "%s does not match %s", schema_value_show(shown, value),
			    schema_pattern_text(node->pattern));
	case -ENOMEM:
		c->is_short = true;
		return false;
	default:
		return give_up(c, "the pattern for this takes too long");
	}
}

static bool string_check(struct checking *c, const struct schema_node *node, const json_t *value)
{
	bool is_valid = true;
	uint64_t nchars;

	if (node->min_length > 0 || node->max_length < UINT64_MAX) {
		nchars = nchars_of(value);
		if (nchars < node->min_length)
			is_valid = fail(c, "has %llu characters, fewer than %llu",
					(unsigned long long)nchars,
					(unsigned long long)node->min_length);
		if (nchars > node->max_length)
			is_valid = fail(c, "has %llu characters, more than %llu",
					(unsigned long long)nchars,
					(unsigned long long)node->max_length);
	}
	return pattern_check(c, node, value) && is_valid;
}

/* ---- arrays ---- */

struct hashed {
	uint64_t hash;
	size_t index;
};

static int hashed_compare(const void *a, const void *b)
{
	const struct hashed *ha = a, *hb = b;

	if (ha->hash != hb->hash)
		return ha->hash < hb->hash ? -1 : 1;
	return (ha->index > hb->index) - (ha->index < hb->index);
}

static bool unique_check(struct checking *c, const json_t *value)
{
	size_t n = json_array_size(value);
	bool is_valid = true;
	struct hashed *all;

	if (n < 2 || !pay(c, schema_value_weight(value)))
		return n < 2;
	all = malloc(n * sizeof(*all));
	if (all == NULL) {
		c->is_short = true;
		return false;
	}
	for (size_t i = 0; i < n; i++)
		all[i] = (struct hashed){schema_value_hash(json_array_get(value, i)), i};
	qsort(all, n, sizeof(*all), hashed_compare);
	for (size_t i = 1; i < n && is_valid; i++)
		if (all[i].hash == all[i - 1].hash &&
		    is_equal(c, json_array_get(value, all[i].index),
			     json_array_get(value, all[i - 1].index)))
			is_valid = fail(c, "the items %zu and %zu are equal", all[i - 1].index,
					all[i].index);
	free(all);
	return is_valid && !is_over(c);
}

static bool array_check(struct checking *c, const struct schema_node *node, json_t *value)
{
	size_t n = json_array_size(value);
	bool is_valid = true;

	if (n < node->min_items)
		is_valid = fail(c, "has %zu items, fewer than %llu", n,
				(unsigned long long)node->min_items);
	if (n > node->max_items)
		is_valid = fail(c, "has %zu items, more than %llu", n,
				(unsigned long long)node->max_items);
	if (node->is_unique && !unique_check(c, value))
		is_valid = false;
	for (size_t i = 0; node->items != NULL && i < n && !is_over(c); i++) {
		size_t nchars = schema_pointer_add_index(&c->at, i);

		if (!node_check(c, node->items, json_array_get(value, i)))
			is_valid = false;
		schema_pointer_cut(&c->at, nchars);
	}
	return is_valid;
}

/* ---- objects ---- */

static void defaults_add(struct checking *c, const struct schema_node *node, json_t *value)
{
	for (size_t i = 0; i < node->nproperties; i++) {
		const struct schema_property *p = &node->properties[i];
		json_t *copy;

		if (p->node->initial == NULL || json_object_get(value, p->name) != NULL ||
		    !pay(c, p->node->initial_weight))
			continue;
		copy = json_deep_copy(p->node->initial);
		if (copy == NULL || json_object_set_new(value, p->name, copy) < 0)
			c->is_short = true;
	}
}

static int property_compare(const void *key, const void *item)
{
	const struct schema_property *p = item;

	return strcmp(key, p->name);
}

/* Returns the schema for a member, NULL if any value is valid. */
static const struct schema_node *member_node(const struct schema_node *node, const char *name,
					     bool *is_known)
{
	const struct schema_property *p =
		node->nproperties == 0 ? NULL
				       : bsearch(name, node->properties, node->nproperties,
						 sizeof(*p), property_compare);

	*is_known = p != NULL;
	return p != NULL ? p->node : node->additional;
}

static bool required_check(struct checking *c, const struct schema_node *node, const json_t *value)
{
	bool is_valid = true;
	const json_t *name;
	size_t i;

	json_array_foreach(node->required, i, name)
	{
		if (!pay(c, 1))
			return false;
		if (json_object_get(value, json_string_value(name)) == NULL)
			is_valid = fail(c, "%.100s is missing", json_string_value(name));
	}
	return is_valid;
}

static bool object_check(struct checking *c, const struct schema_node *node, json_t *value)
{
	bool is_valid, is_known;
	const char *name;
	json_t *member;

	if (c->is_filling && !c->is_quiet)
		defaults_add(c, node, value);
	is_valid = required_check(c, node, value);
	if (node->nproperties == 0 && node->additional == NULL)
		return is_valid;
	json_object_foreach(value, name, member)
	{
		const struct schema_node *by = member_node(node, name, &is_known);
		size_t nchars = schema_pointer_add(&c->at, name);

		if (!pay(c, 1))
			is_valid = false;
		else if (by != NULL && by->is_false && !is_known)
			is_valid = fail(c, "is not known here");
		else if (by != NULL && !node_check(c, by, member))
			is_valid = false;
		schema_pointer_cut(&c->at, nchars);
		if (is_over(c))
			return false;
	}
	return is_valid;
}

/* ---- schemas in a schema ---- */

/* Returns how many of the schemas the value matches, and reports nothing. */
static size_t count_matching(struct checking *c, const struct schema_nodes *nodes, json_t *value)
{
	bool was_quiet = c->is_quiet;
	size_t count = 0;

	c->is_quiet = true;
	for (size_t i = 0; i < nodes->count && !is_over(c); i++)
		count += node_check(c, nodes->items[i], value);
	c->is_quiet = was_quiet;
	return count;
}

static bool combined_check(struct checking *c, const struct schema_node *node, json_t *value)
{
	bool is_valid = true;
	size_t count;

	if (node->ref != NULL && !node_check(c, node->ref, value))
		is_valid = false;
	for (size_t i = 0; i < node->all_of.count; i++)
		if (!node_check(c, node->all_of.items[i], value))
			is_valid = false;
	if (node->any_of.count > 0 && count_matching(c, &node->any_of, value) == 0)
		is_valid = fail(c, "matches none of the alternatives that anyOf has");
	if (node->one_of.count > 0) {
		count = count_matching(c, &node->one_of, value);
		if (count != 1)
			is_valid = fail(c, "matches %zu of the alternatives that oneOf has, not 1",
					count);
	}
	if (node->not != NULL &&
	    count_matching(c, &(struct schema_nodes){(struct schema_node **)&node->not, 1}, value))
		is_valid = fail(c, "matches what is excluded by not");
	return is_valid;
}

static bool content_check(struct checking *c, const struct schema_node *node, const json_t *value)
{
	return json_is_number(value) ? number_check(c, node, value) : string_check(c, node, value);
}

static bool node_check(struct checking *c, const struct schema_node *node, json_t *value)
{
	bool is_valid;

	if (!pay(c, 1))
		return false;
	if (node->is_false)
		return fail(c, "is not allowed here");
	if (c->depth == 2 * SCHEMA_DEPTH_MAX)
		return give_up(c, "the schema refers to itself too often");
	c->depth++;
	is_valid = combined_check(c, node, value);
	if (!type_check(c, node, value) || !choice_check(c, node, value))
		is_valid = false;
	else if ((json_is_number(value) || json_is_string(value)) && !content_check(c, node, value))
		is_valid = false;
	else if (json_is_array(value) && !array_check(c, node, value))
		is_valid = false;
	else if (json_is_object(value) && !object_check(c, node, value))
		is_valid = false;
	c->depth--;
	return is_valid && !is_over(c);
}

int schema_check(const struct schema *schema, json_t *value, bool fills_in, base_report_fn report,
		 void *arg)
{
	struct checking c = {
		.report = report, .arg = arg, .steps = SCHEMA_STEPS_MAX, .is_filling = fills_in};

	if (!schema_value_is_flat(value, SCHEMA_DEPTH_MAX))
		give_up(&c, "has too many objects and arrays in each other");
	else
		node_check(&c, schema->root, value);
	if (c.nerrors > 0)
		return -EBADMSG;
	return c.is_short ? -ENOMEM : 0;
}
