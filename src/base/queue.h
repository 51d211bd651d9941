/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/queue.h - many threads hand things to one.
 *
 * Putting in never waits. The taker takes all at once, in the order in which they were put in. The
 * links are inside of what is handed over. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct base_queue_link {
	struct base_queue_link *next;
};

struct base_queue {
	_Atomic(struct base_queue_link *) newest; /* any thread, atomic */
};

static inline void base_queue_init(struct base_queue *q)
{
	atomic_init(&q->newest, NULL);
}

/* Puts one thing in. Returns true if the queue was empty: then the taker may be asleep and must be
 * woken. */
static inline bool base_queue_put(struct base_queue *q, struct base_queue_link *link)
{
	struct base_queue_link *newest = atomic_load_explicit(&q->newest, memory_order_relaxed);

	do
		link->next = newest;
	while (!atomic_compare_exchange_weak_explicit(&q->newest, &newest, link,
						      memory_order_acq_rel, memory_order_relaxed));
	return newest == NULL;
}

static inline bool base_queue_is_empty(const struct base_queue *q)
{
	return atomic_load_explicit(&q->newest, memory_order_acquire) == NULL;
}

/* Takes everything: the oldest, linked to the newer ones; NULL if there is nothing. */
static inline struct base_queue_link *base_queue_take(struct base_queue *q)
{
	struct base_queue_link *link = atomic_exchange_explicit(&q->newest, NULL,
								memory_order_acq_rel),
			       *oldest = NULL;

	while (link != NULL) {
		struct base_queue_link *older = link->next;

		link->next = oldest;
		oldest = link;
		link = older;
	}
	return oldest;
}
