/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/pointer.h"
#include "spec/json.h"

/* The consequence of a change of each option; `parameters` have that of `reload`. */
static const struct {
	const char *option;
	enum spec_consequence consequence;
} options[] = {
	{"name", SPEC_ANOTHER},		 {"type", SPEC_ANOTHER},
	{"version", SPEC_RESTART},	 {"schema", SPEC_NOTHING},
	{"count", SPEC_NOTHING},	 {"on", SPEC_NOTHING},
	{"prefer", SPEC_NOTHING},	 {"avoid", SPEC_NOTHING},
	{"name-resource", SPEC_RESTART}, {"prepare", SPEC_RESTART},
	{"run", SPEC_RESTART},		 {"ocf", SPEC_RESTART},
	{"unit", SPEC_RESTART},		 {"machine", SPEC_RESTART},
	{"parameters", SPEC_RESTART},	 {"reload", SPEC_NOTHING},
	{"user", SPEC_RESTART},		 {"folder", SPEC_RESTART},
	{"environment", SPEC_RESTART},	 {"secret", SPEC_RESTART},
	{"limits", SPEC_RESTART},	 {"output", SPEC_RESTART},
	{"port", SPEC_RESTART},		 {"listen", SPEC_RESTART},
	{"ttl", SPEC_REREGISTER},	 {"priority", SPEC_REREGISTER},
	{"weight", SPEC_REREGISTER},	 {"text", SPEC_REREGISTER},
	{"check", SPEC_NOTHING},	 {"stop", SPEC_NOTHING},
	{"restart", SPEC_NOTHING},	 {"uses", SPEC_RESTART},
	{"resources", SPEC_RESTART},	 {"state", SPEC_NOTHING},
	{"lost", SPEC_NOTHING},		 {"fence", SPEC_NOTHING},
};

enum spec_consequence spec_diff_consequence(const char *option, const struct spec_action *reload)
{
	if (strcmp(option, "parameters") == 0 && reload->act != SPEC_ACT_RESTART)
		return reload->act == SPEC_ACT_NOTHING ? SPEC_NOTHING : SPEC_SIGNAL;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(options[i].option, option) == 0)
			return options[i].consequence;
	return SPEC_RESTART;
}

const char *spec_diff_consequence_text(enum spec_consequence consequence)
{
	static const char *const texts[] = {
		[SPEC_NOTHING] = "nothing",	    [SPEC_REREGISTER] = "register again",
		[SPEC_SIGNAL] = "reload",	    [SPEC_RESTART] = "restart",
		[SPEC_ANOTHER] = "another service",
	};

	return texts[consequence];
}

/* ---- names in both ---- */

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Returns the names of the members of both objects, sorted, each once, for the caller to free; NULL
 * if memory is short. Either object may be NULL. */
static const char **names_of(const json_t *a, const json_t *b, size_t *count)
{
	const char **names = calloc(json_object_size(a) + json_object_size(b) + 1, sizeof(*names));
	const char *name;
	json_t *member;

	*count = 0;
	if (names == NULL)
		return NULL;
	json_object_foreach((json_t *)a, name, member) names[(*count)++] = name;
	json_object_foreach((json_t *)b, name, member)
	{
		if (json_object_get(a, name) == NULL)
			names[(*count)++] = name;
	}
	qsort((void *)names, *count, sizeof(*names), name_compare);
	return names;
}

static bool is_same(const json_t *a, const json_t *b)
{
	return a == b || (a != NULL && b != NULL && json_equal((json_t *)a, (json_t *)b));
}

/* ---- differences ---- */

struct finding {
	spec_diff_fn on_difference;
	void *arg;
	struct schema_pointer at;
	enum spec_consequence consequence; /* of the option that is being compared */
};

static int members_find(struct finding *f, const json_t *a, const json_t *b);

static int value_find(struct finding *f, const char *name, const json_t *a, const json_t *b)
{
	size_t nchars = schema_pointer_add(&f->at, name);
	int ret = 0;

	if (json_is_object(a) && json_is_object(b))
		ret = members_find(f, a, b);
	else if (!is_same(a, b) && f->on_difference != NULL)
		f->on_difference(f->arg, f->at.text, a, b, f->consequence);
	schema_pointer_cut(&f->at, nchars);
	return ret;
}

static int members_find(struct finding *f, const json_t *a, const json_t *b)
{
	size_t count;
	const char **names = names_of(a, b, &count);
	int ret = names != NULL ? 0 : -ENOMEM;

	for (size_t i = 0; ret == 0 && i < count; i++)
		ret = value_find(f, names[i], json_object_get(a, names[i]),
				 json_object_get(b, names[i]));
	free((void *)names);
	return ret;
}

