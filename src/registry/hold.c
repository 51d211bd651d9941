/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/hold.h"

#include <assert.h>
#include <errno.h>

#include "zone/draft.h"

void registry_hold_init(struct registry_hold *h)
{
	*h = (struct registry_hold){.zone = NULL};
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->changed, NULL);
}

void registry_hold_fini(struct registry_hold *h)
{
	assert(h->zone == NULL && h->derived == NULL);
	pthread_cond_destroy(&h->changed);
	pthread_mutex_destroy(&h->lock);
}

int registry_hold_begin(struct registry_hold *h, struct zone *zone)
{
	if (h->zone != NULL)
		return -EBUSY;
	h->draft = zone_draft_new(zone);
	if (h->draft == NULL)
		return -ENOMEM;
	h->zone = zone;
	h->is_sealed = h->is_changed = false;
	atomic_store_explicit(&h->is_wanted_back, false, memory_order_relaxed);
	pthread_mutex_lock(&h->lock);
	h->is_busy = true;
	pthread_mutex_unlock(&h->lock);
	return 0;
}

int registry_hold_seal(struct registry_hold *h)
{
	int ret = zone_draft_seal(h->draft, &h->changes);

	if (ret < 0)
		return ret;
	h->is_sealed = true;
	h->is_changed = ret > 0;
	return 0;
}

void registry_hold_let_go(struct registry_hold *h)
{
	pthread_mutex_lock(&h->lock);
	h->is_busy = false;
	pthread_cond_signal(&h->changed);
	pthread_mutex_unlock(&h->lock);
}

static void wait_for_preparer(struct registry_hold *h)
{
	pthread_mutex_lock(&h->lock);
	while (h->is_busy)
		pthread_cond_wait(&h->changed, &h->lock);
	pthread_mutex_unlock(&h->lock);
}

struct zone_draft *registry_hold_take(struct registry_hold *h)
{
	if (h->zone == NULL)
		return NULL;
	wait_for_preparer(h);
	h->zone = NULL;
	h->nended++;
	return h->draft;
}

void registry_hold_take_back(struct registry_hold *h, const struct zone *zone)
{
	if (zone != h->zone)
		return;
	atomic_store_explicit(&h->is_wanted_back, true, memory_order_relaxed);
	zone_draft_abort(registry_hold_take(h));
}
