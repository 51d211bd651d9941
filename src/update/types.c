/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "dnssd/kind.h"

struct rule {
	uint8_t *type; /* the first two labels, in lower case, then the root; NULL: all others */
	uint8_t **keys;
	size_t nkeys;
};

struct update_types {
	size_t count;
	struct rule rules[];
};

static uint8_t *copy(const uint8_t *name)
{
	uint8_t *bytes = malloc(dns_name_nbytes(name));

	if (bytes != NULL)
		dns_name_lower(bytes, name);
	return bytes;
}

static bool rule_copy(struct rule *out, const struct update_type_rule *rule)
{
	out->keys = calloc(rule->nkeys + 1, sizeof(*out->keys));
	if (out->keys == NULL)
		return false;
	if (rule->type != NULL && (out->type = copy(rule->type)) == NULL)
		return false;
	for (; out->nkeys < rule->nkeys; out->nkeys++)
		if ((out->keys[out->nkeys] = copy(rule->keys[out->nkeys])) == NULL)
			return false;
	return true;
}

struct update_types *update_types_new(const struct update_type_rule *rules, size_t count)
{
	struct update_types *t = calloc(1, sizeof(*t) + count * sizeof(*t->rules));

	if (t == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		t->count++;
		if (!rule_copy(&t->rules[i], &rules[i])) {
			update_types_free(t);
			return NULL;
		}
	}
	return t;
}

void update_types_free(struct update_types *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->count; i++) {
		for (size_t k = 0; k < t->rules[i].nkeys; k++)
			free(t->rules[i].keys[k]);
		free(t->rules[i].keys);
		free(t->rules[i].type);
	}
	free(t);
}

bool update_types_parse(uint8_t *type, bool *is_other, const char *text)
{
	static const uint8_t root[] = {0};

	*is_other = strcmp(text, "*") == 0;
	return *is_other || (dns_name_from_text(type, text, strlen(text), NULL) > 0 &&
			     dns_name_labels(type) == 2 && dnssd_kind_of(type, root) == DNSSD_TYPE);
}

/* Returns whether the first two labels of `type` are those of the rule. */
static bool is_of_type(const struct rule *rule, const uint8_t *type)
{
	size_t n = dns_name_nbytes(rule->type) - 1;
	uint8_t lower[DNS_NAME_MAX];

	return dns_name_lower(lower, type) > n && memcmp(lower, rule->type, n) == 0;
}

static const struct rule *find(const struct update_types *t, const uint8_t *type)
{
	const struct rule *other = NULL;

	for (size_t i = 0; i < t->count; i++) {
		if (t->rules[i].type == NULL)
			other = &t->rules[i];
		else if (is_of_type(&t->rules[i], type))
			return &t->rules[i];
	}
	return other;
}

static void append(char *text, const char *more)
{
	strncat(text, more, UPDATE_TYPES_TEXT_MAX - strlen(text) - 1);
}

static void rule_to_text(char *text, const struct rule *rule)
{
	char name[DNS_NAME_TEXT_MAX] = "*";

	if (rule->type != NULL)
		name[dns_name_to_text(name, rule->type) - 1] = '\0';
	snprintf(text, UPDATE_TYPES_TEXT_MAX, "types: %.60s: [", name);
	for (size_t i = 0; i < rule->nkeys; i++) {
		append(text, i > 0 ? ", " : "");
		dns_name_to_text(name, rule->keys[i]);
		append(text, name);
	}
	append(text, "]");
}

bool update_types_permit(const struct update_types *t, const uint8_t *key, const uint8_t *type,
			 char text[static UPDATE_TYPES_TEXT_MAX])
{
	const struct rule *rule = t == NULL ? NULL : find(t, type);

	if (rule == NULL)
		return true;
	for (size_t i = 0; i < rule->nkeys; i++)
		if (dns_name_equal(rule->keys[i], key))
			return true;
	rule_to_text(text, rule);
	return false;
}
