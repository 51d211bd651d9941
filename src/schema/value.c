/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "schema/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { TEXT_STEP = 64 }; /* octets of a text that cost one step */

int schema_value_compare(const json_t *a, const json_t *b)
{
	if (json_is_integer(a) && json_is_integer(b)) {
		json_int_t ia = json_integer_value(a), ib = json_integer_value(b);

		return (ia > ib) - (ia < ib);
	}
	double da = json_number_value(a), db = json_number_value(b);

	return (da > db) - (da < db);
}

static bool step(size_t *steps, size_t cost)
{
	*steps = *steps > cost ? *steps - cost : 0;
	return *steps > 0;
}

static bool is_equal_text(const json_t *a, const json_t *b, size_t *steps)
{
	size_t n = json_string_length(a);

	return json_string_length(b) == n && step(steps, n / TEXT_STEP) &&
	       memcmp(json_string_value(a), json_string_value(b), n) == 0;
}

static bool is_equal_array(const json_t *a, const json_t *b, size_t *steps)
{
	size_t n = json_array_size(a);

	if (json_array_size(b) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!schema_value_equal(json_array_get(a, i), json_array_get(b, i), steps))
			return false;
	return true;
}

static bool is_equal_object(const json_t *a, const json_t *b, size_t *steps)
{
	const char *name;
	json_t *member;

	if (json_object_size(a) != json_object_size(b))
		return false;
	json_object_foreach((json_t *)a, name, member)
	{
		const json_t *other = json_object_get(b, name);

		if (other == NULL || !schema_value_equal(member, other, steps))
			return false;
	}
	return true;
}

bool schema_value_equal(const json_t *a, const json_t *b, size_t *steps)
{
	if (!step(steps, 1))
		return false;
	if (json_is_number(a) && json_is_number(b))
		return schema_value_compare(a, b) == 0;
	if (json_typeof(a) != json_typeof(b))
		return false;
	switch (json_typeof(a)) {
	case JSON_STRING:
		return is_equal_text(a, b, steps);
	case JSON_ARRAY:
		return is_equal_array(a, b, steps);
	case JSON_OBJECT:
		return is_equal_object(a, b, steps);
	default:
		return true;
	}
}

uint64_t schema_value_hash(const json_t *value)
{
	uint64_t hash = json_typeof(value), one;
	const char *name;
	json_t *member;
	double number;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_INTEGER:
	case JSON_REAL:
		number = json_number_value(value) + 0.0; /* -0 is 0 */
		return base_hash(&number, sizeof(number), JSON_REAL);
	case JSON_STRING:
		return base_hash(json_string_value(value), json_string_length(value), JSON_STRING);
	case JSON_ARRAY:
		json_array_foreach(value, i, member)
		{
			one = schema_value_hash(member);
			hash = base_hash(&one, sizeof(one), hash);
		}
		return hash;
	case JSON_OBJECT:
		/* The order of members does not matter. */
		json_object_foreach((json_t *)value, name, member)
		{
			one = schema_value_hash(member);
			hash += base_hash(name, strlen(name), one);
		}
		return hash;
	default:
		return hash;
	}
}

size_t schema_value_weight(const json_t *value)
{
	size_t weight = 1, i;
	const char *name;
	json_t *member;

	if (json_is_string(value))
		return weight + json_string_length(value) / TEXT_STEP;
	if (json_is_array(value))
		json_array_foreach(value, i, member) weight += schema_value_weight(member);
	else if (json_is_object(value))
		json_object_foreach((json_t *)value, name, member) weight +=
			schema_value_weight(member) + strlen(name) / TEXT_STEP;
	return weight;
}

bool schema_value_is_flat(const json_t *value, unsigned depth)
{
	const char *name;
	json_t *member;
	size_t i;

	if (!json_is_array(value) && !json_is_object(value))
		return true;
	if (depth == 0)
		return false;
	if (json_is_array(value)) {
		json_array_foreach(value, i, member)
		{
			if (!schema_value_is_flat(member, depth - 1))
				return false;
		}
		return true;
	}
	json_object_foreach((json_t *)value, name, member)
	{
		if (!schema_value_is_flat(member, depth - 1))
			return false;
	}
	return true;
}

/* Collects the beginning of what is dumped. */
struct shown {
	char *out;
	size_t used; /* at most SCHEMA_VALUE_TEXT_MAX */
};

static int text_collect(const char *text, size_t n, void *arg)
{
	struct shown *shown = arg;
	size_t left = SCHEMA_VALUE_TEXT_MAX - shown->used;

	n = n < left ? n : left;
	memcpy(shown->out + shown->used, text, n);
	shown->used += n;
	return shown->used < SCHEMA_VALUE_TEXT_MAX ? 0 : -1;
}

const char *schema_value_show(char out[static SCHEMA_VALUE_TEXT_MAX], const json_t *value)
{
	struct shown shown = {.out = out};
	size_t n;

	json_dump_callback(value, text_collect, &shown,
			   JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15) |
				   JSON_SORT_KEYS);
	n = shown.used;
	if (n < SCHEMA_VALUE_TEXT_MAX) {
		out[n] = '\0';
		return out;
	}
	/* Cut before a character of UTF-8, never within it. */
	n = SCHEMA_VALUE_TEXT_MAX - sizeof("...");
	while (n > 0 && ((unsigned char)out[n] & 0xc0) == 0x80)
		n--;
	strcpy(out + n, "...");
	return out;
}
