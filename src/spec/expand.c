/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/expand.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"

enum { NAME_MAX_SHOWN = 80, NUMBER_MAX = 24 };

static const char path_default[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
static const char *const of_fences[] = {"WEFT_FENCE_INC", "WEFT_FENCE_NODE"};
static const char uses_prefix[] = "WEFT_USES_";

/* What every process of a service has. */
static const char *const always[] = {"PATH",	     "WEFT_ID",	  "WEFT_INC",	    "WEFT_KEY_FILE",
				     "WEFT_NAME",    "WEFT_NODE", "WEFT_PORT",	    "WEFT_REGISTRY",
				     "WEFT_RESTORE", "WEFT_TYPE", "WEFT_PARAMETERS"};

/* ---- texts ---- */

/* A variable in a text: `$NAME`, `${NAME}` or `$$`. */
struct variable {
	const char *name;
	size_t nchars; /* 0: a dollar sign */
	const char *after;
};

static bool is_first(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Takes the variable apart that `at`, a dollar sign, begins. Returns false if it does not. */
static bool variable_parse(const char *at, struct variable *out)
{
	bool has_brace = at[1] == '{';
	const char *name = at + 1 + has_brace, *end = name;

	if (at[1] == '$') {
		*out = (struct variable){.after = at + 2};
		return true;
	}
	if (!is_first(*name))
		return false;
	while (is_first(*end) || (*end >= '0' && *end <= '9'))
		end++;
	if (has_brace && *end != '}')
		return false;
	*out = (struct variable){name, (size_t)(end - name), end + has_brace};
	return true;
}

static bool is_name(const struct variable *v, const char *name)
{
	return strlen(name) == v->nchars && strncmp(v->name, name, v->nchars) == 0;
}

/* Returns the character of a variable's name for one of a service's name. */
static char use_char(char c)
{
	return c == '-' ? '_' : (char)toupper((unsigned char)c);
}

static bool is_use(const struct variable *v, const char *name)
{
	size_t n = strlen(uses_prefix);

	if (v->nchars != n + strlen(name) || strncmp(v->name, uses_prefix, n) != 0)
		return false;
	for (size_t i = 0; name[i] != '\0'; i++)
		if (use_char(name[i]) != v->name[n + i])
			return false;
	return true;
}

static bool is_known(const struct spec_service *s, const struct variable *v,
		     enum spec_expand_where where)
{
	if (where == SPEC_EXPAND_FENCE && (is_name(v, of_fences[0]) || is_name(v, of_fences[1])))
		return true;
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (is_name(v, always[i]))
			return true;
	for (size_t i = 0; i < s->uses.count; i++)
		if (s->uses.items[i].name != NULL && is_use(v, s->uses.items[i].name))
			return true;
	for (size_t i = 0; where != SPEC_EXPAND_VALUE && i < s->environment.count; i++)
		if (is_name(v, s->environment.items[i].name))
			return true;
	return false;
}

int spec_expand_check(const struct spec_service *s, const char *text, enum spec_expand_where where,
		      struct base_error *error)
{
	struct variable v;

	while ((text = strchr(text, '$')) != NULL) {
		if (!variable_parse(text, &v))
			return base_error_set(error, -EINVAL,
					      "$ begins a variable, $NAME or ${NAME}; $$ is a $");
		text = v.after;
		if (v.nchars == 0 || is_known(s, &v, where))
			continue;
		for (size_t i = 0; i < s->secret.count; i++)
			if (is_name(&v, s->secret.items[i].name))
				return base_error_set(
					error, -EINVAL,
					"$%s is a secret: read it from the environment",
					s->secret.items[i].name);
		return base_error_set(error, -EINVAL, "there is no variable $%.*s",
				      v.nchars < NAME_MAX_SHOWN ? (int)v.nchars : NAME_MAX_SHOWN,
				      v.name);
	}
	return 0;
}

static const char *value_find(const struct spec_pairs *environment, const struct variable *v)
{
	if (v->nchars == 0)
		return "$";
	for (size_t i = 0; i < environment->count; i++)
		if (is_name(v, environment->items[i].name))
			return environment->items[i].value;
	return "";
}

/* Writes the text with its variables replaced to `out`, unless that is NULL. Returns its length. */
static size_t text_write(char *out, const char *text, const struct spec_pairs *environment)
{
	size_t used = 0;

	while (*text != '\0') {
		const char *piece = text;
		size_t n = strcspn(text, "$");
		struct variable v;

		if (n > 0) {
			text += n;
		} else if (variable_parse(text, &v)) {
			piece = value_find(environment, &v);
			n = strlen(piece);
			text = v.after;
		} else {
			n = 1;
			text++;
		}
		if (out != NULL)
			memcpy(out + used, piece, n);
		used += n;
	}
	return used;
}

int spec_expand_text(const char **out, struct base_arena *arena, const char *text,
		     const struct spec_pairs *environment)
{
	size_t n = text_write(NULL, text, environment);
	char *copy = base_arena_alloc(arena, n + 1);

	if (copy == NULL)
		return -ENOMEM;
	text_write(copy, text, environment);
	copy[n] = '\0';
	*out = copy;
	return 0;
}

int spec_expand_command(struct spec_words *out, struct base_arena *arena,
			const struct spec_words *command, const struct spec_pairs *environment)
{
	const char **items = base_arena_alloc(arena, (command->count + 1) * sizeof(*items));
	int ret = items != NULL ? 0 : -ENOMEM;

	for (size_t i = 0; ret == 0 && i < command->count; i++)
		ret = spec_expand_text(&items[i], arena, command->items[i], environment);
	if (ret < 0)
		return ret;
	items[command->count] = NULL;
	*out = (struct spec_words){items, command->count};
	return 0;
}

/* ---- an environment ---- */

struct making {
	struct base_arena *arena;
	struct spec_pairs pairs; /* with room for all */
	bool is_short;
};

static const char *text_join(struct making *m, const char *prefix, const char *text)
{
	size_t n = strlen(prefix), size = strlen(text) + 1;
	char *copy = base_arena_alloc(m->arena, n + size);

	if (copy == NULL) {
		m->is_short = true;
		return "";
	}
	memcpy(copy, prefix, n);
	memcpy(copy + n, text, size);
	return copy;
}

/* Adds a variable, whose texts are copied. */
static void variable_add(struct making *m, const char *prefix, const char *name, const char *value)
{
	m->pairs.items[m->pairs.count++] =
		(struct spec_pair){text_join(m, prefix, name), text_join(m, "", value)};
}

static void number_add(struct making *m, const char *name, uint64_t number)
{
	char digits[NUMBER_MAX];

	snprintf(digits, sizeof(digits), "%" PRIu64, number);
	variable_add(m, "", name, digits);
}

static void facts_add(struct making *m, const struct spec_service *s,
		      const struct spec_facts *facts)
{
	variable_add(m, "", "PATH", path_default);
	variable_add(m, "", "WEFT_ID", facts->id);
	number_add(m, "WEFT_INC", facts->inc);
	variable_add(m, "", "WEFT_KEY_FILE", facts->key_file);
	variable_add(m, "", "WEFT_NAME", facts->name);
	variable_add(m, "", "WEFT_NODE", facts->node);
	number_add(m, "WEFT_PORT", facts->port);
	variable_add(m, "", "WEFT_REGISTRY", facts->registry);
	variable_add(m, "", "WEFT_RESTORE", facts->has_state ? "1" : "0");
	variable_add(m, "", "WEFT_TYPE", s->type);
	variable_add(m, "", "WEFT_PARAMETERS", facts->parameters_file);
	if (facts->fence_node != NULL) {
		variable_add(m, "", "WEFT_FENCE_NODE", facts->fence_node);
		number_add(m, "WEFT_FENCE_INC", facts->fence_inc);
	}
	for (size_t i = 0; i < facts->nuses; i++) {
		char *name = (char *)text_join(m, uses_prefix, facts->uses[i].name);

		for (size_t j = 0; !m->is_short && name[j] != '\0'; j++)
			name[j] = use_char(name[j]);
		variable_add(m, "", name, facts->uses[i].value);
	}
}

/* The parameters of a resource agent: texts as they are, other values as JSON. */
static void parameters_add(struct making *m, const json_t *parameters)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)parameters, name, value)
	{
		char *text = json_is_string(value)
				     ? NULL
				     : json_dumps(value,
						  JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);

		if (!json_is_string(value) && text == NULL)
			m->is_short = true;
		else
			variable_add(m, "OCF_RESKEY_", name,
				     text != NULL ? text : json_string_value(value));
		free(text);
	}
}

