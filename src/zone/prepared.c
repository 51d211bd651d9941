/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/prepared.h"

#include <stdlib.h>
#include <string.h>

#include "base/rcu.h"
#include "zone/stamps.h"

bool zone_prepared_is_valid(const struct zone_prepared *p, const struct zone_stamps *stamps)
{
	for (unsigned i = 0; i < p->ndepends; i++)
		if (zone_stamps_get(stamps, p->depends[i]) > p->version)
			return false;
	return true;
}

struct zone_prepared *zone_prepared_new(const struct zone_prepared *plan, const uint32_t *depends,
					const uint8_t *body)
{
	size_t ndepends = plan->ndepends * sizeof(*depends);
	struct zone_prepared *p = malloc(sizeof(*p) + ndepends + plan->nbytes);

	if (p == NULL)
		return NULL;
	*p = *plan;
	memcpy(p->depends, depends, ndepends);
	memcpy((uint8_t *)p->depends + ndepends, body, plan->nbytes);
	return p;
}

void zone_prepared_cache_add(zone_prepared_slot *slot, struct zone_prepared *before,
			     struct zone_prepared *p)
{
	struct zone_prepared *expected = before;

	if (!atomic_compare_exchange_strong_explicit(slot, &expected, p, memory_order_acq_rel,
						     memory_order_relaxed))
		zone_prepared_free(p); /* another thread was faster */
	else if (before != NULL)
		base_rcu_defer(before);
}

void zone_prepared_free(struct zone_prepared *p)
{
	free(p);
}
