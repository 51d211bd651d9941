/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/queue.h"

#include <errno.h>
#include <stdlib.h>

#include "base/grow.h"
#include "registry/request.h"

enum { IDLE_MAX = 4096 }; /* sources remembered without requests */

/* ---- sources ---- */

static struct registry_queue_source **bucket_of(struct registry_queue *q, uint64_t hash)
{
	return &q->bucket[hash % REGISTRY_QUEUE_BUCKETS];
}

/* Returns the source, or NULL if the queue does not know it. */
static struct registry_queue_source *source_find(const struct registry_queue *q, uint64_t hash)
{
	struct registry_queue_source *s = q->bucket[hash % REGISTRY_QUEUE_BUCKETS];

	while (s != NULL && s->hash != hash)
		s = s->next;
	return s;
}

static void idle_add(struct registry_queue *q, struct registry_queue_source *s)
{
	TAILQ_INSERT_TAIL(&q->idle, s, by_idle);
	q->nidle++;
}

static void idle_remove(struct registry_queue *q, struct registry_queue_source *s)
{
	TAILQ_REMOVE(&q->idle, s, by_idle);
	q->nidle--;
}

/* Forgets the source that has been idle longest. */
static void idle_forget(struct registry_queue *q)
{
	struct registry_queue_source *s = TAILQ_FIRST(&q->idle), **link = bucket_of(q, s->hash);

	while (*link != s)
		link = &(*link)->next;
	*link = s->next;
	idle_remove(q, s);
	free(s);
}

/* Makes an idle source. Returns NULL if memory is short. */
static struct registry_queue_source *source_new(struct registry_queue *q, uint64_t hash)
{
	struct registry_queue_source *s, **bucket = bucket_of(q, hash);

	if (q->nidle >= IDLE_MAX)
		idle_forget(q);
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->hash = hash;
	s->next = *bucket;
	*bucket = s;
	idle_add(q, s);
	return s;
}

/* ---- the heap ---- */

static void heap_set(struct registry_queue *q, size_t index, struct registry_queue_source *s)
{
	q->heap[index] = s;
	s->heap_index = index;
}

static void heap_up(struct registry_queue *q, size_t index, struct registry_queue_source *s)
{
	for (; index > 0 && q->heap[(index - 1) / 2]->cost > s->cost; index = (index - 1) / 2)
		heap_set(q, index, q->heap[(index - 1) / 2]);
	heap_set(q, index, s);
}

static void heap_down(struct registry_queue *q, size_t index, struct registry_queue_source *s)
{
	for (size_t child; (child = index * 2 + 1) < q->nheap; index = child) {
		if (child + 1 < q->nheap && q->heap[child + 1]->cost < q->heap[child]->cost)
			child++;
		if (q->heap[child]->cost >= s->cost)
			break;
		heap_set(q, index, q->heap[child]);
	}
	heap_set(q, index, s);
}

/* Reserves the slot of one more source, apart from the one of the common source. Returns false if
 * memory is short. */
static bool heap_reserve(struct registry_queue *q)
{
	struct registry_queue_source **heap = base_grow(q->heap, q->nheap + 1, &q->heap_capacity,
							sizeof(struct registry_queue_source *));

	if (heap != NULL)
		q->heap = heap;
	return heap != NULL;
}

/* The first source of the heap has no more requests. */
static void heap_remove_first(struct registry_queue *q)
{
	struct registry_queue_source *last = q->heap[--q->nheap];

	if (q->nheap > 0)
		heap_down(q, 0, last);
}

/* ---- requests ---- */

/* Returns the source that a request is added to: its own, or the common one if memory is short. A
 * source that was idle has saved up nothing: it begins at the queue's time. */
static struct registry_queue_source *source_get(struct registry_queue *q, uint64_t hash)
{
	struct registry_queue_source *s = source_find(q, hash);

	if (s == NULL)
		s = source_new(q, hash);
	if (s == NULL || (s->oldest == NULL && !heap_reserve(q)))
		s = q->common;
	if (s->oldest != NULL)
		return s;
	if (s->cost < q->cost)
		s->cost = q->cost;
	if (s != q->common)
		idle_remove(q, s);
	heap_up(q, q->nheap++, s);
	return s;
}

static struct registry_request *next_of(const struct registry_request *request)
{
	return (struct registry_request *)request->link.next;
}

void registry_queue_put(struct registry_queue *q, struct registry_request *request)
{
	struct registry_queue_source *s = source_get(q, request->source);

	request->link.next = NULL;
	if (s->oldest == NULL)
		s->oldest = request;
	else
		s->newest->link.next = &request->link;
	s->newest = request;
}

void registry_queue_put_back(struct registry_queue *q, struct registry_request *request)
{
	struct registry_queue_source *s = source_get(q, request->source);

	request->link.next = s->oldest == NULL ? NULL : &s->oldest->link;
	if (s->oldest == NULL)
		s->newest = request;
	s->oldest = request;
}

struct registry_request *registry_queue_next(const struct registry_queue *q)
{
	return q->nheap == 0 ? NULL : q->heap[0]->oldest;
}

uint64_t registry_queue_expected(const struct registry_queue *q)
{
	return q->nheap == 0 ? 0 : q->heap[0]->recent_cost;
}

struct registry_request *registry_queue_take(struct registry_queue *q)
{
	struct registry_queue_source *s;
	struct registry_request *request;

	if (q->nheap == 0)
		return NULL;
	s = q->heap[0];
	q->cost = s->cost;
	request = s->oldest;
	s->oldest = next_of(request);
	if (s->oldest == NULL) {
		heap_remove_first(q);
		if (s != q->common)
			idle_add(q, s);
	}
	return request;
}

void registry_queue_charge(struct registry_queue *q, uint64_t source, uint64_t cost)
{
	struct registry_queue_source *s = source_find(q, source);

	if (s == NULL)
		s = q->common;
	s->cost += cost;
	s->recent_cost = cost;
	if (s->oldest != NULL)
		heap_down(q, s->heap_index, s);
}

void registry_queue_isolate(struct registry_queue *q, uint64_t source, uint64_t until_ms)
{
	struct registry_queue_source *s = source_find(q, source);

	if (s != NULL)
		s->alone_until_ms = until_ms;
}

bool registry_queue_is_alone(const struct registry_queue *q, uint64_t source, uint64_t now_ms)
{
	const struct registry_queue_source *s = source_find(q, source);

	return s != NULL && now_ms < s->alone_until_ms;
}

const struct registry_request *registry_queue_oldest(const struct registry_queue *q,
						     uint64_t source)
{
	const struct registry_queue_source *s = source_find(q, source);

	return s == NULL ? NULL : s->oldest;
}

/* ---- begin and end ---- */

int registry_queue_init(struct registry_queue *q)
{
	*q = (struct registry_queue){.nheap = 0};
	TAILQ_INIT(&q->idle);
	q->common = calloc(1, sizeof(*q->common));
	if (q->common == NULL)
		return -ENOMEM;
	if (!heap_reserve(q)) {
		free(q->common);
		return -ENOMEM;
	}
	return 0;
}

void registry_queue_fini(struct registry_queue *q)
{
	while (q->nidle > 0)
		idle_forget(q);
	free(q->common);
	free(q->heap);
}