static int pair_compare(const void *a, const void *b)
{
	const struct spec_pair *pa = a, *pb = b;

	return strcmp(pa->name, pb->name);
}

/* Sets a variable, or adds it: PATH may be there. */
static void variable_set(struct making *m, const char *name, const char *value)
{
	for (size_t i = 0; i < m->pairs.count; i++)
		if (strcmp(m->pairs.items[i].name, name) == 0) {
			m->pairs.items[i].value = text_join(m, "", value);
			return;
		}
	variable_add(m, "", name, value);
}

static void declared_add(struct making *m, const struct spec_service *s,
			 const struct spec_facts *facts)
{
	struct spec_pairs known = m->pairs;
	const char *value;

	/* Values may use what the agent sets, and no other values: their order does not matter. */
	for (size_t i = 0; !m->is_short && i < s->environment.count; i++) {
		if (spec_expand_text(&value, m->arena, s->environment.items[i].value, &known) < 0)
			m->is_short = true;
		else
			variable_set(m, s->environment.items[i].name, value);
	}
	for (size_t i = 0; i < facts->nsecrets; i++)
		variable_set(m, facts->secrets[i].name, facts->secrets[i].value);
}

int spec_expand_environment(struct spec_pairs *out, struct base_arena *arena,
			    const struct spec_service *s, const struct spec_facts *facts)
{
	bool has_agent = spec_service_form(s) == SPEC_FORM_OCF && s->parameters != NULL;
	json_t *parameters = has_agent ? json_loads(s->parameters, 0, NULL) : NULL;
	size_t most = sizeof(always) / sizeof(always[0]) + facts->nuses + s->environment.count +
		      facts->nsecrets + json_object_size(parameters) +
		      sizeof(of_fences) / sizeof(of_fences[0]);
	struct making m = {.arena = arena};

	m.pairs.items = base_arena_alloc(arena, most * sizeof(m.pairs.items[0]));
	if (m.pairs.items == NULL || (has_agent && parameters == NULL)) {
		json_decref(parameters);
		return -ENOMEM;
	}
	facts_add(&m, s, facts);
	parameters_add(&m, parameters);
	declared_add(&m, s, facts);
	json_decref(parameters);
	if (m.is_short)
		return -ENOMEM;
	qsort(m.pairs.items, m.pairs.count, sizeof(m.pairs.items[0]), pair_compare);
	*out = m.pairs;
	return 0;
}
