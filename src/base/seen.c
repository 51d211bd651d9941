/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/seen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 64, SLOTS_KEPT = 256 };

/* Returns the slot of a hash, or the free one where it belongs. */
static uint64_t *find(const struct base_seen *s, uint64_t hash)
{
	size_t i = hash & s->mask;

	while (s->slot[i] != 0 && s->slot[i] != hash)
		i = (i + 1) & s->mask;
	return &s->slot[i];
}

bool base_seen_has(const struct base_seen *s, uint64_t hash)
{
	return s->count > 0 && *find(s, hash | 1) != 0;
}

static int grow(struct base_seen *s)
{
	struct base_seen more = {.mask = s->slot == NULL ? SLOTS_FIRST - 1 : s->mask * 2 + 1,
				 .count = s->count};

	more.slot = calloc(more.mask + 1, sizeof(*more.slot));
	if (more.slot == NULL)
		return -ENOMEM;
	for (size_t i = 0; s->slot != NULL && i <= s->mask; i++)
		if (s->slot[i] != 0)
			*find(&more, s->slot[i]) = s->slot[i];
	free(s->slot);
	*s = more;
	return 0;
}

int base_seen_add(struct base_seen *s, uint64_t hash)
{
	uint64_t *slot;

	if ((s->slot == NULL || s->count > s->mask / 2) && grow(s) < 0)
		return -ENOMEM;
	slot = find(s, hash | 1);
	if (*slot != 0)
		return 0;
	*slot = hash | 1;
	s->count++;
	return 1;
}

void base_seen_clear(struct base_seen *s)
{
	if (s->mask >= SLOTS_KEPT) {
		free(s->slot);
		*s = (struct base_seen){0};
	} else if (s->count > 0) {
		memset(s->slot, 0, (s->mask + 1) * sizeof(*s->slot));
		s->count = 0;
	}
}
