/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/environment.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/secret.h"
#include "outfit/known.h"
#include "outfit/secrets.h"
#include "spec/expand.h"

enum { ARENA_BYTES = 256 };

static int strings_make(struct outfit_environment *e)
{
	e->strings = base_arena_alloc(&e->arena, (e->variables.count + 1) * sizeof(*e->strings));
	if (e->strings == NULL)
		return -ENOMEM;
	e->strings[0] = NULL;
	for (size_t i = 0; i < e->variables.count; i++) {
		const struct spec_pair *one = &e->variables.items[i];
		size_t nname = strlen(one->name), nvalue = strlen(one->value);
		char *text = base_arena_alloc(&e->arena, nname + nvalue + 2);

		if (text == NULL)
			return -ENOMEM;
		memcpy(text, one->name, nname);
		text[nname] = '=';
		memcpy(text + nname + 1, one->value, nvalue + 1);
		e->strings[i] = text;
		e->strings[i + 1] = NULL;
	}
	return 0;
}

static void pairs_wipe(struct spec_pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++)
		base_secret_wipe((char *)pairs->items[i].value, strlen(pairs->items[i].value));
}

/* Reads what can be read. */
static void secrets_read_some(struct spec_pairs *out, struct base_arena *arena,
			      const struct spec_pairs *declared)
{
	struct spec_pair *items = base_arena_alloc(arena, (declared->count + 1) * sizeof(*items));
	size_t n = 0;

	for (size_t i = 0; items != NULL && i < declared->count; i++) {
		const struct spec_pairs one = {&declared->items[i], 1};
		struct spec_pairs value;

		if (outfit_secrets_read(&value, arena, &one, NULL) == 0)
			items[n++] = value.items[0];
	}
	*out = (struct spec_pairs){items, n};
}

int outfit_environment_make(struct outfit_environment *out,
			    const struct outfit_environment_settings *settings,
			    const struct outfit_facts *facts, struct base_error *error)
{
	struct spec_facts known = {
		.id = facts->id,
		.name = facts->label,
		.node = settings->node->name,
		.registry = settings->node->registry,
		.key_file = settings->node->key_file,
		.inc = facts->inc,
		.port = settings->port,
		.has_state = facts->must_restore,
		.parameters_file = settings->parameters_file,
		.uses = facts->uses,
		.nuses = facts->nuses,
		.fence_node = facts->fence_node,
		.fence_inc = facts->fence_inc,
	};
	struct spec_pairs secrets = {0};
	struct base_arena scratch;
	int ret = 0;

	*out = (struct outfit_environment){0};
	base_arena_init(&out->arena, ARENA_BYTES);
	base_arena_init(&scratch, ARENA_BYTES);
	if (settings->is_lenient)
		secrets_read_some(&secrets, &scratch, &settings->s->secret);
	else
		ret = outfit_secrets_read(&secrets, &scratch, &settings->s->secret, error);
	known.secrets = secrets.items;
	known.nsecrets = secrets.count;
	if (ret == 0) {
		ret = spec_expand_environment(&out->variables, &out->arena, settings->s, &known);
		if (ret == 0)
			ret = strings_make(out);
		if (ret < 0)
			base_error_set(error, ret, "out of memory");
	}
	pairs_wipe(&secrets);
	base_arena_fini(&scratch);
	if (ret < 0)
		outfit_environment_fini(out);
	return ret;
}

void outfit_environment_fini(struct outfit_environment *e)
{
	if (e->arena.block_size == 0)
		return;
	pairs_wipe(&e->variables);
	for (size_t i = 0; e->strings != NULL && e->strings[i] != NULL; i++)
		base_secret_wipe((char *)e->strings[i], strlen(e->strings[i]));
	base_arena_fini(&e->arena);
	*e = (struct outfit_environment){0};
}
