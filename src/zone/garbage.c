/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* How memory of old versions is freed:
 *
 * 1. Publishing version v retires pieces of v-1 and older: branches, nodes, the snapshot. They are
 *    added as garbage to the end of the zone's list, and a grace period begins for them
 *    (base/rcu.h).
 * 2. Between drafts the writer frees garbage whose grace period is over, except pieces that a
 *    pinned snapshot uses: those that came with its version or an older one, and were retired after
 *    it. They remain in the list. So a long transfer costs the memory of what changed in the
 *    version it sends, not of all changes meanwhile. */

#include "zone/garbage.h"

#include <stdlib.h>

#include "base/rcu.h"
#include "zone/zone_priv.h"

struct zone_garbage {
	struct zone_garbage *newer;
	uint64_t version;
	uint64_t grace; /* period after which only pinned snapshots are left to readers */
	struct zone_trie_retired *retired;
	size_t nretired;
	struct zone_snapshot *snapshot;
	struct zone_index *index;
	struct zone_stamps *stamps;
};

/* Returns whether a pinned snapshot uses a piece that came with version `born` and was retired by
 * `retired`. Under the lock. */
static bool is_pinned(const struct zone *z, uint64_t born, uint64_t retired)
{
	for (const struct zone_snapshot *s = z->pinned; s != NULL; s = s->next_pinned)
		if (s->version >= born && s->version < retired)
			return true;
	return false;
}

static void retired_free(struct zone *z, const struct zone_trie_retired *r)
{
	if (r->kind == ZONE_TRIE_NODE)
		zone_node_free(&z->slab, r->piece);
	else
		base_slab_free(&z->slab, r->piece, r->nbytes);
}

/* Frees the pieces of one version's garbage that no pinned snapshot uses. Returns true if none is
 * left. Under the lock. */
static bool garbage_sweep(struct zone *z, struct zone_garbage *g)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->nretired; i++) {
		if (z->pinned != NULL && is_pinned(z, g->retired[i].born, g->version))
			g->retired[kept++] = g->retired[i];
		else
			retired_free(z, &g->retired[i]);
	}
	g->nretired = kept;
	if (g->snapshot != NULL && g->snapshot->npins == 0) {
		free(g->snapshot);
		g->snapshot = NULL;
	}
	return kept == 0 && g->snapshot == NULL;
}

struct zone_garbage *zone_garbage_new(void)
{
	return calloc(1, sizeof(struct zone_garbage));
}

void zone_garbage_free(struct zone_garbage *g)
{
	if (g == NULL)
		return;
	free(g->retired);
	free(g->snapshot);
	zone_index_free(g->index);
	free(g->stamps);
	free(g);
}

void zone_garbage_reclaim(struct zone *z)
{
	struct zone_garbage **at = &z->oldest, *last = NULL;
	uint64_t done;

	if (z->oldest == NULL)
		return;
	done = base_rcu_done();
	if (z->oldest->grace > done)
		return;
	pthread_mutex_lock(&z->lock);
	while (*at != NULL && (*at)->grace <= done) {
		struct zone_garbage *g = *at;

		if (garbage_sweep(z, g)) {
			*at = g->newer;
			zone_garbage_free(g);
			continue;
		}
		last = g;
		at = &g->newer;
	}
	if (*at == NULL)
		z->newest = last;
	pthread_mutex_unlock(&z->lock);
}

void zone_garbage_hand(struct zone *z, struct zone_garbage *g, uint64_t version,
		       struct zone_trie_retired *retired, size_t nretired,
		       struct zone_snapshot *snapshot, struct zone_index *index,
		       struct zone_stamps *stamps)
{
	g->version = version;
	g->grace = base_rcu_begin();
	g->retired = retired;
	g->nretired = nretired;
	g->snapshot = snapshot;
	g->index = index;
	g->stamps = stamps;
	if (z->newest != NULL)
		z->newest->newer = g;
	else
		z->oldest = g;
	z->newest = g;
}
