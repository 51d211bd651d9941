/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Time is a counter, the era. Beginning a grace period begins an era. A reader records the era
 * which it saw when it was last quiescent: it cannot have found since what was unlinked before that
 * era began. So all grace periods up to the oldest era recorded by a reader online are over. */
#include "base/rcu.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

struct reader {
	_Alignas(64) _Atomic uint64_t seen; /* the era at the last quiescent state; 0: offline */
	_Atomic bool is_taken;
};

struct deferred {
	struct deferred *newer;
	uint64_t grace;
	void *piece;
};

static struct reader readers[BASE_RCU_THREADS];
static _Atomic unsigned nreaders; /* slots that were ever taken */
static _Atomic uint64_t era = 1;

static _Thread_local struct reader *me;
static _Thread_local struct deferred *oldest, *newest;

/* A full fence. A reader passes it between going online and reading published pointers, a writer
 * between publishing and looking for readers. So either the writer sees the reader online, or the
 * reader sees the newly published pointer. */
static void fence(void)
{
#ifdef __SANITIZE_THREAD__
	/* ThreadSanitizer does not understand fences, but it understands this. */
	static _Atomic int both;

	atomic_fetch_add(&both, 1);
#else
	atomic_thread_fence(memory_order_seq_cst);
#endif
}

static void free_deferred(void)
{
	uint64_t done = base_rcu_done();

	while (oldest != NULL && oldest->grace <= done) {
		struct deferred *d = oldest;

		oldest = d->newer;
		free(d->piece);
		free(d);
	}
}

void base_rcu_register(void)
{
	unsigned i = 0;
	unsigned n;

	assert(me == NULL);
	while (i < BASE_RCU_THREADS && atomic_exchange(&readers[i].is_taken, true))
		i++;
	if (i == BASE_RCU_THREADS)
		abort();
	n = atomic_load(&nreaders);
	while (n <= i && !atomic_compare_exchange_weak(&nreaders, &n, i + 1))
		;
	me = &readers[i];
	base_rcu_online();
}

void base_rcu_unregister(void)
{
	base_rcu_offline();
	if (oldest != NULL) {
		base_rcu_wait();
		free_deferred();
	}
	atomic_store(&me->is_taken, false);
	me = NULL;
}

void base_rcu_online(void)
{
	atomic_store_explicit(&me->seen, atomic_load_explicit(&era, memory_order_acquire),
			      memory_order_relaxed);
	fence();
}

void base_rcu_offline(void)
{
	atomic_store_explicit(&me->seen, 0, memory_order_release);
	if (oldest != NULL)
		free_deferred();
}

void base_rcu_quiescent(void)
{
	uint64_t now = atomic_load_explicit(&era, memory_order_acquire);

	if (now != atomic_load_explicit(&me->seen, memory_order_relaxed))
		atomic_store_explicit(&me->seen, now, memory_order_release);
	if (oldest != NULL)
		free_deferred();
}

uint64_t base_rcu_begin(void)
{
	uint64_t begun = atomic_fetch_add(&era, 1) + 1;

	fence();
	return begun;
}

uint64_t base_rcu_done(void)
{
	uint64_t done = atomic_load_explicit(&era, memory_order_acquire);
	unsigned n = atomic_load(&nreaders);

	for (unsigned i = 0; i < n; i++) {
		uint64_t seen = atomic_load_explicit(&readers[i].seen, memory_order_acquire);

		if (seen != 0 && seen < done)
			done = seen;
	}
	return done;
}

void base_rcu_wait(void)
{
	const struct timespec pause = {.tv_nsec = 200000};
	bool was_online = me != NULL && atomic_load_explicit(&me->seen, memory_order_relaxed) != 0;
	uint64_t grace;

	if (was_online)
		base_rcu_offline();
	grace = base_rcu_begin();
	while (base_rcu_done() < grace)
		nanosleep(&pause, NULL);
	if (was_online)
		base_rcu_online();
}

void base_rcu_defer(void *piece)
{
	struct deferred *d = malloc(sizeof(*d));

	/* Without memory to remember the piece it is leaked: better than freeing it under a reader.
	 */
	if (d == NULL)
		return;
	d->newer = NULL;
	d->piece = piece;
	d->grace = base_rcu_begin();
	if (oldest == NULL)
		oldest = d;
	else
		newest->newer = d;
	newest = d;
}
