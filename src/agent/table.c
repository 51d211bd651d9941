/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/table.h"

#include <errno.h>
#include <string.h>

#include "base/grow.h"

/* Returns the index of the first instance whose name is not less than `name`. */
static size_t index_of(const struct agent *a, const uint8_t *name)
{
	size_t first = 0, n = a->ninstances;

	while (n > 0) {
		size_t half = n / 2;

		if (dns_name_compare(a->instances[first + half]->name, name) < 0) {
			first += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return first;
}

struct agent_instance *agent_table_find(const struct agent *a, const uint8_t *name)
{
	size_t at = index_of(a, name);

	return at < a->ninstances && dns_name_equal(a->instances[at]->name, name) ? a->instances[at]
										  : NULL;
}

int agent_table_add(struct agent *a, struct agent_instance *i)
{
	size_t at = index_of(a, i->name);
	struct agent_instance **grown =
		base_grow((void *)a->instances, a->ninstances, &a->capacity, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	a->instances = grown;
	memmove((void *)(grown + at + 1), (void *)(grown + at),
		(a->ninstances - at) * sizeof(*grown));
	grown[at] = i;
	a->ninstances++;
	return 0;
}

void agent_table_remove(struct agent *a, const struct agent_instance *i)
{
	size_t at = index_of(a, i->name);

	a->ninstances--;
	memmove((void *)(a->instances + at), (void *)(a->instances + at + 1),
		(a->ninstances - at) * sizeof(*a->instances));
}
