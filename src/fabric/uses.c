/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/uses.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"

enum { SLOTS = 2 * FABRIC_USES_MAX }; /* a power of 2, so that half of them stay free */

struct fabric_uses {
	pthread_mutex_t lock;
	/* under `lock`; an entry of `all` does not change any more once it is counted */
	size_t count;
	struct fabric_use *all[FABRIC_USES_MAX];
	uint32_t slot[SLOTS]; /* index in `all` plus 1; 0: free */
};

struct fabric_uses *fabric_uses_new(void)
{
	/* Large enough for calloc to map pages, which cost nothing until they are used. */
	struct fabric_uses *u = calloc(1, sizeof(*u));

	if (u != NULL)
		pthread_mutex_init(&u->lock, NULL);
	return u;
}

void fabric_uses_free(struct fabric_uses *u)
{
	if (u == NULL)
		return;
	for (size_t i = 0; i < u->count; i++)
		free(u->all[i]);
	pthread_mutex_destroy(&u->lock);
	free(u);
}

static struct fabric_use *use_new(const uint8_t *name, uint32_t epoch, uint64_t now_s)
{
	struct fabric_use *use = calloc(1, sizeof(*use));

	if (use == NULL)
		return NULL;
	memcpy(use->name, name, dns_name_nbytes(name));
	use->epoch = epoch;
	use->since_s = now_s;
	atomic_init(&use->last_s, now_s);
	return use;
}

/* Under the lock. */
static struct fabric_use *get(struct fabric_uses *u, const uint8_t *name, uint32_t epoch,
			      uint64_t now_s)
{
	size_t slot = base_hash(name, dns_name_nbytes(name), epoch) % SLOTS;
	struct fabric_use *use;

	for (; u->slot[slot] != 0; slot = (slot + 1) % SLOTS) {
		use = u->all[u->slot[slot] - 1];
		if (use->epoch == epoch && dns_name_equal(use->name, name))
			return use;
	}
	if (u->count == FABRIC_USES_MAX)
		return NULL;
	use = use_new(name, epoch, now_s);
	if (use == NULL)
		return NULL;
	u->all[u->count++] = use;
	u->slot[slot] = (uint32_t)u->count;
	if (u->count == FABRIC_USES_MAX)
		base_log(BASE_LOG_WARNING, "key",
			 "uses-full count=%zu why=\"weft key uses lacks keys that sign for the "
			 "first "
			 "time from now on, until weftd is started again\"",
			 u->count);
	return use;
}

struct fabric_use *fabric_uses_get(struct fabric_uses *u, const uint8_t *name, uint32_t epoch,
				   uint64_t now_s)
{
	struct fabric_use *use;

	if (u == NULL)
		return NULL;
	pthread_mutex_lock(&u->lock);
	use = get(u, name, epoch, now_s);
	pthread_mutex_unlock(&u->lock);
	return use;
}

size_t fabric_uses_list(struct fabric_uses *u, struct fabric_use *const **all)
{
	size_t count;

	pthread_mutex_lock(&u->lock);
	count = u->count;
	pthread_mutex_unlock(&u->lock);
	*all = u->all;
	return count;
}
