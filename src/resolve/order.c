/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "resolve/order.h"

#include <stdlib.h>

#include "base/secret.h"

uint32_t resolve_order_random(void *arg, uint32_t n)
{
	uint32_t least = -n % n, random;

	(void)arg;
	/* Numbers below 2^32 mod n would make the first results likelier. */
	do
		base_secret_random(&random, sizeof(random));
	while (random < least);
	return random % n;
}

static void swap(struct resolve_order_srv *a, struct resolve_order_srv *b)
{
	struct resolve_order_srv was = *a;

	*a = *b;
	*b = was;
}

/* By priority; those of weight 0 first, as RFC 2782 has it, so that they are drawn rarely. */
static int srv_compare(const void *left, const void *right)
{
	const struct resolve_order_srv *a = left, *b = right;

	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return (a->weight > 0) - (b->weight > 0);
}

/* Draws the order of `n` of one priority: the first one whose running sum of weights is at least a
 * random number from 0 to the sum of all is next, and so on with the rest. */
static void weights_draw(struct resolve_order_srv *srv, size_t n, resolve_order_random_fn random,
			 void *arg)
{
	for (size_t first = 0; first + 1 < n; first++) {
		uint32_t sum = 0, running = 0, drawn;
		size_t at = first;

		for (size_t i = first; i < n; i++)
			sum += srv[i].weight;
		drawn = random(arg, sum + 1);
		while ((running += srv[at].weight) < drawn)
			at++;
		/* The others keep their order: those of weight 0 remain first. */
		for (; at > first; at--)
			swap(&srv[at], &srv[at - 1]);
	}
}

void resolve_order_sort(struct resolve_order_srv *srv, size_t n, resolve_order_random_fn random,
			void *arg)
{
	qsort(srv, n, sizeof(*srv), srv_compare);
	for (size_t first = 0, end; first < n; first = end) {
		for (end = first + 1; end < n && srv[end].priority == srv[first].priority; end++)
			;
		weights_draw(srv + first, end - first, random, arg);
	}
}