static int options_find(struct finding *f, const json_t *a, const json_t *b,
			const struct spec_action *reload, enum spec_consequence *worst)
{
	size_t count;
	const char **names = names_of(a, b, &count);
	int ret = names != NULL ? 0 : -ENOMEM;

	for (size_t i = 0; ret == 0 && i < count; i++) {
		const json_t *va = json_object_get(a, names[i]), *vb = json_object_get(b, names[i]);

		if (is_same(va, vb))
			continue;
		f->consequence = spec_diff_consequence(names[i], reload);
		if (f->consequence > *worst)
			*worst = f->consequence;
		ret = value_find(f, names[i], va, vb);
	}
	free((void *)names);
	return ret;
}

int spec_diff_find(const struct spec_service *before, const struct spec_service *after,
		   spec_diff_fn on_difference, void *arg, enum spec_consequence *worst)
{
	struct finding f = {.on_difference = on_difference, .arg = arg};
	json_t *a = spec_json_of(before), *b = spec_json_of(after);
	int ret = -ENOMEM;

	*worst = SPEC_NOTHING;
	schema_pointer_init(&f.at);
	if (a != NULL && b != NULL)
		ret = options_find(&f, a, b, &after->reload, worst);
	json_decref(a);
	json_decref(b);
	return ret;
}

/* ---- as text ---- */

/* Writes a value in one line. */
static int scalar_show(FILE *out, const json_t *value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/";
	const char *text = json_string_value(value);

	if (text != NULL && strspn(text, plain) > 0 &&
	    text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/"
			      "0123456789.-")] == '\0' &&
	    strcmp(text, "true") != 0 && strcmp(text, "false") != 0 && strcmp(text, "null") != 0)
		return fputs(text, out) < 0 ? -ENOMEM : 0;
	return json_dumpf(value, out, JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_REAL_PRECISION(10)) <
			       0
		       ? -ENOMEM
		       : 0;
}

/* Writes a member's name, which may be any text, like a value. */
static int name_show(FILE *out, const char *name)
{
	json_t *value = json_string(name);
	int ret = value != NULL ? scalar_show(out, value) : -ENOMEM;

	json_decref(value);
	return ret;
}

/* Writes the difference of two members of that name; one may be NULL. */
static int member_show(FILE *out, const char *name, const json_t *a, const json_t *b,
		       unsigned depth)
{
	const json_t *value = b != NULL ? b : a;
	char sign = a == NULL ? '+' : b == NULL ? '-' : ' ';
	size_t count;
	const char **names;
	int ret = 0;

	if (a != NULL && b != NULL && !json_is_object(a) && !is_same(a, b)) {
		ret = member_show(out, name, a, NULL, depth);
		return ret < 0 ? ret : member_show(out, name, NULL, b, depth);
	}
	fprintf(out, "%c %*s", sign, (int)depth * 2, "");
	ret = name_show(out, name);
	if (ret < 0)
		return ret;
	fputc(':', out);
	if (!json_is_object(value)) {
		fputc(' ', out);
		ret = scalar_show(out, value);
		fputc('\n', out);
		return ret;
	}
	fputc('\n', out);
	names = names_of(a, b, &count);
	if (names == NULL)
		return -ENOMEM;
	for (size_t i = 0; ret == 0 && i < count; i++)
		ret = member_show(out, names[i], json_object_get(a, names[i]),
				  json_object_get(b, names[i]), depth + 1);
	free((void *)names);
	return ret;
}

int spec_diff_show_json(FILE *out, const json_t *before, const json_t *after)
{
	const char **names;
	size_t count;
	int ret = 0;

	if (is_same(before, after))
		return 0;
	names = names_of(before, after, &count);
	if (names == NULL)
		return -ENOMEM;
	for (size_t i = 0; ret == 0 && i < count; i++)
		ret = member_show(out, names[i], json_object_get(before, names[i]),
				  json_object_get(after, names[i]), 0);
	free((void *)names);
	return ret;
}

int spec_diff_show(FILE *out, const struct spec_service *before, const struct spec_service *after)
{
	json_t *a = before != NULL ? spec_json_of(before) : NULL;
	json_t *b = after != NULL ? spec_json_of(after) : NULL;
	int ret = -ENOMEM;

	if ((a == NULL) == (before == NULL) && (b == NULL) == (after == NULL))
		ret = spec_diff_show_json(out, a, b);
	json_decref(a);
	json_decref(b);
	return ret;
}
