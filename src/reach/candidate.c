/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "reach/candidate.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { AVOID_MAX = 64 }; /* instances that are looked at */

enum rank { GOOD, NOT_UP, BAD, RANKS };

static unsigned addresses_of(const struct find_instance *i)
{
	return i->naddresses < REACH_ADDRESSES_MAX ? (unsigned)i->naddresses : REACH_ADDRESSES_MAX;
}

int reach_candidates_init(struct reach_candidates *c, struct find_instance *const *all, size_t n)
{
	size_t naddresses = 0;

	for (size_t k = 0; k < n; k++)
		naddresses += addresses_of(all[k]);
	*c = (struct reach_candidates){.given = calloc(n + 1, sizeof(struct find_instance *)),
				       .all = calloc(n + 1, sizeof(*c->all)),
				       .orders = calloc(naddresses + 1, 1)};
	if (c->given == NULL || c->all == NULL || c->orders == NULL) {
		reach_candidates_fini(c);
		return -ENOMEM;
	}
	for (; c->n < n; c->n++)
		c->given[c->n] = find_instance_acquire(all[c->n]);
	return 0;
}

void reach_candidates_fini(struct reach_candidates *c)
{
	for (size_t k = 0; k < c->n; k++)
		find_instance_release(c->given[k]);
	free(c->given);
	free(c->all);
	free(c->orders);
	*c = (struct reach_candidates){0};
}

static enum rank rank_of(const struct find_instance *i, const struct reach_memory *memory,
			 uint64_t now_ms)
{
	if (reach_memory_is_bad(memory, i, now_ms))
		return BAD;
	return i->state == DNSSD_UP ? GOOD : NOT_UP;
}

void reach_candidates_rank(struct reach_candidates *c, const struct reach_memory *memory,
			   uint64_t now_ms)
{
	uint8_t *order = c->orders;
	size_t at = 0;

	for (enum rank rank = GOOD; rank < RANKS; rank++)
		for (size_t k = 0; k < c->n; k++) {
			const struct find_instance *i = c->given[k];

			if (rank_of(i, memory, now_ms) != rank)
				continue;
			c->all[at++] = (struct reach_candidate){
				.i = i, .order = order, .naddresses = addresses_of(i)};
			order += addresses_of(i);
		}
	assert(at == c->n);
}

const struct reach_candidate *reach_candidates_first(const struct reach_candidates *c)
{
	return c->nbegun < c->n ? &c->all[c->nbegun] : NULL;
}

void reach_candidates_avoid(struct reach_candidates *c, const struct reach_candidate *silent)
{
	struct reach_candidate *first = c->all + c->nbegun, found;
	size_t left = c->n - c->nbegun, most = left < AVOID_MAX ? left : AVOID_MAX, k = 0;

	while (k < most && first[k].i->priority == first->i->priority &&
	       dns_name_equal(first[k].i->target, silent->i->target))
		k++;
	if (k == 0 || k == most || first[k].i->priority != first->i->priority)
		return;
	found = first[k];
	for (; k > 0; k--)
		first[k] = first[k - 1];
	first[0] = found;
}

/* ---- addresses ---- */

/* Writes the indexes of the addresses with families in turn, that of the first one first. */
static void order_by_family(struct reach_candidate *c)
{
	const struct sockaddr_storage *a = c->i->addresses;
	unsigned at[2] = {0, 0}, n = 0; /* the next of each family: of the first one, others */

	for (unsigned family = 0; n < c->naddresses; family = !family) {
		unsigned *k = &at[family];

		while (*k < c->naddresses && (a[*k].ss_family == a[0].ss_family) != (family == 0))
			(*k)++;
		if (*k < c->naddresses)
			c->order[n++] = (uint8_t)(*k)++;
	}
}

struct reach_candidate *reach_candidates_begin(struct reach_candidates *c,
					       const struct reach_memory *memory, uint64_t now_ms)
{
	struct reach_candidate *begun = &c->all[c->nbegun++];
	uint64_t until[REACH_ADDRESSES_MAX];

	order_by_family(begun);
	for (unsigned k = 0; k < begun->naddresses; k++)
		until[k] = reach_memory_address_bad_until(
			memory, begun->i, (const struct sockaddr *)&begun->i->addresses[k], now_ms);
	/* By when their failure ends, by insertion, which does not disturb those without one. */
	for (unsigned k = 1; k < begun->naddresses; k++) {
		uint8_t index = begun->order[k];
		unsigned to = k;

		for (; to > 0 && until[begun->order[to - 1]] > until[index]; to--)
			begun->order[to] = begun->order[to - 1];
		begun->order[to] = index;
	}
	return begun;
}

const struct sockaddr *reach_candidate_address(const struct reach_candidate *c)
{
	return (const struct sockaddr *)&c->i->addresses[c->order[c->next]];
}
