/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/queue.h - a queue from many threads to one.
 *
 * Putting an item in never waits and allocates nothing: the link is a member of the item. The taker
 * takes all items at once, in the order in which they were put in. It does not know what the items
 * are, and wakes nobody. Any thread puts; one thread takes. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* The member of an item that links it; the queue's from put to take, the taker's afterwards. */
struct base_queue_link {
	struct base_queue_link *next; /* after base_queue_take: the item put in next */
};

struct base_queue {
	_Atomic(struct base_queue_link *) newest; /* any thread, atomic */
};

/* Makes an empty queue, before other threads see it. A queue owns nothing and needs no end. */
static inline void base_queue_init(struct base_queue *q)
{
	atomic_init(&q->newest, NULL);
}

/* Puts one item in; the item belongs to the taker from then on. Returns true if the queue was
 * empty: the taker may be asleep, and the caller must wake it. What the thread wrote before is
 * visible to the taker. */
static inline bool base_queue_put(struct base_queue *q, struct base_queue_link *link)
{
	struct base_queue_link *newest = atomic_load_explicit(&q->newest, memory_order_relaxed);

	do
		link->next = newest;
	while (!atomic_compare_exchange_weak_explicit(&q->newest, &newest, link,
						      memory_order_acq_rel, memory_order_relaxed));
	return newest == NULL;
}

/* Returns whether nothing is in the queue at this moment. */
static inline bool base_queue_is_empty(const struct base_queue *q)
{
	return atomic_load_explicit(&q->newest, memory_order_acquire) == NULL;
}

/* Takes all items out. Returns the oldest, linked to the newer ones, or NULL if the queue is empty.
 */
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
