/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "import/out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "dns/tsig.h"

void import_out_init(struct import_out *o, struct import_tree *tree)
{
	*o = (struct import_out){.tree = tree};
	o->zones_end = &o->zones;
}

void import_out_fini(struct import_out *o)
{
	free(o->listen.items);
	free(o->keys);
	for (struct import_zone *z = o->zones; z != NULL; z = z->next) {
		free(z->keys.items);
		free(z->rules.items);
		free(z->transfer_keys.items);
		free(z->transfer_addresses.items);
	}
}

void import_out_add(struct import_out *o, struct import_texts *texts, const char *text)
{
	const char **grown;

	for (size_t i = 0; i < texts->count; i++)
		if (strcasecmp(texts->items[i], text) == 0)
			return;
	grown = base_grow(texts->items, texts->count, &texts->capacity, sizeof(*grown));
	if (grown == NULL) {
		o->tree->is_short = true;
		return;
	}
	texts->items = grown;
	texts->items[texts->count++] = text;
}

void import_out_left(struct import_out *o, struct base_location at, const char *format, ...)
{
	struct base_error error = {.code = -ENOTSUP, .at = at};
	va_list list;

	va_start(list, format);
	vsnprintf(error.text, sizeof(error.text), format, list);
	va_end(list);
	o->nleft++;
	o->tree->report(o->tree->arg, BASE_LOG_WARNING, &error);
}

void import_out_key(struct import_out *o, struct base_location at, const char *name,
		    const char *algorithm, const char *secret)
{
	struct dns_tsig_algorithm known;
	struct import_key *grown;

	if (name == NULL || secret == NULL) {
		import_out_left(o, at, "key %s has no secret: left out", name == NULL ? "" : name);
		return;
	}
	for (size_t i = 0; i < o->nkeys; i++) {
		if (strcasecmp(o->keys[i].name, name) == 0) {
			import_out_left(o, at, "key %s is there already: left out", name);
			return;
		}
	}
	if (algorithm != NULL &&
	    !dns_tsig_algorithm_from_text(&known, algorithm, strlen(algorithm)))
		import_out_left(o, at,
				"key %s: weftd does not have %s: make a new key with weft key "
				"generate",
				name, algorithm);
	grown = base_grow(o->keys, o->nkeys, &o->keys_capacity, sizeof(*grown));
	if (grown == NULL) {
		o->tree->is_short = true;
		return;
	}
	o->keys = grown;
	o->keys[o->nkeys++] = (struct import_key){
		name, algorithm == NULL ? "hmac-sha256" : algorithm, secret};
}

struct import_zone *import_out_zone(struct import_out *o, struct base_location at, const char *name,
				    const char *file)
{
	struct import_zone *z;

	for (z = o->zones; z != NULL; z = z->next) {
		if (strcasecmp(z->name, name) == 0) {
			import_out_left(o, at, "zone %s is there already (%s:%u): left out", name,
					z->at.file, z->at.line);
			return NULL;
		}
	}
	z = base_arena_alloc(&o->tree->arena, sizeof(*z));
	if (z == NULL) {
		o->tree->is_short = true;
		return NULL;
	}
	*z = (struct import_zone){.name = name, .file = file, .at = at};
	*o->zones_end = z;
	o->zones_end = &z->next;
	o->nzones++;
	return z;
}

/* A rule that permits a key everything, as `update: {key: ...}` does. */
static void rule_of_key(struct import_out *o, struct import_zone *z, const char *key)
{
	size_t n = strlen(key) + 32;
	char *rule = base_arena_alloc(&o->tree->arena, n);

	if (rule == NULL) {
		o->tree->is_short = true;
		return;
	}
	snprintf(rule, n, "grant %s zonesub ANY", key);
	import_out_add(o, &z->rules, rule);
}

void import_out_full(struct import_out *o, struct import_zone *z, const char *key)
{
	if (z->rules.count > 0)
		rule_of_key(o, z, key);
	else
		import_out_add(o, &z->keys, key);
}

void import_out_rule(struct import_out *o, struct import_zone *z, const char *rule)
{
	for (size_t i = 0; i < z->keys.count; i++)
		rule_of_key(o, z, z->keys.items[i]);
	z->keys.count = 0;
	import_out_add(o, &z->rules, rule);
}

void import_out_zone_end(struct import_out *o, struct import_zone *z)
{
	if (z->transfer_keys.count == 0 || z->transfer_addresses.count == 0 ||
	    (z->nboth == 1 && z->nsingle == 0))
		return;
	import_out_left(o, z->at,
			"zone %s: transfer by a key or from an address has no equivalent: the "
			"addresses are left out, so give these clients a key",
			z->name);
	z->transfer_addresses.count = 0;
}

/* Writes a text in YAML's double quotes. */
static void quoted_write(FILE *file, const char *text)
{
	fputc('"', file);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', file);
		if ((unsigned char)*text < ' ')
			fprintf(file, "\\x%02x", (unsigned char)*text);
		else
			fputc(*text, file);
	}
	fputc('"', file);
}

static void texts_write(FILE *file, const char *before, const struct import_texts *texts)
{
	fputs(before, file);
	fputc('[', file);
	for (size_t i = 0; i < texts->count; i++) {
		if (i > 0)
			fputs(", ", file);
		quoted_write(file, texts->items[i]);
	}
	fputs("]\n", file);
}

static void zone_write(FILE *file, const struct import_zone *z)
{
	fputs("  - name: ", file);
	quoted_write(file, z->name);
	fputs("\n    file: ", file);
	quoted_write(file, z->file);
	fputc('\n', file);
	if (z->rules.count > 0) {
		fputs("    update:\n      policy:\n", file);
		for (size_t i = 0; i < z->rules.count; i++) {
			fputs("        - ", file);
			quoted_write(file, z->rules.items[i]);
			fputc('\n', file);
		}
	} else if (z->keys.count > 0) {
		texts_write(file, "    update:\n      key: ", &z->keys);
	}
	if (z->transfer_keys.count + z->transfer_addresses.count > 0)
		fputs("    transfer:\n", file);
	if (z->transfer_keys.count > 0)
		texts_write(file, "      key: ", &z->transfer_keys);
	if (z->transfer_addresses.count > 0)
		texts_write(file, "      address: ", &z->transfer_addresses);
}

int import_out_write(const struct import_out *o, FILE *file, const char *from)
{
	fprintf(file, "# Made by weft import from %s.\n", from);
	if (o->listen.count > 0)
		texts_write(file, "server:\n  listen: ", &o->listen);
	if (o->nkeys > 0)
		fputs("key:\n", file);
	for (size_t i = 0; i < o->nkeys; i++) {
		fputs("  - name: ", file);
		quoted_write(file, o->keys[i].name);
		fputs("\n    algorithm: ", file);
		quoted_write(file, o->keys[i].algorithm);
		fputs("\n    secret: ", file);
		quoted_write(file, o->keys[i].secret);
		fputc('\n', file);
	}
	if (o->nzones > 0)
		fputs("zone:\n", file);
	for (const struct import_zone *z = o->zones; z != NULL; z = z->next)
		zone_write(file, z);
	return fflush(file) != 0 || ferror(file) ? -EIO : 0;
}
