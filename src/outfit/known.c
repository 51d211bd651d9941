/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/known.h"

#include <errno.h>
#include <string.h>

enum { ARENA_BYTES = 128 };

static const char *text_copy(struct base_arena *arena, const char *text, bool *is_short)
{
	const char *copy = base_arena_copy(arena, text, strlen(text) + 1);

	*is_short = *is_short || copy == NULL;
	return copy;
}

int outfit_known_set(struct outfit_known *known, const struct outfit_facts *facts)
{
	struct outfit_known new = {.facts = *facts};
	struct spec_pair *uses;
	bool is_short = false;

	base_arena_init(&new.arena, ARENA_BYTES);
	new.facts.id = text_copy(&new.arena, facts->id, &is_short);
	new.facts.label = text_copy(&new.arena, facts->label, &is_short);
	if (facts->fence_node != NULL)
		new.facts.fence_node = text_copy(&new.arena, facts->fence_node, &is_short);
	if (new.facts.naddresses > OUTFIT_ADDRESSES_MAX)
		new.facts.naddresses = OUTFIT_ADDRESSES_MAX;
	new.facts.addresses = NULL;
	if (new.facts.naddresses > 0) {
		new.facts.addresses =
			base_arena_copy(&new.arena, facts->addresses,
					new.facts.naddresses * sizeof(*facts->addresses));
		is_short = is_short || new.facts.addresses == NULL;
	}
	uses = base_arena_alloc(&new.arena, (facts->nuses + 1) * sizeof(*uses));
	is_short = is_short || uses == NULL;
	for (size_t i = 0; i < facts->nuses && !is_short; i++) {
		uses[i].name = text_copy(&new.arena, facts->uses[i].name, &is_short);
		uses[i].value = text_copy(&new.arena, facts->uses[i].value, &is_short);
	}
	new.facts.uses = uses;
	if (is_short) {
		base_arena_fini(&new.arena);
		return -ENOMEM;
	}
	outfit_known_fini(known);
	*known = new;
	return 0;
}

void outfit_known_fini(struct outfit_known *known)
{
	if (known->arena.block_size != 0)
		base_arena_fini(&known->arena);
	*known = (struct outfit_known){0};
}
