/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/budget.h - the work that one request may cause, in looks: one look is one record, RRset,
 * lease or name that is visited.
 *
 * A walk whose length a peer can choose takes its looks before it takes its steps. A budget does
 * not know what is looked at, and measures no time: the same request costs the same on any
 * machine. Any thread, one at a time for each budget. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct base_budget {
	uint64_t nlooks; /* left */
};

/* Takes `n` looks. Returns false if fewer are left; none is left then. */
static inline bool base_budget_take(struct base_budget *b, uint64_t n)
{
	bool is_enough = n <= b->nlooks;

	b->nlooks = is_enough ? b->nlooks - n : 0;
	return is_enough;
}

/* Returns whether no look is left. */
static inline bool base_budget_is_spent(const struct base_budget *b)
{
	return b->nlooks == 0;
}
