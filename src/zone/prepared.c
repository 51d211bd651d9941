/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/prepared.h"

#include <stdlib.h>
#include <string.h>

#include "base/rcu.h"
#include "zone/stamps.h"

/* ---- the bound of long answers ---- */

/* Octets of all long answers; any thread. Only TCP has them, and they are made once for many
 * queries, so that one counter for all zones is not in anybody's way. */
static _Atomic size_t long_nbytes;

static size_t nbytes_of(const struct zone_prepared *p)
{
	return sizeof(*p) + p->ndepends * sizeof(p->depends[0]) +
	       p->nparts * sizeof(struct zone_prepared_part) + p->nbytes;
}

static void uncount(const struct zone_prepared *p)
{
	if (p->nbytes > ZONE_PREPARED_LONG)
		atomic_fetch_sub_explicit(&long_nbytes, nbytes_of(p), memory_order_relaxed);
}

/* Counts an answer, if it is long. Returns false, with nothing counted, at the bound. */
static bool count(const struct zone_prepared *p)
{
	size_t nbytes = nbytes_of(p);

	if (p->nbytes <= ZONE_PREPARED_LONG)
		return true;
	if (atomic_fetch_add_explicit(&long_nbytes, nbytes, memory_order_relaxed) + nbytes <=
	    ZONE_PREPARED_LONG_ALL)
		return true;
	uncount(p);
	return false;
}

size_t zone_prepared_long_nbytes(void)
{
	return atomic_load_explicit(&long_nbytes, memory_order_relaxed);
}

/* ---- reading ---- */

/* Finds the last part that has at most `room` octets; the first one does. */
static unsigned last_within(const struct zone_prepared_part *parts, unsigned nparts, size_t room)
{
	unsigned low = 0, high = nparts;

	while (high - low > 1) {
		unsigned middle = (low + high) / 2;

		if (parts[middle].nbytes <= room)
			low = middle;
		else
			high = middle;
	}
	return low;
}

bool zone_prepared_fit(const struct zone_prepared *p, size_t room, struct zone_prepared_part *part)
{
	const struct zone_prepared_part *parts = zone_prepared_parts(p);
	unsigned i;

	if (room > p->room && p->room < UINT16_MAX)
		return false;
	if (room >= p->nbytes) {
		*part = (struct zone_prepared_part){p->nbytes, p->arcount, p->ndepends};
		return true;
	}
	if (p->nparts == 0)
		return false;
	if (room < parts[0].nbytes) {
		*part = (struct zone_prepared_part){0};
		return true;
	}
	i = last_within(parts, p->nparts, room);
	if (i + 1u == p->nparts) /* the ends of the sets after it are not known */
		return false;
	*part = parts[i];
	/* Had the next set been shorter, it would be in the answer too. */
	part->ndepends = parts[i + 1].ndepends;
	return true;
}

bool zone_prepared_is_valid(const struct zone_prepared *p, unsigned ndepends,
			    const struct zone_stamps *stamps)
{
	for (unsigned i = 0; i < ndepends; i++)
		if (zone_stamps_get(stamps, p->depends[i]) > p->version)
			return false;
	return true;
}

/* ---- making ---- */

struct zone_prepared *zone_prepared_new(const struct zone_prepared *plan, const uint32_t *depends,
					const struct zone_prepared_part *parts, const uint8_t *body)
{
	struct zone_prepared *p;

	if (!count(plan))
		return NULL;
	p = malloc(nbytes_of(plan));
	if (p == NULL) {
		uncount(plan);
		return NULL;
	}
	*p = *plan;
	/* What there is none of may be NULL. */
	if (p->ndepends > 0)
		memcpy(p->depends, depends, p->ndepends * sizeof(*depends));
	if (p->nparts > 0)
		memcpy((void *)zone_prepared_parts(p), parts, p->nparts * sizeof(*parts));
	memcpy((void *)zone_prepared_body(p), body, p->nbytes);
	return p;
}

void zone_prepared_cache_add(zone_prepared_slot *slot, struct zone_prepared *before,
			     struct zone_prepared *p)
{
	struct zone_prepared *expected = before;

	if (!atomic_compare_exchange_strong_explicit(slot, &expected, p, memory_order_acq_rel,
						     memory_order_relaxed)) {
		zone_prepared_free(p); /* another thread was faster */
	} else if (before != NULL) {
		uncount(before);
		base_rcu_defer(before);
	}
}

void zone_prepared_free(struct zone_prepared *p)
{
	if (p != NULL)
		uncount(p);
	free(p);
}
